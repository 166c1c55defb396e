"""The figure: every command, and every refusal; what claims come to, and which of them cannot both hold."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain import amounts, detecting, errors
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.decider import Event, Ref
from service.domain.detecting import Look
from service.domain.figure import DECIDER, Register, assessments, claims, concerned, header, items, links, reconciling
from service.domain.figure.disagreeing import disagreeing
from service.domain.figure.state import Figure, found, status, title, under
from service.domain.values import Magnitude, Period, Person, PrintedName, Quantity, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on


def many(value: str, unit: str = "个", **told: Any) -> Magnitude:
    """So many of them, exactly unless it is told."""
    return Magnitude(value=value, unit=unit, **{"bound": "exact", **told})


def measure(value: str, unit: str, **told: Any) -> Quantity:
    """A number that may be below zero."""
    return Quantity(value=value, unit=unit, **{"bound": "exact", **told})


def claimed(**told: Any) -> claims.Claimed:
    """A claim, with the id that follows from its words."""
    command = claims.RecordClaim(**told)
    return claims.Claimed(claim=claims.claim_id(ID, command), **told)


def assessed(kind: type[assessments.Assessed], by: Any, day: UncertainDate | None, **told: Any) -> assessments.Assessed:
    """A finding, with the id that follows from its words; `told` says on which day it is recorded."""
    commands = {assessments.Reconciled: assessments.Reconcile, assessments.Disputed: assessments.Dispute}
    command = commands[kind](by=by, effective=day)
    return kind(assessment=assessments.assessment_id(ID, command), by=by, **{"effective": day, **told})


REGISTERED = header.Registered(metric="签约项目", called="恳谈会签约项目")
BARE = header.Registered(metric="签约项目")
MONEY = many("400", "亿元", bound="below", printed="近400亿元")
WHOLE = claimed(count=many("252"), sum=MONEY)
STAGE = items.ItemRecorded(item=no(11), sort="stage", label="拟签约", order=1)
CONTRACTS = items.ItemRecorded(item=no(12), parent=no(11), sort="category", label="合同项目")
SUBJECT = concerned.PartyNamed(role="subject", party=no(2))
ONE = f"agreements/{no(6)}"
COUNTED = links.Linked(relation="counts", target=ONE, item=no(11))
AGREED = {
    Ref("agreements", no(6)): newest(
        AGREEMENTS, [AgreementRegistered(called="某协议"), ClauseRecorded(clause=no(9), heading="某")]
    )
}
SPEAKER = Person(name=PrintedName(printed="某乙"), title="市委书记")
OTHER = Person(name=PrintedName(printed="某丙"), title="市长")
SOME_DAY = UncertainDate(precision="unknown", basis="inferred")
DISPUTED = assessed(assessments.Disputed, (no(2),), on(2017), grounds="两处合计不符")
RECONCILED = assessed(assessments.Reconciled, (no(3),), on(2018))
DUPLICATE = header.DuplicateMerged(into=no(4))
YEAR = Period(printed="前三季度")

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
staged = given(DECIDER, REGISTERED, STAGE, CONTRACTS)
reported = given(DECIDER, REGISTERED, WHOLE)
disputed = given(DECIDER, REGISTERED, WHOLE, DISPUTED)
merged = given(DECIDER, REGISTERED, DUPLICATE)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            metric="签约项目",
            called="恳谈会签约项目",
            period=YEAR,
            text="只计现场签约的。",
            concerned=(concerned.NameParty(role="subject", party=no(2)),),
            items=(items.RecordItem(id=no(11), sort="stage", label="拟签约", order=1, citations=cite(5)),),
            claims=(claims.RecordClaim(count=many("252"), sum=MONEY),),
            links=(links.LinkTo(relation="counts", target=ONE, item=no(11)),),
            disputed=assessments.Dispute(by=(no(2),), effective=on(2017), grounds="两处合计不符"),
            reconciled=assessments.Reconcile(by=(no(3), no(3)), effective=on(2018)),
            citations=cite(0),
            basis="stated",
        )
    ).then(
        header.Registered(metric="签约项目", called="恳谈会签约项目", citations=cite(0), basis="stated"),
        header.Described(period=YEAR, text="只计现场签约的。", citations=cite(0), basis="stated"),
        concerned.PartyNamed(role="subject", party=no(2), citations=cite(0), basis="stated"),
        items.ItemRecorded(item=no(11), sort="stage", label="拟签约", order=1, citations=cite(5), basis="stated"),
        claimed(count=many("252"), sum=MONEY, citations=cite(0), basis="stated"),
        links.Linked(relation="counts", target=ONE, item=no(11), citations=cite(0), basis="stated"),
        assessed(assessments.Disputed, (no(2),), on(2017), grounds="两处合计不符", citations=cite(0), basis="stated"),
        assessed(assessments.Reconciled, (no(3),), on(2018), citations=cite(0), basis="stated"),
    ),
    "registered on a day": bare.when(Register(metric="面积", effective=on(2020))).refused(errors.Invalid, "/effective"),
    "registered again from another source": known.when(
        Register(metric="签约项目", called="恳谈会签约项目", citations=cite(1))
    ).then(header.Attested(attests=1, citations=cite(1))),
    "registered again of another metric": known.when(Register(metric="面积")).refused(
        errors.AlreadyOtherwise, "/metric"
    ),
    "registered again, more being known": given(DECIDER, BARE, STAGE)
    .when(
        Register(
            metric="签约项目",
            called="恳谈会签约项目",
            period=YEAR,
            items=(items.RecordItem(id=no(11), sort="stage", text="签约意向已定的。"),),
        )
    )
    .then(
        header.Described(called="恳谈会签约项目", period=YEAR),
        items.ItemDescribed(item=no(11), text="签约意向已定的。"),
    ),
    "nothing happens to what is not registered": bare.when(header.Describe(period=YEAR)).refused(errors.NotFound),
    # --- header
    "its period becomes known": known.when(header.Describe(period=YEAR)).then(header.Described(period=YEAR)),
    "it is called otherwise": known.when(header.Describe(called="别的")).refused(errors.AlreadyOtherwise, "/called"),
    "described on a day": known.when(header.Describe(period=YEAR, effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is a duplicate": known.when(header.MergeDuplicate(into=no(4))).then(DUPLICATE),
    "is a duplicate of itself": known.when(header.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is none after all": merged.when(header.UnmergeDuplicate()).then(header.DuplicateUnmerged()),
    "was none": known.when(header.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate is not changed": merged.when(claims.RecordClaim(count=many("252"))).refused(errors.NotInThisState),
    # --- concerned
    "whose number it is": known.when(concerned.NameParty(role="subject", party=no(2))).then(SUBJECT),
    "with whom, as one source has it": known.when(concerned.NameParty(role="counterpart", group="驻济高校")).then(
        concerned.PartyNamed(role="counterpart", group="驻济高校")
    ),
    "how it is printed becomes known": given(DECIDER, REGISTERED, SUBJECT)
    .when(concerned.NameParty(role="subject", party=no(2), name=PrintedName(printed="我市"), citations=cite(1)))
    .then(
        concerned.PartyDescribed(role="subject", party=no(2), name=PrintedName(printed="我市"), citations=cite(1)),
        header.Attested(attests=2, fields=("role",), citations=cite(1)),
    ),
    "it is printed otherwise": given(
        DECIDER, REGISTERED, concerned.PartyNamed(role="area", party=no(2), name=PrintedName(printed="全市"))
    )
    .when(concerned.NameParty(role="area", party=no(2), name=PrintedName(printed="我市")))
    .refused(errors.AlreadyOtherwise, "/name"),
    "whose number it is since a day": known.when(
        concerned.NameParty(role="subject", party=no(2), effective=on(2020))
    ).refused(errors.Invalid, "/effective"),
    # --- items
    "has a stage": known.when(items.RecordItem(id=no(11), sort="stage", label="拟签约", order=1)).then(STAGE),
    "a stage has a category": staged.when(
        items.RecordItem(id=no(13), parent=no(11), sort="category", label="协议项目")
    ).then(items.ItemRecorded(item=no(13), parent=no(11), sort="category", label="协议项目")),
    "an item without an id": known.when(items.RecordItem(sort="category", label="甲")).then(
        items.ItemRecorded(
            item=items.item_id(ID, items.RecordItem(sort="category", label="甲")), sort="category", label="甲"
        )
    ),
    "an item told again": staged.when(
        items.RecordItem(id=no(12), sort="category", text="已订合同的。", citations=cite(1))
    ).then(
        items.ItemDescribed(item=no(12), text="已订合同的。", citations=cite(1)),
        header.Attested(attests=3, fields=("id", "sort"), citations=cite(1)),
    ),
    "an item is of another sort": staged.when(items.RecordItem(id=no(12), sort="share")).refused(
        errors.AlreadyOtherwise, "/sort"
    ),
    "an item of nothing": known.when(items.RecordItem(parent=no(9), sort="share", label="甲")).refused(
        errors.UnknownPart, "/parent"
    ),
    "an item under what stands under it": staged.when(items.RecordItem(id=no(11), parent=no(12), sort="stage")).refused(
        errors.Circular, "/parent"
    ),
    "an item that nobody knows": known.when(items.RecordItem(id=no(9), sort="share")).refused(errors.Invalid, "/label"),
    "an item since a day": known.when(items.RecordItem(sort="share", label="甲", effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    # --- claims
    "a source claims it": known.when(claims.RecordClaim(count=many("252"), sum=MONEY)).then(WHOLE),
    "another source claims the same": reported.when(
        claims.RecordClaim(count=many("252"), sum=MONEY, citations=cite(1))
    ).then(header.Attested(attests=2, citations=cite(1))),
    "another source claims the same in other words and another unit": reported.when(
        claims.RecordClaim(sum=many("4000000", "万元", bound="below", printed="将近四百亿"), citations=cite(1))
    ).then(header.Attested(attests=2, fields=("id", "sum"), citations=cite(1))),
    "another source tells more of the same": given(DECIDER, REGISTERED, claimed(count=many("110")))
    .when(claims.RecordClaim(count=many("110"), sum=many("7900", "亿元", modality="planned"), speaker=SPEAKER))
    .then(
        claims.ClaimDescribed(
            claim=claimed(count=many("110")).claim,
            sum=many("7900", "亿元", modality="planned"),
            speaker=SPEAKER,
        )
    ),
    "of which modality a sum is becomes known": reported.when(
        claims.RecordClaim(sum=many("400", "亿元", bound="below", modality="planned"))
    ).then(
        claims.ClaimDescribed(
            claim=WHOLE.claim, sum=many("400", "亿元", bound="below", printed="近400亿元", modality="planned")
        )
    ),
    "another source claims another number": reported.when(claims.RecordClaim(count=many("251"))).then(
        claimed(count=many("251"))
    ),
    "another source has one number of two": reported.when(
        claims.RecordClaim(count=many("252"), sum=many("400", "亿元"))
    ).then(claimed(count=many("252"), sum=many("400", "亿元"))),
    "somebody else claims it": given(DECIDER, REGISTERED, claimed(count=many("252"), speaker=SPEAKER))
    .when(claims.RecordClaim(count=many("252"), speaker=OTHER))
    .then(claimed(count=many("252"), speaker=OTHER)),
    "a claim of an item": staged.when(
        claims.RecordClaim(item=no(12), count=many("33"), sum=many("276.6", "亿元", modality="planned"))
    ).then(claimed(item=no(12), count=many("33"), sum=many("276.6", "亿元", modality="planned"))),
    "a claim of what is no item": known.when(claims.RecordClaim(item=no(9), count=many("33"))).refused(
        errors.UnknownPart, "/item"
    ),
    "a plain number, and what it was before": given(DECIDER, header.Registered(metric="市级行政审批项目"))
    .when(claims.RecordClaim(count=many("160", "项"), was=measure("367", "项")))
    .then(claimed(count=many("160", "项"), was=measure("367", "项"))),
    "a number with its growth": given(DECIDER, header.Registered(metric="生产总值"))
    .when(
        claims.RecordClaim(
            sum=many("1668.5", "亿元"), change=measure("9.7", "%"), compared="上年同期", by=(no(3), no(2))
        )
    )
    .then(claimed(sum=many("1668.5", "亿元"), change=measure("9.7", "%"), compared="上年同期", by=(no(2), no(3)))),
    "a density and a place in a rank": given(DECIDER, header.Registered(metric="路网密度"))
    .when(claims.RecordClaim(quantity=measure("6.5", "公里/百平方公里"), rank=1, among="全省"))
    .then(claimed(quantity=measure("6.5", "公里/百平方公里"), rank=1, among="全省")),
    "a claim by its id": reported.when(claims.RecordClaim(id=WHOLE.claim, text="含意向项目。")).then(
        claims.ClaimDescribed(claim=WHOLE.claim, text="含意向项目。")
    ),
    "a claim by its id, of another number": reported.when(
        claims.RecordClaim(id=WHOLE.claim, count=many("251"))
    ).refused(errors.AlreadyOtherwise, "/count"),
    "a claim that nobody knows": known.when(claims.RecordClaim(id=no(9), text="含意向项目。")).refused(
        errors.Invalid, ""
    ),
    "a claim of the whole, as one of an item": given(DECIDER, REGISTERED, STAGE, WHOLE)
    .when(claims.RecordClaim(id=WHOLE.claim, item=no(11), count=many("252")))
    .refused(errors.AlreadyOtherwise, "/item"),
    "a claim since a day": known.when(claims.RecordClaim(count=many("252"), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "a claim that nobody knows, of a place among others": known.when(
        claims.RecordClaim(id=no(9), count=many("1"), among="全省")
    ).refused(errors.Invalid, ""),
    "the words of a claim that is another number now": given(
        DECIDER, REGISTERED, claims.Claimed(claim=claimed(count=many("1")).claim, count=many("2"))
    )
    .when(claims.RecordClaim(count=many("1")))
    .then(
        claims.Claimed(
            claim=claims.free(
                ID,
                Figure(claims={str(claimed(count=many("1")).claim): None}),  # type: ignore[dict-item]
                claims.RecordClaim(count=many("1")),
            ),
            count=many("1"),
        )
    ),
    # --- links
    "counts an agreement": staged.when(links.LinkTo(relation="counts", target=ONE, item=no(11))).then(COUNTED),
    "counts an agreement, as another source says too": given(DECIDER, REGISTERED, STAGE, COUNTED)
    .when(links.LinkTo(relation="counts", target=ONE, item=no(11), citations=cite(1)))
    .then(header.Attested(attests=3, citations=cite(1))),
    "is a number of a clause": known.when(
        links.LinkTo(relation="under", target=ONE, target_part=f"clauses/{no(9)}"), AGREED
    ).then(links.Linked(relation="under", target=ONE, target_part=f"clauses/{no(9)}")),
    "is a number of a clause that is none": known.when(
        links.LinkTo(relation="under", target=ONE, target_part=f"clauses/{no(8)}"), AGREED
    ).refused(errors.UnknownPart, "/target_part"),
    "was counted at a document": known.when(links.LinkTo(relation="at", target=f"documents/{no(2)}")).refused(
        errors.WrongKind, "/target"
    ),
    "is counted in what is no item": known.when(links.LinkTo(relation="counts", target=ONE, item=no(9))).refused(
        errors.UnknownPart, "/item"
    ),
    "counts since a day": known.when(links.LinkTo(relation="counts", target=ONE, effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    # --- assessments
    "is disputed": reported.when(assessments.Dispute(by=(no(2),), effective=on(2017), grounds="两处合计不符")).then(
        DISPUTED
    ),
    "is found in order later": disputed.when(assessments.Reconcile(by=(no(3),), effective=on(2018))).then(RECONCILED),
    "is found in order, a source says, nobody knows by whom": reported.when(
        assessments.Reconcile(citations=cite(1))
    ).then(assessed(assessments.Reconciled, (), None, effective=SOME_DAY, citations=cite(1))),
    "is found in order, nobody knows when": reported.when(assessments.Reconcile(by=(no(2),))).then(
        assessed(assessments.Reconciled, (no(2),), None, effective=SOME_DAY)
    ),
    "on what grounds it is disputed becomes known": given(
        DECIDER, REGISTERED, WHOLE, assessed(assessments.Disputed, (no(2),), on(2017))
    )
    .when(assessments.Dispute(by=(no(2),), effective=on(2017), grounds="重复计算", citations=cite(1)))
    .then(
        assessments.AssessmentDescribed(assessment=DISPUTED.assessment, grounds="重复计算", citations=cite(1)),
        header.Attested(attests=3, fields=("id", "by"), citations=cite(1)),
    ),
    "is disputed on other grounds": disputed.when(
        assessments.Dispute(id=DISPUTED.assessment, grounds="重复计算")
    ).refused(errors.AlreadyOtherwise, "/grounds"),
    "what was a dispute is found in order": disputed.when(assessments.Reconcile(id=DISPUTED.assessment)).refused(
        errors.AlreadyOtherwise, "/id"
    ),
    "is disputed on another day": disputed.when(
        assessments.Dispute(id=DISPUTED.assessment, effective=on(2019))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "is disputed by nobody": reported.when(assessments.Dispute(grounds="重复计算")).refused(errors.Unnamed, "/by"),
    "is disputed before anybody claims it": known.when(assessments.Dispute(by=(no(2),))).refused(errors.NotInThisState),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    header.Described,
    header.Describe,
    lambda: concerned.NameParty(role="subject"),
    lambda: concerned.NameParty(role="subject", group="各县", name=PrintedName(printed="各县")),
    lambda: concerned.PartyDescribed(role="subject", party=no(2)),
    lambda: items.RecordItem(sort="share"),
    lambda: items.ItemRecorded(item=no(1), sort="share"),
    lambda: items.ItemRecorded(item=no(1), parent=no(1), sort="share", label="甲"),
    lambda: items.ItemDescribed(item=no(1)),
    claims.RecordClaim,
    lambda: claims.RecordClaim(count=many("1"), compared="上年"),
    lambda: claims.RecordClaim(count=many("1"), among="全省"),
    lambda: claims.ClaimDescribed(claim=no(1)),
    lambda: assessments.AssessmentDescribed(assessment=no(1)),
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_says_nothing_is_no_value(number: int) -> None:
    """A command or an event that means nothing does not exist."""
    with pytest.raises(ValueError, match=r"\w"):
        MALFORMED[number]()


def after(*events: Event) -> Figure:
    """The figure with all of it."""
    state = newest(DECIDER, events)
    assert isinstance(state, Figure)
    return state


def test_status() -> None:
    """What was found last counts, whatever was told first; a duplicate is nothing by itself."""
    for events, wanted in (
        ([REGISTERED], "registered"),
        ([REGISTERED, WHOLE], "reported"),
        ([REGISTERED, WHOLE, DISPUTED], "disputed"),
        ([REGISTERED, WHOLE, RECONCILED, DISPUTED], "reconciled"),
        ([REGISTERED, WHOLE, RECONCILED, assessed(assessments.Disputed, (no(2),), on(2018))], "disputed"),
        ([REGISTERED, WHOLE, DISPUTED, DUPLICATE], "merged"),
    ):
        assert status(after(*events)) == wanted
    last = found(after(REGISTERED, WHOLE, RECONCILED, DISPUTED))
    assert last is not None
    assert last.by == (no(3),)


def test_what_it_is_called_and_what_it_is_made_of() -> None:
    """Stages stand in their order, whatever was told first; without a title the metric stands for one."""
    last = items.ItemRecorded(item=no(14), sort="stage", label="现场签约", order=2)
    figure = after(BARE, last, STAGE, CONTRACTS)
    assert [item.label for item in under(figure, None)] == ["拟签约", "现场签约"]
    assert [item.label for item in under(figure, no(11))] == ["合同项目"]
    assert figure.header is not None
    assert title(figure.header) == "签约项目"


def disagreements(*told: dict[str, Any]) -> list[tuple[str, ...]]:
    """The fields in which claims disagree, two by two."""
    kept = [claims.Claimed(claim=no(100 + index), **one) for index, one in enumerate(told)]
    figure = after(REGISTERED, STAGE, *kept)
    found = list(disagreeing(figure))
    for claim in kept:
        assert list(disagreeing(figure, [claim.claim])) == [
            one for one in found if claim.claim in {one.one.id, one.other.id}
        ]
    assert list(disagreeing(figure, [no(99)])) == []
    return [one.fields for one in found]


BOUNDS = ("exact", "above", "below", "about")


@drawn(
    st.lists(
        st.tuples(
            st.sampled_from(("exact", "above", "below", "about")), st.integers(1, 6), st.booleans(), st.booleans()
        ),
        max_size=8,
    )
)
def test_claims_that_disagree_are_those_of_which_no_number_is_both(told: list[tuple[Any, int, bool, bool]]) -> None:
    """Two by two, whatever others there are between them."""
    numbers = [
        {
            "count" if count else "sum": Magnitude(value=str(value), unit="个" if count else "万元", bound=bound),
            **({"rank": value} if ranked else {}),
        }
        for bound, value, count, ranked in told
    ]

    def both(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
        apart = []
        for name in one.keys() & other.keys():
            if name == "rank":
                differ = one[name] != other[name]
            else:
                whole = name == "count"
                differ = not amounts.interval(one[name], whole=whole).meets(amounts.interval(other[name], whole=whole))
            apart += [name] if differ else []
        return tuple(sorted(apart))

    wanted = [fields for one, other in combinations(numbers, 2) if (fields := both(one, other))]
    assert [tuple(sorted(fields)) for fields in disagreements(*numbers)] == wanted


def test_a_figure_told_at_once_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once for each of its claims and items, which are hundreds."""
    looked: list[Figure] = []

    def looking(figure: Figure) -> Any:
        looked.append(figure)
        return reconciling.contradictions(figure)

    monkeypatch.setattr(detecting, "contradictions", looking)
    told = [STAGE, CONTRACTS, *(claims.Claimed(claim=no(100 + index), count=many(str(index))) for index in range(3))]
    figure = after(REGISTERED, *told)
    [one] = detecting.detected(Ref("figures", ID), told, figure, Look(lambda _: None, lambda *_: ()))
    assert [claim.value["value"] for claim in one.command.claims] == ["0", "1", "2"]
    assert looked == [figure]


def test_claims_disagree_where_no_number_is_both() -> None:
    """By their bounds, in whatever unit; a number about which something is said contradicts nothing."""
    below = many("400", "亿元", bound="below")
    assert disagreements({"count": many("252")}, {"count": many("251")}) == [("count",)]
    assert disagreements({"sum": below}, {"sum": many("39000000000", "元")}) == []
    assert disagreements({"sum": below}, {"sum": many("400", "亿元")}) == [("sum",)]
    assert disagreements({"sum": below}, {"sum": many("400", "亿元", bound="about")}) == []
    assert disagreements({"count": many("3", bound="below")}, {"count": many("2", bound="above")}) == [("count",)]
    assert disagreements({"sum": many("3", "元", bound="below")}, {"sum": many("2", "元", bound="above")}) == []


def test_claims_of_different_things_do_not_disagree() -> None:
    """Of another item, unit, modality, or compared with something else."""
    assert disagreements({"count": many("252")}, {"count": many("61"), "item": no(11)}) == []
    assert disagreements({"count": many("252")}, {"count": many("61", "项")}) == []
    assert (
        disagreements(
            {"sum": many("1", "元", modality="planned")},
            {"sum": many("2", "元", modality="paid_in")},
        )
        == []
    )
    rise = measure("9.7", "%")
    assert disagreements({"change": rise}, {"change": measure("8", "%"), "compared": "上年"}) == []
    assert disagreements({"change": rise}, {"change": measure("8", "%")}) == [("change",)]
    assert disagreements({"rank": 1, "among": "全省"}, {"rank": 2, "among": "全国"}) == []
    assert disagreements({"rank": 1, "among": "全省"}, {"rank": 2, "among": "全省"}) == [("rank",)]
    assert disagreements({"categories": 4}, {"categories": 5}, {"categories": 4}) == [("categories",), ("categories",)]
