"""Sheets as offices really fill them in, and the ledger's own sheet whatever has become of what it names."""

from typing import Any

import pytest

from service.domain.task.sheet import Name
from service.sheets.reading import CSV, XLSX
from tests.api.conftest import Client
from tests.api.test_task_sheets import a_plan, numbers, sent, taken, wrong, xlsx


async def back(client: Client, plan: str, media: str = XLSX) -> Any:
    """What the ledger's own sheet of a plan comes to."""
    own = await client.get("/api/ledger", params={"plan": plan.rpartition("/")[2]}, headers={"accept": media})
    assert own.status_code == 200, own.text
    return await sent(client, plan, own.content, media)


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_tasks_without_a_number_go_back_by_their_ids(client: Client, media: str) -> None:
    """Most tasks of real plans have none: their ids stand in the place of a number, and are none."""
    plan, names = await a_plan(client)
    id = plan.rpartition("/")[2]
    unit = {"role": "lead", "party": names["市交通运输局"]}
    task = await client.new("tasks", title={"printed": "修路"}, bases=[{"on": f"plans/{id}"}], units=[unit])
    answer = await back(client, plan, media)
    assert (answer.status_code, numbers(answer.json())) == (200, (0, 0, 1, 0)), answer.text
    known = "tasks/" + task.rpartition("/")[2]
    head: tuple[Name, ...] = ("number", "title", "requirement", "item")
    found = await taken(client, plan, [(known, "修路", "四车道", "交通互联")], head=head)
    assert numbers(found) == (0, 1, 0, 0)
    told = (await client.get(task)).json()
    assert (told["terms"]["requirement"], [base.get("number") for base in told["bases"]]) == ("四车道", [None, None])
    other = await client.new("plans", title={"printed": "另一规划"})
    assert "本规划中没有任务" in wrong(await sent(client, other, xlsx([(known, "修路")], head)))["任务!A2"]


async def test_a_number_is_the_same_in_full_width(client: Client) -> None:
    """And with blanks in it: it makes no second task, neither in one sheet nor in the next."""
    plan, _ = await a_plan(client)
    await taken(client, plan, [("\uff11\uff12", "修路"), ("(三)", "造桥")], head=("number", "title"))
    listed = (await client.get("/api/ledger", params={"plan": plan.rpartition("/")[2]})).json()["items"]
    assert {one["number"] for one in listed} == {"12", "(三)"}
    again = await taken(client, plan, [("1 2", "修路"), ("\uff08三\uff09", "造桥")], head=("number", "title"))
    assert numbers(again) == (0, 0, 2, 0)
    twice = [("12", "修路"), ("\uff11\uff12", "修路"), (f"tasks/{again['tasks'][0]['id']}", "修路"), (None, "无号")]
    told = wrong(await sent(client, plan, xlsx(twice, ("number", "title"))))
    assert ("第 2 行" in told["任务!A3"], "没有任务编号" in told["任务!A5"]) == (True, True)
    told = wrong(await sent(client, plan, xlsx(twice[::2], ("number", "title"))))
    assert "第 2 行" in told["任务!A3"]
