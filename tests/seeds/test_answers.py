"""What the first document says, written down by hand by somebody who read it, against what the registry answers."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from service import seeding
from service.config import room
from service.domain.agreement.life import status
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.meeting.state import Meeting
from service.domain.statement.state import Statement
from service.domain.values import PrintedName
from service.projections import statements
from service.registry import Registry
from tests.conftest import opened
from tests.given import held_on
from tests.seeds.reading import party, places, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILE = room("seeds") / "000_2b54accc30514206.toml"
FRAMEWORK = "济聊战略合作框架协议"
CAPTION = range(2994, 3041)
BODY = range(371, 441)


JINAN, LIAOCHENG = party("济南市"), party("聊城市")
MEETING = Ref("meetings", seeding.thing_id("meetings", "济聊合作发展恳谈会"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[Registry]:
    """A registry with the first document's facts: nobody writes to it."""
    async with opened() as registry:
        await seeding.seed(registry, [FILE])
        yield registry


async def test_who_signed_for_each_side(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", FRAMEWORK)
    sides = {signatory.party: signatory.side for signatory in agreement.signatories.values()}
    assert sides == {JINAN: "济南", LIAOCHENG: "聊城"}
    signed = {signature.party: signature for signature in agreement.signatures.values()}
    assert len(signed) == len(agreement.signatures) == 2
    for side, name, title in ((LIAOCHENG, "李希信", "聊城市委常委、副市长"), (JINAN, "苏树伟", "济南市委常委、副市长")):
        person = signed[side].representative
        assert (person.name.printed, person.title) == (name, title)
    first, second = places(signed[LIAOCHENG].sources)
    assert first in BODY
    assert second in CAPTION
    [only] = places(signed[JINAN].sources)
    assert only in CAPTION
    assert [source.basis for source in signed[LIAOCHENG].sources] == ["stated"]
    assert [source.basis for source in signed[JINAN].sources] == ["inferred"]


async def test_titles_and_date(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", FRAMEWORK)
    assert agreement.header is not None
    assert agreement.header.title == PrintedName(printed="战略合作框架协议")
    assert agreement.header.called is None
    assert set(agreement.kinds) == {"strategic_framework"}
    assert agreement.header.instruments is None
    assert {title.title.printed: title.variant for title in agreement.titles.values()} == {
        "合作协议": "caption",
        "战略合作框架": "short",
    }
    step = agreement.steps["signed"]
    assert step.effective is not None
    assert (step.effective.printed, step.effective.basis) == ("11月29日下午", "external")
    assert "年" in (step.sources[0].note or "")
    assert step.place == "山东大厦"
    assert status(agreement, seeded.today()) == "signed"
    assert agreement.declared is not None
    assert agreement.declared.signatories == 2
    assert [(link.relation, link.target, link.clause) for link in agreement.links.values()] == [
        (
            "constitutes",
            f"parties/{party('跨行政区域污染事故应急协调处理机制')}",
            seeding.part_id(seeding.thing_id("agreements", FRAMEWORK), "五.2"),
        ),
        ("signed_at", str(MEETING), None),
    ]


async def test_five_clauses_with_sixteen_provisions(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", FRAMEWORK)
    top = [clause for clause in agreement.clauses.values() if clause.parent is None]
    assert [clause.heading for clause in top] == [
        "发展规划一体化",
        "基础设施一体化",
        "产业发展一体化",
        "要素市场一体化",
        "生态保护一体化",
    ]
    under = [sum(one.parent == clause.id for one in agreement.clauses.values()) for clause in top]
    assert under == [2, 3, 5, 3, 3]
    assert len(agreement.clauses) == 21


@pytest.mark.parametrize(
    ("agreement", "key", "obligors", "beneficiaries", "manner", "basis"),
    [
        (FRAMEWORK, "一.1", {JINAN, LIAOCHENG}, {JINAN, LIAOCHENG}, None, "inferred"),
        (FRAMEWORK, "一.2", {LIAOCHENG}, {JINAN}, None, "inferred"),
        (FRAMEWORK, "三.3", {JINAN, LIAOCHENG}, {JINAN}, None, "inferred"),
        (FRAMEWORK, "三.5", {JINAN, LIAOCHENG}, {JINAN, LIAOCHENG}, "joint", "inferred"),
        (FRAMEWORK, "四.3", {JINAN, LIAOCHENG}, {JINAN, LIAOCHENG}, "mutual", "inferred"),
        (FRAMEWORK, "五.1", {JINAN, LIAOCHENG}, {JINAN, LIAOCHENG}, "joint", "inferred"),
        (
            "丁马银座供货协议",
            "供货",
            {party("山东丁马生物科技有限公司")},
            {party("山东银座商城股份有限公司")},
            None,
            "stated",
        ),
    ],
)
async def test_who_owes_whom(
    seeded: Registry,
    agreement: str,
    key: str,
    obligors: set[UUID],
    beneficiaries: set[UUID],
    manner: str | None,
    basis: str,
) -> None:
    held: Agreement = await read(seeded, "agreements", agreement)
    clause = held.clauses[str(seeding.part_id(seeding.thing_id("agreements", agreement), key))]
    assert (set(clause.obligors), set(clause.beneficiaries)) == (obligors, beneficiaries)
    said, owed = clause.sources
    assert said.fields == ()
    assert "obligors" in owed.fields
    assert (clause.manner, clause.due) == (manner, None)
    assert (said.basis, owed.basis) == ("stated", basis)


async def test_of_what_flows_through_a_firm_nobody_owes_anything(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", "莘县鲁商合作协议")
    [clause] = agreement.clauses.values()
    assert (clause.obligors, clause.beneficiaries) == ((), ())


async def test_the_three_named_projects(seeded: Registry) -> None:
    signed = {
        "丁马银座供货协议": ("supply", {"山东丁马生物科技有限公司", "山东银座商城股份有限公司"}),
        "冠县中仁合作协议": ("sector_cooperation", {"冠县政府", "山东中仁实业有限责任公司"}),
        "莘县鲁商合作协议": ("supply", {"莘县政府", "鲁商集团有限公司"}),
    }
    for key, (kind, parties) in signed.items():
        agreement: Agreement = await read(seeded, "agreements", key)
        assert agreement.header is not None
        assert set(agreement.kinds) == {kind}
        assert agreement.header.title is None
        assert agreement.header.called
        assert [source.basis for source in agreement.header.sources] == ["curated"]
        assert [source.basis for source in agreement.kinds[kind].sources] == ["inferred"]
        assert {signatory.party for signatory in agreement.signatories.values()} == {party(one) for one in parties}
        assert [(link.relation, link.target) for link in agreement.links.values()] == [("signed_at", str(MEETING))]
        assert agreement.signatures == {}
        assert agreement.steps["signed"].effective is not None


async def test_office_holders_as_printed(seeded: Registry) -> None:
    party_committee = await read(seeded, "parties", "济南市委")
    seen = [(holder.person.name.printed, holder.person.title) for holder in party_committee.holders.values()]
    assert len(seen) == 3
    assert set(seen) == {
        ("王敏", "济南市委书记"),
        ("杨鲁豫", "济南市委副书记"),
        ("苏树伟", "济南市委常委"),
    }
    chair = await read(seeded, "parties", "聊城市人大常委会")
    [holder] = [one for one in chair.holders.values() if one.person.name.printed == "林峰海"]
    assert places(holder.sources) == [238, 1792, 3531, 77]
    assert holder.standing == "current"
    assert (holder.seen.earliest, holder.seen.basis) == (date(2013, 11, 29), "external")


async def test_a_stated_name_stays_stated_where_the_parent_is_inferred(seeded: Registry) -> None:
    header = (await read(seeded, "parties", "聊城市")).header
    assert header.parent == party("山东省")
    assert [(source.fields, source.basis) for source in header.sources] == [((), "stated"), (("parent",), "inferred")]


async def test_six_texts_cut_by_page_breaks(seeded: Registry) -> None:
    document = await read(seeded, "documents", FILE.stem)
    assert document.header.title.printed == "济聊签署战略合作框架协议"
    assert document.header.publisher is None
    assert document.header.credits == ()
    assert (document.header.language, document.header.script) == ("zh", "hans")
    assert document.header.date.precision == "after"
    assert [len(part.spans) for part in document.segments.parts] == [4, 1, 1, 4, 1, 3]
    told = [document.parts[part.key] for part in document.segments.parts]
    assert [part.genre for part in told] == ["report", "report", "report", "summary", "caption", "commentary"]
    assert [part.title is None for part in told] == [False, False, False, False, True, False]
    wrote = [[(credit.name.printed, credit.role) for credit in part.credits] for part in told]
    assert wrote == [
        *[[("张跃峰", "记者"), ("张超", "记者")]] * 3,
        [("张跃峰", "本报记者"), ("张超", "本报记者")],
        [("张超", "摄"), ("张跃峰", "摄")],
        [("张跃峰", "本报记者")],
    ]
    assert document.passed.spans


async def test_who_was_at_the_meeting_and_as_what(seeded: Registry) -> None:
    meeting: Meeting = (await seeded.read([MEETING]))[MEETING].base
    assert meeting.header is not None
    assert meeting.header.title == PrintedName(printed="聊城市全面融入济南服务省会推进济聊合作发展恳谈会")
    assert (set(meeting.kinds), meeting.conveners, meeting.sessions) == ({"symposium"}, {}, {})
    held = meeting.steps["held"]
    assert held_on(meeting) == date(2013, 11, 29)
    assert (held.place, held.venue, held.lasts and held.lasts.printed) == ("山东大厦", party("山东大厦"), "一个小时")
    people = {(one.person.name.printed, one.role) for one in meeting.attendance.values() if one.person is not None}
    assert people == {
        *(
            (name, "attendee")
            for name in ("王敏", "杨鲁豫", "徐长玉", "殷鲁谦", "林峰海", "王忠林", "金维民", "汪文耀")
        ),
        *((name, "speaker") for name in ("林峰海", "杨鲁豫", "张务峰")),
        *((name, "signer") for name in ("李希信", "苏树伟")),
    }
    groups = {one.group for one in meeting.attendance.values() if one.party is None and one.group is not None}
    assert groups == {
        f"{group}主要负责人" for group in ("省直有关部门", "驻济金融机构", "驻济高等院校", "驻济科研院所", "省属大企业")
    }
    assert {one.party for one in meeting.attendance.values() if one.group is not None} == {JINAN, LIAOCHENG, None}
    [caption] = [one for one in meeting.attendance.values() if one.person and one.person.name.printed == "苏树伟"]
    assert [source.basis for source in caption.sources] == ["inferred"]
    assert all(place in CAPTION for place in places(caption.sources))


async def test_what_was_said_at_the_meeting(seeded: Registry) -> None:
    async with seeded.connection() as connection:
        asked = statements.Filter(meeting=MEETING.id)
        page = await statements.LIST.page(connection, asked, seeded.today(), limit=50)
    told = [msgspec.json.decode(item, type=statements.Summary) for item in page.items]
    said = sorted((one.participants[0].name, one.kind) for one in told)
    assert said == sorted(
        [
            ("林峰海", "intention"),
            *[("林峰海", "remark")] * 2,
            *(("杨鲁豫", kind) for kind in ("remark", "intention", "promise", "request")),
            ("张务峰", "remark"),
        ]
    )
    dates = {(one.made.earliest, one.made.latest, one.made.printed, one.made.basis) for one in told if one.made}
    assert dates == {(date(2013, 11, 29), date(2013, 11, 29), None, "external")}, "the year stands in no document"
    [promise] = [one for one in told if one.kind == "promise"]
    assert set(promise.performers) == set(promise.beneficiaries) == {JINAN, LIAOCHENG}
    [request] = [one for one in told if one.kind == "request"]
    mayor = tuple(sorted((party("济南市委"), party("济南市政府"))))
    spoken = [(one.role, one.party, one.organisations) for one in request.participants]
    assert spoken == [("speaker", None, mayor), ("addressee", LIAOCHENG, ())]
    statement: Statement = await read(seeded, "statements", "杨鲁豫致贺")
    behalf = {one.party for one in statement.participants.values() if one.role == "principal"}
    assert behalf == {party("济南市委"), party("济南市政府")}
