"""Names that meet: one party by any of its names, in every list, filter and sheet; merging, succession, renaming."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from service.api.openapi import described
from service.app import create_app
from tests.api.conftest import Client
from tests.api.test_reading import day

ANYBODY = str(UUID(int=7))


@pytest.fixture
async def follows(client: Client) -> Client:
    """A client of a registry whose log is followed."""
    client.registry.follower.start()
    return client


async def post(client: Client, path: str, **body: Any) -> int:
    """Record something; answers its sequence."""
    answer = await client.post(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    return int(answer.json()["sequence"])


async def ids(client: Client, path: str, **query: Any) -> set[str]:
    """The ids of the items of a list, at the log's end."""
    answer = await client.get(path, params=query, headers={"mengfu-after": str(await client.registry.head())})
    assert answer.status_code == 200, answer.text
    return {item.get("id") or item["agreement"] for item in answer.json()["items"]}


async def jinan(client: Client) -> str:
    """A city with every sort of name."""
    city = await client.party("历下府")
    path = f"/api/parties/{city}"
    await post(client, f"{path}:rename", name={"printed": "济南市"}, effective=day("2000-01-01"))
    for words, sort in (("泉城", "short"), ("濟南府", "traditional"), ("济难市", "typo")):
        await post(client, f"{path}/aliases", alias={"printed": words}, sorts=[sort])
    await post(client, f"{path}/aliases", alias={"printed": "济北市", "restored": "济南市"}, sorts=["spun"])
    return city


WAYS = ("济南市", "濟南市", "济 南　市", "历下府", "歷下府", "泉城", "濟南府", "济南府", "济难市", "济北市")


@pytest.mark.parametrize("name", WAYS)
async def test_any_name_finds_the_party(follows: Client, name: str) -> None:
    client = follows
    city, other = await jinan(client), await client.party("聊城市")
    signed = (await client.agreement(signatories=[{"party": city}, {"party": other}])).rpartition("/")[2]
    await client.agreement(signatories=[{"party": other}])
    said = await client.new(
        "statements", kind="promise", text="修路", participants=[{"role": "speaker", "party": city}]
    )
    task = await client.new("tasks", called="修路", units=[{"party": city, "role": "lead"}])
    under = await client.party("历下区", "county")
    await post(client, f"/api/parties/{under}:reparent", parent=city)
    for times in ({}, {"as_of": "2026-01-01"}, {"known_at": str(await client.registry.head())}):
        assert await ids(client, "/api/parties", q=name, **times) == {city}
        assert await ids(client, "/api/agreements", party=name, **times) == {signed}
        assert await ids(client, "/api/statements", speaker=name, **times) == {said.rpartition("/")[2]}
        assert await ids(client, "/api/tasks", lead=name, **times) == {task.rpartition("/")[2]}
        assert await ids(client, "/api/parties", parent=name, **times) == {under}
    head = {"mengfu-after": str(await client.registry.head())}
    network = await client.get("/api/network", params={"party": name}, headers=head)
    assert [item["one"]["id"] for item in network.json()["items"]] == ([] if not network.json()["items"] else [city])
    ledger = await client.get("/api/ledger", params={"unit": name}, headers=head)
    assert [item["id"] for item in ledger.json()["items"]] == [task.rpartition("/")[2]]
    owed = await client.get("/api/commitments", params={"from": name}, headers=head)
    promised = {"/api/" + item["source"]["subject"] for item in owed.json()["items"]}
    assert promised == {said, task}


async def test_titles_in_any_script(follows: Client) -> None:
    one = (await follows.agreement(title={"printed": "聯席會議章程（試行）"})).rpartition("/")[2]
    for words in ("联席会议章程(试行)", "聯席 會議", "章程（试"):
        assert await ids(follows, "/api/agreements", q=words) == {one}
        assert await ids(follows, "/api/agreements", q=words, as_of="2026-01-01") == {one}


async def test_every_parameter_that_asks_for_a_party_takes_a_name(client: Client) -> None:
    """By its type: what is added later is here as well. A name of nobody and one of several are told the same way."""
    for _ in range(7):
        await client.party("同名局", "agency")
    asked = 0
    for path, parameters in PARAMETERS.items():
        for parameter in parameters:
            nobody = await client.get(path, params=NEEDED.get(path, {}) | {parameter: "无人知晓"})
            assert nobody.status_code == 422, (path, parameter, nobody.text)
            assert f"{parameter}: no party is called 无人知晓" in nobody.json()["detail"]
            several = await client.get(
                path, params=NEEDED.get(path, {}) | {parameter: "同名局"}, headers={"accept-language": "zh"}
            )
            assert several.status_code == 422
            told = several.json()["detail"]
            assert told.startswith(f"{parameter}:同名局 可指 7 个主体")
            assert told.count("parties/") == 5
            asked += 1
    told = described(create_app(client.registry))
    meant = {
        (path, parameter["name"])
        for path, operations in told["paths"].items()
        for operation in operations.values()
        for parameter in operation["parameters"]
        if "that means one party then" in str(parameter["schema"]) and "{" not in path
    }
    assert meant == {(path, parameter) for path, parameters in PARAMETERS.items() for parameter in parameters}
    assert asked == len(meant)


PARAMETERS = {
    "/api/agreements": ("party",),
    "/api/parties": ("parent", "member_of"),
    "/api/documents": ("publisher_party",),
    "/api/meetings": ("party", "body"),
    "/api/statements": ("party", "speaker", "on_behalf", "to", "performer", "beneficiary"),
    "/api/plans": ("party",),
    "/api/tasks": ("unit", "lead", "supporting", "supervising"),
    "/api/projects": (
        *("party", "investor", "owner", "partner", "builder", "operator", "financier", "host", "regulator", "place"),
    ),
    "/api/figures": ("party", "subject"),
    "/api/network": ("party",),
    "/api/pipeline": ("place", "investor"),
    "/api/ledger": ("unit",),
    "/api/commitments": ("from", "to"),
    "/api/search": ("party",),
}


NEEDED = {"/api/search": {"q": "修路"}}
"""What else such a question cannot do without."""


async def test_a_name_means_whom_it_meant_then(follows: Client) -> None:
    """A name that one party had and another has now; the day, and what was known, decide."""
    client = follows
    old = await client.party("甲公司", "enterprise")
    of_old = (await client.agreement(signatories=[{"party": old}])).rpartition("/")[2]
    before = await client.registry.head()
    await post(client, f"/api/parties/{old}:rename", name={"printed": "乙公司"}, effective=day("2020-01-01"))
    new = await client.party("丙公司", "enterprise")
    await post(client, f"/api/parties/{new}:rename", name={"printed": "甲公司"}, effective=day("2021-01-01"))
    of_new = (await client.agreement(signatories=[{"party": new}])).rpartition("/")[2]
    assert await ids(client, "/api/agreements", party="甲公司", as_of="2019-01-01") == {of_old}
    assert await ids(client, "/api/agreements", party="甲公司", known_at=before) == {of_old}
    for time in ("as_of=2019-01-01", f"known_at={before}"):
        nobody = await client.get(f"/api/agreements?party=乙公司&{time}")
        assert f"no party is called 乙公司 ({time})" in nobody.json()["detail"]
    # Now both have or had the name, and one is called so.
    assert await ids(client, "/api/agreements", party="甲公司") == {of_new}
    assert await ids(client, "/api/agreements", party="乙公司") == {of_old}
    assert await ids(client, "/api/parties", q="甲公司") == {old, new}


async def everything(client: Client, *paths: str) -> list[str]:
    """What is said of some things, and of their histories."""
    told = []
    for path in paths:
        for more in ("", "?as_of=2020-01-01", "/history", "/events"):
            told.append((await client.get(path + more)).text)  # noqa: PERF401 -- one after another
    return told


async def test_merging_moves_nothing_and_finds_both(follows: Client) -> None:
    client = follows
    one, other = await client.party("济南市"), await client.party("泉城市政当局")
    first = await client.agreement(signatories=[{"party": one}])
    second = await client.agreement(signatories=[{"party": other}, {"party": await client.party("聊城市")}])
    ours, theirs = first.rpartition("/")[2], second.rpartition("/")[2]
    before = await client.registry.head()
    said = await everything(client, first, second, f"/api/parties/{one}")
    lines = (await client.get(f"/api/events?until={before}")).text
    assert await ids(client, "/api/agreements", party=one) == {ours}

    await post(client, f"/api/parties/{other}:merge-duplicate", into=one)
    assert await everything(client, first, second, f"/api/parties/{one}") == said
    assert (await client.get(f"/api/events?until={before}")).text == lines
    for times in ({}, {"as_of": "2026-01-01"}):
        for name in (one, "济南市", "泉城市政当局"):
            assert await ids(client, "/api/agreements", party=name, **times) == {ours, theirs}
        assert await ids(client, f"/api/parties/{one}/agreements", **times) == {ours, theirs}
        assert await ids(client, "/api/parties", q="泉城市政", **times) == {one, other}
        assert await ids(client, "/api/agreements", party=other, **times) == {theirs}
    items = (await client.get("/api/parties", params={"q": "泉城市政"})).json()["items"]
    (told,) = [item for item in items if item["id"] == other]
    assert told["status"] == "duplicate"
    assert told["succeeded_by"] == [{"party": one, "how": "duplicate", "carries": None}]
    assert await ids(client, "/api/agreements", party=one, known_at=before) == {ours}
    assert await ids(client, "/api/parties", q="泉城市政", known_at=before) == {other}
    pairs = await client.get(
        "/api/network", params={"party": one}, headers={"mengfu-after": str(await client.registry.head())}
    )
    assert [item["other"]["name"] for item in pairs.json()["items"]] == []

    await post(client, f"/api/parties/{other}:unmerge-duplicate")
    assert await everything(client, first, second, f"/api/parties/{one}") == said
    assert await ids(client, "/api/agreements", party=one) == {ours}
    assert await ids(client, "/api/agreements", party="泉城市政当局") == {theirs}
    assert await ids(client, "/api/parties", q="泉城市政") == {other}


async def test_an_agreement_of_both_records_is_told_once(follows: Client) -> None:
    one, other = await follows.party("济南市"), await follows.party("泉城")
    both = await follows.agreement(signatories=[{"party": one}, {"party": other}])
    await post(follows, f"/api/parties/{other}:merge-duplicate", into=one)
    for times in ({}, {"as_of": "2026-01-01"}):
        head = {"mengfu-after": str(await follows.registry.head())}
        answer = await follows.get(f"/api/parties/{one}/agreements", params=times, headers=head)
        assert [item["agreement"] for item in answer.json()["items"]] == [both.rpartition("/")[2]]


async def test_a_predecessors_name_tells_who_came_after(follows: Client) -> None:
    old, new = await follows.party("莱芜市"), await follows.party("济南市")
    await post(follows, f"/api/parties/{old}:merge", into=new, carries=True, effective=day("2019-01-01"))
    (item,) = (await follows.get("/api/parties", params={"q": "萊蕪市"})).json()["items"]
    assert (item["id"], item["status"]) == (old, "merged")
    assert item["succeeded_by"] == [{"party": new, "how": "merged", "carries": True}]
    task = await follows.new("tasks", called="治水", units=[{"party": old, "role": "lead"}])
    ledger = await follows.get("/api/ledger", params={"unit": "济南市"})
    assert [one["id"] for one in ledger.json()["items"]] == [task.rpartition("/")[2]]


async def test_as_printed_at_signing_and_now(client: Client) -> None:
    """Three names of one signatory, through a renaming and two on one day, and as they were on a day."""
    city = await client.party("老名市")
    path = f"/api/parties/{city}"
    await post(client, f"{path}:rename", name={"printed": "中名市"}, effective=day("2010-05-05"))
    signing = {"effective": day("2012-01-01")}
    agreement = await client.agreement(
        signatories=[{"party": city, "name": {"printed": "中名"}}], signed=signing | {"note": "signed"}
    )

    async def names(query: str = "") -> dict[str, str | None]:
        answer = await client.get(f"{agreement}?expand=parties{query}")
        told: dict[str, str | None] = answer.json()["signatories"][0]["names"]
        return told

    assert await names() == {"printed": "中名", "at_signing": "中名市", "now": "中名市"}
    before = await client.registry.head()
    await post(client, f"{path}:rename", name={"printed": "早名市"}, effective=day("2015-03-03"))
    await post(client, f"{path}:rename", name={"printed": "新名市"}, effective=day("2015-03-03"))
    assert await names() == {"printed": "中名", "at_signing": "中名市", "now": "新名市"}
    assert (await client.get(path)).json()["name"]["printed"] == "新名市"
    assert await names("&as_of=2014-01-01") == {"printed": "中名", "at_signing": "中名市", "now": "中名市"}
    assert await names(f"&known_at={before}") == {"printed": "中名", "at_signing": "中名市", "now": "中名市"}
    assert {name["name"]["printed"] for name in (await client.get(path)).json()["names"]} == {
        *("老名市", "中名市", "早名市", "新名市")
    }
    for name in ("老名市", "中名市", "早名市", "新名市"):
        assert await ids(client, "/api/agreements", party=name) == {agreement.rpartition("/")[2]}


async def test_an_id_may_be_written_as_a_subject(client: Client) -> None:
    city = await client.party("济南市")
    one = (await client.agreement(signatories=[{"party": city}])).rpartition("/")[2]
    assert await ids(client, "/api/agreements", party=f"parties/{city}") == {one}
    assert await ids(client, "/api/agreements", party=ANYBODY) == set()
    assert await ids(client, "/api/agreements", party=str(uuid4())) == set()
