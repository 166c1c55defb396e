"""Search over a small world: every hit by hand."""

import json
from typing import Any

import pytest

from service.projections.search import asked as asking
from tests.api.conftest import Client
from tests.api.test_reading import day
from tests.projections.test_search import WAYS

ITEM = "00000000-0000-4000-8000-00000000001a"


class World:
    """Things with words."""

    def __init__(self, client: Client) -> None:
        """Nothing is recorded yet."""
        self.client = client

    async def post(self, path: str, **body: Any) -> Any:
        """Record something; the answer."""
        answer = await self.client.post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def ask(self, q: str, **query: Any) -> dict[str, Any]:
        """The answer for all that is recorded."""
        head = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get("/api/search", params={"q": q} | query, headers=head)
        assert answer.status_code == 200, answer.text
        assert answer.headers["mengfu-position"] == str(answer.json()["position"])
        found: dict[str, Any] = answer.json()
        return found

    async def hits(self, q: str, **query: Any) -> list[tuple[str, int, str]]:
        """What is found: kind, tier, and the words marked."""
        return [(one["kind"], one["tier"], marked(one)) for one in (await self.ask(q, **query))["items"]]


def marked(item: dict[str, Any]) -> str:
    """The text of a hit, with what is marked in brackets."""
    text, at, shown = "", 0, str(item["text"])
    for start, end in item["marks"]:
        first, last = start - item["start"], end - item["start"]
        text += shown[at:first] + "[" + shown[first:last] + "]"
        at = last
    return text + shown[at:]


@pytest.fixture
async def world(client: Client) -> World:
    """An empty world, whose log is followed."""
    client.registry.follower.start()
    return World(client)


async def test_every_sort_of_thing(world: World) -> None:
    client = world.client
    city = await client.party("济南新港局", "agency")
    agreement = await client.agreement(
        title={"printed": "新港合作協議"},
        clauses=[{"label": "新港条", "heading": "关于新港", "text": "双方共建新港。"}],
        signatories=[{"party": city}],
    )
    await client.new(
        "meetings",
        title={"printed": "新港会议"},
        resolutions=[{"manner": "adopted", "text": "通过新港章程"}],
        activities=[{"sort": "toured", "text": "考察新港"}],
    )
    await client.new("statements", kind="promise", text="承诺开放新港。")
    await client.new(
        "plans",
        title={"printed": "新港规划"},
        items=[{"heading": "新港行动", "text": "建设"}],
        targets=[{"text": "新港吞吐"}],
    )
    await client.new("tasks", title={"printed": "疏浚新港"}, terms={"text": "新港航道清淤"})
    await client.new("documents", kind="press", title={"printed": "新港报道"})
    found = {(kind, tier) for kind, tier, _ in await world.hits("新港")}
    assert found == {
        *(("party", 1), ("agreement", 2), ("clause", 3), ("meeting", 2), ("resolution", 4), ("activity", 4)),
        *(("statement", 4), ("plan", 2), ("plan_item", 3), ("target", 4), ("task", 2), ("document", 2)),
    }
    assert await world.hits("新港", kind="clause") == [("clause", 3, "[新港]条")]
    one = (await world.ask("共建"))["items"][0]
    clause = (await client.get(agreement)).json()["clauses"][0]["id"]
    assert (one["subject"], one["part"], one["field"]) == (agreement.removeprefix("/api/"), f"clauses/{clause}", "text")
    assert one["title"] == "新港合作協議"
    assert marked(one) == "双方[共建]新港。"


async def test_scripts_width_case_and_blanks(world: World) -> None:
    await world.client.agreement(called="試行", clauses=[{"text": "在 濟 南 設立ＡＢＣ聯絡處。"}])
    for q, wanted in {
        "济南": "在 [濟 南] 設立ＡＢＣ聯絡處。",
        "濟南": "在 [濟 南] 設立ＡＢＣ聯絡處。",
        "abc联": "在 濟 南 設立[ＡＢＣ聯]絡處。",
        "处。": "在 濟 南 設立ＡＢＣ聯絡[處。]",
        "联络 济南": "在 [濟 南] 設立ＡＢＣ[聯絡]處。",
        "南设": "在 濟 [南 設]立ＡＢＣ聯絡處。",
    }.items():
        assert await world.hits(q) == [("clause", 4, wanted)]
    for q in ("济北", "联络 济北", "南济", "bca"):
        assert await world.hits(q) == []


async def test_ranks_within_a_tier(world: World) -> None:
    """What is the words, then what begins with them, then where they are most of the text, then the newer."""
    wanted = ["临空经济", "临空经济区", "临空经济区协议", "建设临空经济", "协议:临空经济", "共建临空经济区合作协议"]
    for title in (wanted[5], wanted[0], *wanted[2:5], wanted[1]):
        await world.client.agreement(title={"printed": title})
    told = [one["text"] for one in (await world.ask("临空经济"))["items"]]
    assert told == wanted
    await world.client.agreement(title={"printed": "临空经济"})
    newest = (await world.ask("临空经济"))["items"]
    assert [one["text"] for one in newest[:2]] == ["临空经济", "临空经济"]
    assert newest[0]["known_from"] > newest[1]["known_from"]


async def test_one_character_is_how_a_name_begins(world: World) -> None:
    for name in ("济南市", "聊城市", "泰安济", "濟寧市"):
        await world.client.party(name)
    await world.client.agreement(title={"printed": "济水协议"})
    assert [one["text"] for one in (await world.ask("济"))["items"]] == ["濟寧市", "济南市"]
    assert [one["text"] for one in (await world.ask("濟"))["items"]] == ["濟寧市", "济南市"]
    assert [one["text"] for one in (await world.ask("济 南"))["items"]] == ["济南市"]
    assert await world.hits("𠀀") == []
    assert await world.hits("😀") == []


async def test_a_thing_is_told_once_by_its_best_text(world: World) -> None:
    client = world.client
    city = await client.party("济南市")
    await world.post(f"/api/parties/{city}/aliases", alias={"printed": "济南"}, sorts=["short"])
    await world.post(f"/api/parties/{city}/aliases", alias={"printed": "山东济南"})
    assert await world.hits("济南") == [("party", 1, "[济南]")]
    one = await client.agreement(title={"printed": "济南协议"}, called="关于济南", clauses=[])
    await world.post(f"{one}/titles", title={"printed": "济南协议书"})
    assert await world.hits("济南", kind="agreement") == [("agreement", 2, "[济南]协议")]
    await world.post(f"{one}/clauses", label="济南", heading="济南条款", text="在济南。")
    assert await world.hits("济南", kind="clause") == [("clause", 3, "[济南]")]


async def test_what_leaves(world: World) -> None:
    """What is repealed, dropped or voided, and all texts of a second record but its names and titles."""
    client = world.client
    one = await client.agreement(title={"printed": "桥梁协议"}, clauses=[{"text": "修桥梁"}, {"text": "养护桥梁"}])
    clauses = [clause["id"] for clause in (await client.get(one)).json()["clauses"]]
    before = await client.registry.head()
    await world.post(f"{one}/clauses/{clauses[0]}:repeal", effective=day("2020-01-01"))
    assert await world.hits("桥梁", kind="clause") == [("clause", 4, "养护[桥梁]")]
    assert {text for _, _, text in await world.hits("桥梁", kind="clause", on="2019-12-31")} == {
        *("修[桥梁]", "养护[桥梁]")
    }
    assert len(await world.hits("桥梁", kind="clause", known_at=before)) == 2
    same = await client.agreement(title={"printed": "大桥梁协议"}, clauses=[{"text": "拆桥梁"}])
    await world.post(f"{same}:merge-duplicate", into=one.rpartition("/")[2])
    (found,) = (await world.ask("大桥梁"))["items"]
    assert (found["subject"], found["stands_for"]) == (one.removeprefix("/api/"), same.rpartition("/")[2])
    assert found["title"] == "桥梁协议"
    assert await world.hits("拆桥") == []
    await world.post(f"{same}:unmerge-duplicate")
    assert await world.hits("拆桥") == [("clause", 4, "[拆桥]梁")]
    sequence = (await client.get(same)).json()["clauses"][0]["sources"][0]["sequence"]
    await world.post(f"{same}:void", corrects=sequence, reason="never agreed")
    assert await world.hits("拆桥") == []
    plan = await client.new("plans", called="计划", items=[{"text": "建隧道"}])
    item = (await client.get(plan)).json()["items"][0]["id"]
    assert await world.hits("隧道") == [("plan_item", 4, "建[隧道]")]
    await world.post(f"{plan}/items/{item}:drop", effective=day("2020-01-01"))
    assert await world.hits("隧道") == []


async def test_what_stands_under_what_was_dropped_leaves_with_it(world: World) -> None:
    """However deep, and whichever is told first; it comes back where it is moved, or where the dropping is voided."""
    client = world.client
    ids = [f"3d6b5f0e-2f6a-4d47-9d52-0a8c1f3e5b0{number}" for number in range(4)]
    items = [{"id": ids[0], "heading": "综合"}, {"id": ids[1], "heading": "交通", "parent": ids[0]}]
    items.append({"id": ids[2], "text": "建隧道", "parent": ids[1]})
    targets = [{"text": "隧道通车", "item": ids[2]}, {"text": "隧道投用"}]
    rules = [{"sort": "reporting", "text": "隧道月报", "item": ids[1]}]
    plan = await client.new("plans", called="计划", items=items, targets=targets, rules=rules)
    found = {"建[隧道]", "[隧道]通车", "[隧道]投用", "[隧道]月报"}

    async def told(word: str = "隧道", **asked: Any) -> set[str]:
        return {text for _, _, text in await world.hits(word, **asked)}

    assert await told() == found
    drop = await world.post(f"{plan}/items/{ids[0]}:drop", effective=day("2020-01-01"))
    assert await told() == {"[隧道]投用"}
    assert await told(on="2019-12-31") == found
    answer = (await client.get(plan)).json()
    told_of = {one["id"]: one.get("asked", True) for field in ("items", "targets", "rules") for one in answer[field]}
    assert sorted(told_of.values()) == [False] * 5 + [True]
    await world.post(f"{plan}/items", id=ids[3], text="修隧道口", parent=ids[2])
    assert await told() == {"[隧道]投用"}
    await world.post(f"{plan}/items/{ids[2]}:change", parent=None, effective=day("2021-01-01"))
    assert await told() == found - {"[隧道]月报"} | {"修[隧道]口"}
    await world.post(f"{plan}:void", corrects=drop["sequence"], reason="未曾取消")
    assert await told() == found | {"修[隧道]口"}


async def test_amended_text_and_former_names(world: World) -> None:
    client = world.client
    one = await client.agreement(called="协议", clauses=[{"text": "每年一次"}])
    clause = (await client.get(one)).json()["clauses"][0]["id"]
    before = await client.registry.head()
    await world.post(f"{one}/clauses/{clause}:amend", text="每年两次", effective=day("2021-01-01"))
    assert await world.hits("一次") == []
    assert await world.hits("两次") == [("clause", 4, "每年[两次]")]
    assert await world.hits("一次", on="2020-01-01") == [("clause", 4, "每年[一次]")]
    assert await world.hits("一次", known_at=before) == [("clause", 4, "每年[一次]")]
    city = await client.party("老名市")
    await world.post(f"/api/parties/{city}:rename", name={"printed": "新名市"}, effective=day("2015-01-01"))
    (found,) = (await world.ask("老名"))["items"]
    assert (found["title"], found["text"]) == ("新名市", "老名市")


async def test_a_second_record_and_a_predecessor_lead_on(world: World) -> None:
    client = world.client
    one, second = await client.party("济南市"), await client.party("泉城府")
    await world.post(f"/api/parties/{second}:merge-duplicate", into=one)
    (found,) = (await world.ask("泉城"))["items"]
    assert (found["subject"], found["title"], found["stands_for"]) == (f"parties/{one}", "济南市", second)
    old = await client.party("莱芜市")
    await world.post(f"/api/parties/{old}:merge", into=one, effective=day("2019-01-01"))
    (found,) = (await world.ask("莱芜"))["items"]
    assert found["subject"] == f"parties/{old}"
    (after,) = found["succeeded_by"]
    assert (after["to"], after["how"]) == ({"id": one, "name": "济南市"}, "merged")
    assert (await world.ask("莱芜", on="2018-12-31"))["items"][0]["succeeded_by"] == []


async def test_filters(world: World) -> None:
    client = world.client
    city, other = await client.party("济南市"), await client.party("聊城市")
    source = await client.new("documents", kind="press", title={"printed": "来源"}, sha256="a" * 64, length=100)
    cites = [{"document": source.rpartition("/")[2], "start": 0, "end": 4, "sha256": "b" * 64}]
    ours = await client.agreement(
        called="甲", signatories=[{"party": city}], clauses=[{"text": "共修水渠"}], citations=cites
    )
    await client.agreement(called="乙", signatories=[{"party": other}], clauses=[{"text": "再修水渠"}])
    said = await client.new(
        "statements", kind="promise", text="修好水渠", participants=[{"role": "speaker", "party": city}]
    )
    task = await client.new("tasks", called="水渠清淤", units=[{"party": other, "role": "lead"}])

    async def subjects(**query: Any) -> set[str]:
        return {"/api/" + one["subject"] for one in (await world.ask("水渠", **query))["items"]}

    assert len(await subjects()) == 4
    assert await subjects(party=city) == {ours, said}
    assert await subjects(party="濟南市") == {ours, said}
    assert await subjects(party="济南市", kind="statement") == {said}
    assert await subjects(party=other, kind="task") == {task}
    assert await subjects(document=cites[0]["document"]) == {ours}
    assert await subjects(document=cites[0]["document"], party="济南市") == {ours}
    assert await subjects(document=cites[0]["document"], party="聊城市") == set()
    assert {one["subject"] for one in (await world.ask("济南", party="济南市"))["items"]} == {f"parties/{city}"}


@pytest.mark.parametrize("ways", WAYS)
async def test_every_way_of_looking_finds_the_same(
    world: World, ways: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However frequent the words seem: among the newest, in the index, by the things of a party."""
    client = world.client
    for name, value in ways.items():
        monkeypatch.setattr(asking, name, value)
    monkeypatch.setattr(asking, "CANDIDATES", 5)
    city = await client.party("济南市")
    for number in range(8):
        parties = [{"party": city}] if number % 2 else []
        await client.agreement(called=f"第{number}个", signatories=parties, clauses=[{"text": f"合作事项{number}"}])
    everything = await world.ask("合作")
    assert [one["text"] for one in everything["items"]] == [f"合作事项{number}" for number in (7, 6, 5, 4, 3)]
    assert everything["tiers"][3] == {"tier": 4, "candidates": 5, "truncated": True}
    of_city = await world.ask("合作", party="济南市")
    assert [one["text"] for one in of_city["items"]] == [f"合作事项{number}" for number in (7, 5, 3, 1)]
    assert of_city["tiers"][3] == {"tier": 4, "candidates": 4, "truncated": False}
    monkeypatch.setattr(asking, "FEW", 1)
    again = await world.ask("合作", party="济南市")
    assert again["items"] == of_city["items"]


async def test_pages_are_for_the_position_of_the_first(world: World) -> None:
    client = world.client
    await client.party("合作办")
    for number in range(7):
        await client.agreement(title={"printed": f"合作{number}"}, clauses=[{"text": f"谈合作{number}"}])
    whole = (await world.ask("合作", limit=1000))["items"]
    assert [one["tier"] for one in whole] == [1, *[2] * 7, *[4] * 7]
    for limit in (1, 4, 15):
        seen: list[Any] = []
        url: str | None = f"/api/search?q=合作&limit={limit}"
        while url is not None:
            answer = await client.get(url)
            seen += answer.json()["items"]
            cursor = answer.json()["next"]
            assert cursor is None or cursor.replace("-", "").replace("_", "").isalnum()
            url = answer.headers["link"].partition(">")[0][1:] if "link" in answer.headers else None
            if limit == 4:
                await client.party(f"合作局{len(seen)}")
                await world.ask("合作")
        assert [one for one in seen if one["known_from"] <= whole_known(whole)] == whole
        if limit == 4:
            break
    refused = await client.get(
        "/api/search", params={"q": "项目", "cursor": cursor_of(await world.ask("合作", limit=1))}
    )
    assert refused.status_code == 422


def whole_known(items: list[dict[str, Any]]) -> int:
    """The last event that any of these rests on."""
    return max(int(one["known_from"]) for one in items)


def cursor_of(answer: dict[str, Any]) -> str:
    """The cursor of the next page."""
    assert answer["next"] is not None
    return str(answer["next"])


async def test_excerpts_of_long_texts(world: World) -> None:
    text = "前" * 500 + "济南合作" + "后" * 500
    await world.client.agreement(called="长", clauses=[{"text": text}])
    (one,) = (await world.ask("合作"))["items"]
    assert one["length"] == len(text)
    assert one["marks"] == [[502, 504]]
    assert text[one["start"] : one["start"] + len(one["text"])] == one["text"]
    assert len(one["text"]) == 160
    assert one["text"][502 - one["start"] : 504 - one["start"]] == "合作"


async def test_what_cannot_be_searched(world: World) -> None:
    for q in ("", " ", "\n"):
        assert (await world.client.get("/api/search", params={"q": q})).status_code == 422
    assert (await world.client.get("/api/search")).status_code == 422
    many = " ".join(f"词{chr(0x4E00 + number)}" for number in range(11))
    refused = await world.client.get("/api/search", params={"q": many})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"parameter": "q", "detail": "a search has 10 words at most"}]
    assert await world.hits("100%_\\") == []


async def test_as_a_sheet_and_as_lines(world: World) -> None:
    await world.client.party("=济南")
    await world.ask("济南")
    sheet = await world.client.get("/api/search?q=济南", headers={"accept": "text/csv"})
    assert sheet.status_code == 200
    assert "'=济南" in sheet.content.decode("utf-8-sig")
    lines = await world.client.get("/api/search?q=济南", headers={"accept": "application/x-ndjson"})
    assert len(lines.text.splitlines()) == 1


@pytest.mark.parametrize(
    "q",
    ["326.7", "326.7亿", "３２６．７ 亿元", "26个", "26 个项目", "二十六个", "重点 326.7", "现场 26"],
)
async def test_numbers_that_figures_claim(world: World, q: str) -> None:
    """As printed and in figures, with what is counted."""
    count = {"value": "26", "unit": "个", "bound": "exact", "printed": "二十六个重点项目"}
    worth = {"value": "3267000", "unit": "万元", "bound": "exact", "printed": "326.7亿元"}
    path = await world.client.new(
        "figures",
        metric="项目",
        called="推介会的项目",
        items=[{"id": ITEM, "sort": "stage", "label": "现场签约"}],
        claims=[
            {"item": ITEM, "count": count, "sum": worth, "text": "现场签订"},
            {"count": {"value": "61", "unit": "个", "bound": "exact"}},
        ],
    )
    claims = (await world.client.get(path)).json()["claims"]
    (hit,) = (await world.ask(q))["items"]
    assert (hit["kind"], hit["tier"], hit["title"], hit["field"]) == ("figure_claim", 4, "推介会的项目", "numbers")
    assert (hit["subject"], hit["part"]) == (path.removeprefix("/api/"), f"claims/{claims[0]['id']}")
    assert hit["text"] == "二十六个重点项目(26个项目),326.7亿元(3267000万元),现场签订"
    assert hit["marks"]


async def test_numbers_elsewhere(world: World) -> None:
    """What is invested in a project and what a plan is to reach; what was voided is found no more."""
    await world.client.new(
        "projects",
        called="水库",
        investments=[{"quantity": {"value": "4.5", "unit": "亿元", "bound": "about", "printed": "约4.50亿元"}}],
    )
    await world.client.new(
        "plans",
        called="规划",
        targets=[{"metric": "旅客", "quantity": {"low": "10", "high": "12.5", "unit": "万人次", "bound": "range"}}],
    )
    assert await world.hits("4.5亿") == [("investment", 4, "约4.50亿元([4.5亿]元)")]
    assert await world.hits("12.5万人") == [("target", 4, "10至[12.5万人]次")]
    figure = await world.client.new("figures", metric="面积", claims=[{"rank": 3, "among": "全省"}, {"categories": 7}])
    assert await world.hits("全省第3") == [("figure_claim", 4, "[全省第3]")]
    told = [json.loads(line) for line in (await world.client.get(f"{figure}/events")).text.splitlines()]
    (claimed,) = [int(one["sequence"]) for one in told if one["data"].get("rank") == 3]
    await world.post(f"{figure}:void", corrects=claimed, reason="misread")
    assert await world.hits("全省第3") == []


async def test_people_in_public_acts(world: World) -> None:
    """Who signed, was there, spoke, held an office: each a part of what it is said in; a corrected name is found."""
    client = world.client
    city = await client.party("济南市")
    person = {"name": {"printed": "楊某某", "simplified": "杨某某"}, "title": "市长"}
    await world.post(f"/api/parties/{city}/holders", person=person)
    signed = await client.agreement(
        signed={},
        signatories=[{"party": city}],
        signatures=[{"party": city, "representative": person}],
    )
    await client.new("meetings", called="会", attendance=[{"role": "speaker", "person": person}])
    await client.new("statements", text="祝贺。", participants=[{"role": "speaker", "person": person}])
    kinds = ["holder", "signature", "attendance", "participant"]
    assert sorted(await world.hits("杨某某")) == sorted((kind, 3, "[杨某某]") for kind in kinds)
    (hit,) = (await world.ask("楊某某", kind="signature"))["items"]
    assert (hit["subject"], hit["title"]) == (signed.removeprefix("/api/"), "框架协议")
    assert hit["part"] == f"signatures/{city}:楊某某"
    told = [json.loads(line) for line in (await client.get(f"{signed}/events")).text.splitlines()]
    (at,) = [one for one in told if one["type"] == "agreement.signature_recorded"]
    data = at["data"] | {"representative": person | {"name": {"printed": "楊某某", "simplified": "杨某人"}}}
    await world.post(f"{signed}:correct", corrects=int(at["sequence"]), reason="misread", data=data)
    assert await world.hits("杨某人") == [("signature", 3, "[杨某人]")]
    assert ("signature", 3, "[杨某某]") not in await world.hits("杨某某")
