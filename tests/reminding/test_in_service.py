"""The daily round and webhooks inside a running service, and the command beside it."""

from datetime import datetime, timedelta
from pathlib import Path

from service.domain.values import SHANGHAI
from service.registry import REMINDERS
from tests.commands import mengfu, running
from tests.conftest import Database
from tests.delivering.receiver import receiving


async def test_a_start_reminds_once_and_tells_by_webhook(place: Path, database: Database) -> None:
    """What was recorded in the evening is told after the next start, signed; further starts and rounds add nothing."""
    home = place / "home"
    env = {"MENGFU_DATABASE_URL": database.service, "MENGFU_WEBHOOKS_PRIVATE": "true"}
    day = str(datetime.now(SHANGHAI).date() - timedelta(days=2))
    async with receiving() as receiver:
        async with running(home, MENGFU_REMIND_AT="off", **env) as service, service.client() as client:
            body = {"called": "某事", "terms": {"due": {"earliest": day, "latest": day}}}
            task = (await client.post("/api/tasks", json=body)).headers["location"]
            hook = await client.post("/api/webhooks", json={"url": receiver(), "types": ["task.reminded"]})
            assert hook.status_code == 201, hook.text
            ended = await service.end()
            assert (ended.code, ended.err) == (0, "")
        for _ in range(2):
            async with running(home, **env) as service, service.client() as client:
                (request,) = await receiver.until(1)
                again = await mengfu(place, "remind", "--home", str(home), **env)
                assert (again.code, again.err) == (0, ""), again.err
                assert again.out.endswith(": 0 reminded, 0 yielded\n")
                (reminder,) = (await client.get(task)).json()["reminders"]
                assert (reminder["level"], reminder["due"]) == ("overdue", day)
                ended = await service.end()
                assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err
    event = request.verified(hook.json()["secret"])
    assert (event["type"], event["subject"]) == ("task.reminded", task.removeprefix("/api/"))
    assert event["actor"] == f"accounts/{REMINDERS}"


async def test_what_the_command_says(place: Path, database: Database) -> None:
    """A day to come can be looked at, and not recorded; a wrong time is refused by its name."""
    home, env = place / "home", {"MENGFU_DATABASE_URL": database.service}
    ahead = await mengfu(place, "remind", "--home", str(home), "--on", "2999-01-01", **env)
    ahead.refused(2, "2999-01-01 is still to come", "--dry-run")
    looked = await mengfu(place, "remind", "--home", str(home), "--on", "2999-01-01", "--dry-run", **env)
    assert (looked.code, looked.out) == (0, "2999-01-01: 0 would be reminded, 0 would be yielded\n")
    wrong = await mengfu(place, "remind", MENGFU_REMIND_AT="8 o'clock", **env)
    wrong.refused(2, "MENGFU_REMIND_AT", "08:00, or off")
