"""Answers that are kept: good for one version of a thing and one day, whoever writes, and bounded together."""

from datetime import timedelta
from uuid import UUID

import pytest

from service.api import answers
from service.config import Settings
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.registry import SELF, Order, Registry
from tests.api.conftest import Client
from tests.conftest import Database


def kept(client: Client) -> answers.Kept:
    """What the service keeps."""
    found: answers.Kept = client.app.state.kept
    return found


async def test_the_same_answer_is_sent_again(client: Client) -> None:
    path = await client.agreement(clauses=[{"text": "x"}])
    first = await client.get(path)
    size = kept(client).size
    assert size >= len(first.content)
    again = await client.get(path)
    assert (again.content, dict(again.headers)) == (first.content, dict(first.headers))
    assert kept(client).size == size
    head = await client.head(path)
    assert (head.content, dict(head.headers)) == (b"", dict(first.headers))


async def test_a_write_of_another_process_reaches_the_next_read(client: Client, database: Database) -> None:
    path = await client.agreement()
    ref = Ref("agreements", UUID(path.rpartition("/")[2]))
    other = await Registry.open(Settings(), database.service)
    try:
        for number in range(1, 4):
            got = await client.get(path)
            assert (got.headers["etag"], len(got.json()["clauses"])) == (f'"{number}"', number - 1)
            assert (await client.get(path, headers={"if-none-match": f'"{number}"'})).status_code == 304
            order = Order(ref=ref, command=RecordClause(label=str(number), text="x"))
            await other.execute([order], actor=SELF)
            changed = await client.get(path, headers={"if-none-match": f'"{number}"'})
            assert (changed.status_code, changed.headers["etag"]) == (200, f'"{number + 1}"')
    finally:
        await other.close()


async def test_a_day_ends_an_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path, today = await client.agreement(), client.registry.today()
    tomorrow = today + timedelta(days=1)
    later = {"text": "x", "effective": {"earliest": str(tomorrow), "latest": str(tomorrow)}}
    await client.post(f"{path}/clauses", json=later)
    for _ in range(2):
        got = await client.get(path)
        assert (got.headers["etag"], got.json()["clauses"]) == (f'"2-{today}"', [])
    monkeypatch.setattr(Registry, "today", staticmethod(lambda: tomorrow))
    for _ in range(2):
        got = await client.get(path, headers={"if-none-match": f'"2-{today}"'})
        assert got.status_code == 200
        assert (got.json()["pending"], [one["text"] for one in got.json()["clauses"]]) == ([], ["x"])


async def test_what_is_asked_for_otherwise_has_its_own_answer(client: Client) -> None:
    path = await client.agreement(signatories=[{"party": await client.party("济南市")}])
    plain = await client.get(path)
    for query in ("expand=parties", "version=1", f"as_of={client.registry.today()}", "known_at=1"):
        await client.get(f"{path}?{query}")
        assert (await client.get(path)).content == plain.content
    assert "party_names" in (await client.get(f"{path}?expand=parties")).json()
    assert (await client.get(f"{path}?known_at=1")).status_code == 404


async def test_they_are_bounded_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 10_000)
    paths = [await client.agreement(clauses=[{"text": "x" * 3_000}]) for _ in range(6)]
    for path in [*paths, *reversed(paths)]:
        got = await client.get(path)
        assert got.json()["id"] == path.rpartition("/")[2]
        assert 0 < kept(client).size <= 10_000
    large = await client.agreement(clauses=[{"text": "x" * 9_000}, {"text": "y" * 2_000}])
    assert len((await client.get(large)).content) > 10_000
    assert kept(client).size == 0
