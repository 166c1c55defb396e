"""Questions about the newspaper page on 济南 and 聊城, each with the answer that somebody wrote down who read the page.

Places are code points of the page. What the page does not say is asserted to be absent.
"""

import pytest

from tests.seeds.asking import Asking, as_told, unsaid
from tests.seeds.test_asked import bases

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAMEWORK = "战略合作框架"
MEETING = "推进济聊合作发展恳谈会"
DAY = {"printed": "11月29日下午", "earliest": "2013-11-29", "latest": "2013-11-29", "basis": "external"}
"""Month, day and part of the day are printed; the year is not, and comes from elsewhere."""


async def test_in_which_year_was_the_framework_agreement_signed(asking: Asking) -> None:
    """Not said: the day is printed, no year is, anywhere on the page."""
    agreement = await asking.the_one("agreements", q=FRAMEWORK)
    assert agreement["signed"]["date"] == DAY
    [source] = agreement["signed"]["sources"]
    assert "没有年份" in source["note"]
    assert unsaid(agreement["signed"], "000", (77, 95)) == []
    document = agreement["signed"]["sources"][0]["citations"][0]["document"]
    page = await asking.get(f"documents/{document}")
    assert (page["date"]["printed"], page["date"]["basis"]) == ("12月1日讯", "external")
    assert unsaid(page, "000", (59, 65)) == []


SIGNERS = {
    "聊城市": ("李希信", "聊城市委常委、副市长", ["stated"], (374, 406), (3014, 3027)),
    "济南市": ("苏树伟", "济南市委常委、副市长", ["inferred"], (2994, 3007), (3033, 3039)),
}
"""Who, with which title, on what it rests that he signed for the city, and where he is named."""


async def test_who_signed_and_for_whom(asking: Asking) -> None:
    """The second one stands in the caption of a photograph and nowhere else, not even among those present."""
    agreement = await asking.the_one("agreements", q=FRAMEWORK, expand="parties,meeting")
    names = {one["party"]: one["names"]["now"] for one in agreement["signatories"]}
    signed = {names[one["party"]]: one for one in agreement["signatures"]}
    assert signed.keys() == SIGNERS.keys()
    for city, (name, title, basis, *spans) in SIGNERS.items():
        person = signed[city]["representative"]
        assert (person["name"]["printed"], person["title"], bases(signed[city])) == (name, title, basis)
        assert unsaid(signed[city], "000", *spans) == []
    [link] = [one for one in agreement["links"] if one["relation"] == "signed_at"]
    meeting = await asking.get(link["target"])
    there = [one["role"] for one in meeting["attendance"] if one.get("person", {}).get("name") == {"printed": "苏树伟"}]
    assert there == ["signer"]


async def test_under_which_names_does_the_instrument_go(asking: Asking) -> None:
    """One instrument: that the caption means the same is inferred, and held as told differently."""
    found = {one["title"]: one["id"] for one in await asking.found("agreements", q="合作协议")}
    agreement = await asking.get(f"agreements/{found['战略合作框架协议']}")
    assert agreement["title"] == {"printed": "战略合作框架协议"}
    titles = {one["title"]["printed"]: (one["variant"], bases(one)) for one in agreement["titles"]}
    assert titles == {"合作协议": ("caption", ["inferred"]), "战略合作框架": ("short", ["stated"])}
    assert unsaid(agreement, "000", (19, 31), (392, 406), (2520, 2537), (3033, 3039), (3237, 3248)) == []
    [told] = await asking.found("discrepancies", subject=f"agreements/{agreement['id']}")
    assert (told["status"], [one["value"]["printed"] for one in told["claims"]]) == (
        "detected",
        ["战略合作框架协议", "合作协议"],
    )


FIVE = {
    "发展规划一体化": (2555, 2562),
    "基础设施一体化": (2631, 2638),
    "产业发展一体化": (2709, 2716),
    "要素市场一体化": (2828, 2835),
    "生态保护一体化": (2916, 2923),
}


async def test_what_are_the_five(asking: Asking) -> None:
    """Five are declared and five are listed."""
    [figure] = await asking.found("figures", q="五个一体化")
    [whole] = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [count] = whole["measures"]
    assert (count["declared"]["low"], count["named"]["low"], count["adds_up"]) == ("5", "5", "yes")
    [framework] = {one["target"] for one in whole["members"]}
    agreement = await asking.get(framework)
    heads = {f"clauses/{one['id']}": one for one in agreement["clauses"] if "parent" not in one}
    assert [one["heading"] for one in heads.values()] == list(FIVE)
    assert {one["target_part"] for one in whole["members"]} == heads.keys()
    assert unsaid(agreement, "000", (2538, 2552), *FIVE.values()) == []


async def test_by_when_must_the_clauses_be_carried_out_and_by_whom(asking: Asking) -> None:
    """Not said: no deadline, no term, no day of effect, no unit; and no task was made of any."""
    agreement = await asking.the_one("agreements", q=FRAMEWORK)
    assert len(agreement["clauses"]) == 21
    assert [one for one in agreement["clauses"] if "due" in one or "period" in one] == []
    assert {"in_force", "term", "expired", "terminated"} & agreement.keys() == set()
    assert agreement["status"] == "signed"
    assert await asking.found("tasks", agreement=agreement["id"]) == []


async def test_what_binds_liaocheng_alone_and_what_concerns_telephones(asking: Asking) -> None:
    [found] = await asking.found("search", q="电话区号")
    agreement = await asking.get(found["subject"], expand="parties")
    names = {one["party"]: one["names"]["now"] for one in agreement["signatories"]}
    owed = [(one, {names[party] for party in one["obligors"]}) for one in agreement["clauses"] if "obligors" in one]
    [alone] = [one for one, by in owed if by == {"聊城市"}]
    assert unsaid(alone, "000", (2605, 2628)) == []
    [telephones] = [one for one, _ in owed if f"clauses/{one['id']}" == found["part"]]
    assert unsaid(telephones, "000", (2691, 2706)) == []
    [said] = [source for source in telephones["sources"] if "obligors" in source.get("fields", ())]
    assert said["basis"] == "inferred"
    assert "未写由谁承担" in said["note"]
    assert "due" not in telephones


WORKS = {
    "济聊城际铁路": ((2645, 2651), "planned"),
    "聊泰铁路": ((2652, 2656), "known"),
    "济聊一级公路": ((2657, 2663), "planned"),
}


async def test_which_works_does_the_agreement_name(asking: Asking) -> None:
    """Three, in a sentence that a page break cuts. The expressway stands in another text of the page."""
    agreement = await asking.the_one("agreements", q=FRAMEWORK)
    [clause] = [one for one in agreement["clauses"] if "交通工程" in one.get("text", "")]
    assert unsaid(clause, "000", (2639, 2642), (2644, 2664), *(span for span, _ in WORKS.values())) == []
    named = await asking.found("projects", agreement=agreement["id"])
    assert {one["title"]: one["status"] for one in named} == {name: status for name, (_, status) in WORKS.items()}


async def test_is_the_expressway_one_of_them(asking: Asking) -> None:
    expressway = await asking.the_one("projects", q="济聊高速公路")
    assert expressway["links"] == []
    assert unsaid(expressway, "000", (2091, 2120)) == []
    assert (expressway["status"], bases(expressway["operating"])) == ("operating", ["inferred"])


async def test_what_was_the_sum_of_the_projects(asking: Asking) -> None:
    """A bound, of what was signed; neither category nor project has a sum, so nothing adds up to it."""
    figure = await asking.the_one("figures", q="恳谈会签约项目")
    [claim] = figure["claims"]
    assert as_told(claim["count"]) == ("252", "个", "exact", None)
    assert as_told(claim["sum"]) == ("400", "亿元", "below", "contracted")
    assert unsaid(claim, "000", (1283, 1302), (3338, 3349)) == []
    whole, *categories = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [declared] = [one["declared"] for one in whole["measures"] if one["measure"] == "sum"]
    assert declared == {"unit": "亿元", "low": "0", "high": "400", "high_open": True}
    assert {one["measure"] for item in categories for one in item["measures"]} <= {"count"}
    assert all(one["declared"] is None for item in categories for one in item["measures"])


CATEGORIES = {
    "与驻济高校签约项目": (1326, 1335),
    "与驻济科研机构签约项目": (1336, 1347),
    "与省属企业及济南市重点企业签约项目": (1348, 1365),
    "与济南市直部门签约项目": (1366, 1377),
}


async def test_which_categories_make_up_the_projects(asking: Asking) -> None:
    """Four are declared and named; how many and how much in each is not said. The third goes by two wordings."""
    figure = await asking.the_one("figures", q="恳谈会签约项目")
    assert [one["label"] for one in figure["items"]] == list(CATEGORIES)
    assert {one["sort"] for one in figure["items"]} == {"category"}
    for item, span in zip(figure["items"], CATEGORIES.values(), strict=True):
        assert unsaid(item, "000", span) == []
    assert [(one["categories"], one.get("item")) for one in figure["claims"]] == [(4, None)]
    [two] = await asking.found("discrepancies", subject=f"figures/{figure['id']}", q="第三类")
    assert {one["value"] for one in two["claims"]} == {
        "与省属企业及济南市重点企业签约项目",
        "与省属大企业及济南市重点企业签约项目",
    }
    assert two["status"] == "detected"


NAMED = {
    frozenset({"山东丁马生物科技有限公司", "山东银座商城股份有限公司"}): (1597, 1629),
    frozenset({"冠县政府", "山东中仁实业有限责任公司"}): (1642, 1676),
    frozenset({"莘县政府", "鲁商集团有限公司"}): (1642, 1676),
}


async def test_which_of_the_projects_are_named(asking: Asking) -> None:
    """Three, all of the third category; 249 are not. Sums are not said."""
    [figure] = await asking.found("figures", q="恳谈会签约项目")
    whole, *categories = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [count] = [one for one in whole["measures"] if one["measure"] == "count"]
    assert (count["declared"]["low"], count["named"]["low"], count["missing"]["low"]) == ("252", "3", "249")
    [third] = [one for one in categories if one["members"]]
    assert third["label"] == list(CATEGORIES)[2]
    signed = await asking.found("projects", status="signed", stage_from="2013-11-29", stage_to="2013-11-29")
    assert {f"projects/{one['id']}" for one in signed} == {one["target"] for one in third["members"]}
    assert [one["investments"] for one in signed] == [[], [], []]


async def test_who_are_the_parties_to_those_named(asking: Asking) -> None:
    """Which county is with which firm follows from the order of the words, and from what is said after them."""
    signed = await asking.found("agreements", signed_from="2013-11-29", signed_to="2013-11-29", q="合作协议")
    supplied = await asking.found("agreements", signed_from="2013-11-29", signed_to="2013-11-29", q="供货协议")
    bound = {
        frozenset(MEANT.get((one["title"], party["name"]), party["name"]) for party in one["signatories"])
        for one in (*signed, *supplied)
        if len(one["signatories"]) == 2 and one["kinds"] != ["strategic_framework"]
    }
    assert bound == NAMED.keys()


MEANT = {
    ("冠县与中仁实业合作协议", "冠县及莘县政府"): "冠县政府",
    ("莘县与鲁商集团合作协议", "冠县及莘县政府"): "莘县政府",
}
"""Whom the words for both mean: the list has names as printed."""


async def test_who_stood_on_the_other_side(asking: Asking) -> None:
    """Three readings on one page, none of which is preferred."""
    [told] = await asking.found("discrepancies", q="签约双方")
    assert (told["status"], told["chosen"]) == ("detected", None)
    claims = (await asking.get(f"discrepancies/{told['id']}"))["claims"]
    spans = [(407, 439), (1259, 1291), (1326, 1347)]
    assert [unsaid(claim, "000", span) for claim, span in zip(claims, spans, strict=True)] == [[], [], []]
    [figure] = {claim["subject"] for claim in claims}
    concerned = (await asking.get(figure))["concerned"]
    assert {one["group"] for one in concerned if one["role"] == "counterpart"} == {
        "有关省直单位、院校、企业",
        "有关部门",
        "驻济高校",
        "驻济科研机构",
        "省属企业及济南市重点企业",
        "市直部门",
    }


async def test_is_a_joint_conference_part_of_the_agreement(asking: Asking) -> None:
    """No: the mayor of 济南 announced it in his speech. The sentence before it is cut by a page break."""
    said = await asking.found("statements", q="联席会议", kind="promise")
    [promise] = [await asking.get(f"statements/{one['id']}") for one in said]
    [speaker] = promise["participants"]
    assert (speaker["role"], speaker["person"]["name"]["printed"]) == ("speaker", "杨鲁豫")
    assert unsaid(promise, "000", (641, 656)) == []
    assert bases(speaker) == ["inferred"], "the sentence has no subject"
    assert "due" not in promise["performance"]
    agreements = await asking.found("agreements", q="联席会议")
    assert [one for one in agreements if one["title"] == "战略合作框架协议"] == []


async def test_who_spoke_of_a_bridgehead(asking: Asking) -> None:
    [found] = await asking.found("search", q="桥头堡")
    said = await asking.get(found["subject"])
    assert said["kind"] == "intention"
    assert unsaid(said, "000", (616, 625), (627, 640)) == []


async def test_who_convened_and_chaired_the_meeting(asking: Asking) -> None:
    """Not said. Name, place, day and length are, and who spoke."""
    meeting = await asking.the_one("meetings", q=MEETING)
    assert meeting["conveners"] == []
    assert {one["role"] for one in meeting["attendance"]} == {"attendee", "speaker", "signer"}
    assert meeting["title"]["printed"] == "聊城市全面融入济南服务省会推进济聊合作发展恳谈会"
    held = meeting["held"]
    assert (held["date"], held["place"], held["lasts"]["printed"]) == (DAY, "山东大厦", "一个小时")
    speakers = [one for one in meeting["attendance"] if one["role"] == "speaker"]
    assert {one["person"]["name"]["printed"] for one in speakers} == {"林峰海", "杨鲁豫", "张务峰"}
    assert unsaid(meeting, "000", (86, 117), (3149, 3160), (442, 451), (824, 838)) == []


PRESENT = {
    "王敏": "省委常委、济南市委书记",
    "杨鲁豫": "济南市委副书记、市长",
    "徐长玉": "济南市人大常委会主任",
    "殷鲁谦": "济南市政协主席",
    "林峰海": "聊城市委书记、市人大常委会主任",
    "王忠林": "聊城市委副书记、市长",
    "金维民": "聊城市政协主席",
    "汪文耀": "聊城市人大常委会第一副主任",
}


async def test_who_is_named_as_present(asking: Asking) -> None:
    """Eight, with their titles; three more are named as signing and speaking; the rest are groups."""
    meeting = await asking.the_one("meetings", q=MEETING)
    people = [(one["role"], one["person"]) for one in meeting["attendance"] if "person" in one]
    present = {one["name"]["printed"]: one["title"] for role, one in people if role == "attendee"}
    assert present == PRESENT
    assert {one["name"]["printed"] for _, one in people} - PRESENT.keys() == {"李希信", "张务峰", "苏树伟"}
    groups = [one for one in meeting["attendance"] if "person" not in one]
    assert len(groups) == 7
    assert [one for one in groups if "number" in one] == [], "nobody counted them"
    assert unsaid(meeting, "000", (169, 221), (238, 298)) == []


async def test_how_many_works_were_begun_and_what_was_paid_in(asking: Asking) -> None:
    """Of which of two periods they are is not said; what was paid in is another kind of money than what was signed."""
    works = await asking.the_one("figures", q="新开工过亿元项目")
    [claim] = works["claims"]
    assert (as_told(claim["count"])[:3], as_told(claim["change"])[:3]) == (
        ("394", "个", "exact"),
        ("136", "个", "exact"),
    )
    assert (claim["compared"], "was" in claim) == ("去年同期", False), "what it was is counted, not printed"
    ends = works["period"]["ends"]
    assert (ends["earliest"], ends["latest"], "printed" in works["period"]) == ("2013-09-30", "2013-10-31", False)
    assert unsaid(claim, "000", (2318, 2344)) == []
    [paid] = await asking.found("figures", q="到位资金")
    [claim] = paid["claims"]
    assert as_told(claim["sum"]) == ("520", "亿元", "exact", "paid_in")
    assert (as_told(claim["change"])[:2], claim["was"], paid["period"]) == (("30", "%"), None, works["period"])


async def test_how_large_is_the_triangle_and_which_parks_are_planned_there(asking: Asking) -> None:
    [area] = await asking.found("figures", q="大三角")
    [claim] = area["claims"]
    assert as_told(claim["quantity"])[:3] == ("260", "平方公里", "exact")
    plan = await asking.the_one("plans", q="大三角")
    [parks] = [one for one in plan["items"] if "declared" in one]
    assert as_told(parks["declared"])[:3] == ("4", "个", "exact")
    listed = [one["heading"] for one in plan["items"] if one.get("parent") == parks["id"]]
    assert listed == ["铝深加工", "化工新材料", "新能源汽车", "阿胶生物产业"]
    assert unsaid(plan, "000", (2024, 2046), (2155, 2184)) == []


async def test_between_which_places_does_it_lie(asking: Asking) -> None:
    area = await asking.the_one("parties", q="“大三角”地带")
    between = {one["place"] for one in area["places"]}
    names = {one["id"]: one["name"] for one in await asking.found("parties", kind="county", parent=area["parent"])}
    assert {names[one] for one in between} == {"茌平县", "东阿县"}
    assert unsaid(area, "000", (2024, 2046)) == []


async def test_how_many_approvals_were_cut(asking: Asking) -> None:
    figure = await asking.the_one("figures", q="行政审批项目")
    [claim] = figure["claims"]
    assert (as_told(claim["count"])[:3], as_told(claim["was"])[:3]) == (("160", "项", "exact"), ("367", "项", "exact"))
    assert unsaid(claim, "000", (2443, 2463)) == []


async def test_what_did_each_city_promise_the_other_and_is_anything_due(asking: Asking) -> None:
    """聊城 alone one thing by agreement, 济南 alone nothing; what was only said stands apart; nothing is ever due."""
    cities = {one["name"]: one["id"] for one in await asking.found("parties", q="市", kind="city")}
    jinan, liaocheng = cities["济南市"], cities["聊城市"]
    there = await asking.found("commitments", **{"from": liaocheng, "to": jinan})
    back = await asking.found("commitments", **{"from": jinan, "to": liaocheng})
    alone = {
        (city, one["binding"])
        for city, items in (("聊城", there), ("济南", back))
        for one in items
        if len(one["obligors"]) == 1
    }
    assert alone == {("聊城", "bound"), ("聊城", "said"), ("济南", "said")}
    assert {one["due"] for one in (*there, *back)} == {None}
    told = [one["source"]["text"] or one["source"]["title"] for one in (*there, *back)]
    for words in ("供应济南优质农产品的基地", "到聊城开设分支机构", "长清区和平阴县"):
        assert any(words in text for text in told), words


async def test_when_was_the_mobilisation_held(asking: Asking) -> None:
    """The day is not said; it was over when it was spoken of."""
    meeting = await asking.the_one("meetings", q="建设动员大会")
    held = meeting["held"]
    assert (held["date"].get("earliest"), held["date"]["latest"], held["date"]["basis"]) == (
        None,
        "2013-11-29",
        "external",
    )
    assert "place" not in held
    assert unsaid(held, "000", (506, 536), (77, 85)) == []


@pytest.mark.parametrize("figure", ["生产总值", "公共财政预算收入"])
async def test_who_told_the_numbers_and_of_which_city(asking: Asking, figure: str) -> None:
    """His title and the whole city stand before the numbers; the page tells them once more as its own."""
    told = await asking.the_one("figures", q=figure)
    assert [one["speaker"]["title"] for one in told["claims"] if "speaker" in one] == ["聊城市委书记、市人大常委会主任"]
    [his] = [one for one in told["claims"] if "speaker" in one]
    assert unsaid(his, "000", (1792, 1810)) == []
    [city] = told["concerned"]
    assert (city["name"]["printed"], bases(city)) == ("全市", ["restored"])
    assert unsaid(city, "000", (1792, 1795), (1846, 1848)) == []


@pytest.mark.parametrize("zone", ["“转调创”高端产业集聚区", "“四化协调”综合改革试验区"])
async def test_who_wants_the_two_zones(asking: Asking, zone: str) -> None:
    """The sentence has no subject; 聊城 is that of the one before."""
    told = await asking.the_one("parties", q=zone)
    by = {source["basis"]: source for source in told["proposed"]["sources"] if source.get("fields") == ["by"]}
    assert by.keys() == {"inferred"}
    assert unsaid(by["inferred"], "000", (1937, 1939)) == []


async def test_whom_does_the_county_owe_its_co_operation(asking: Asking) -> None:
    """Not said: that each owes it the other is inferred, and says why."""
    agreement = await asking.the_one("agreements", q="冠县与中仁实业")
    [clause] = agreement["clauses"]
    assert set(clause["obligors"]) == set(clause["beneficiaries"])
    [owed] = [source for source in clause["sources"] if "beneficiaries" in source.get("fields", ())]
    assert (owed["basis"], "没有写" in owed["note"]) == ("inferred", True)
