"""Whether figures add up: against all numbers that claims allow, and in the manner of what newspapers count."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain import project
from service.domain.decider import Event, Ref
from service.domain.figure import DECIDER, claims, header, items, links
from service.domain.figure.disagreeing import disagreeing
from service.domain.figure.members import Member, member
from service.domain.figure.nodes import Measure, Node
from service.domain.figure.reconciling import contradictions, reconcile
from service.domain.figure.state import Figure
from service.domain.figure.verdicts import MODALITIES, WORDS, Bounds
from service.domain.project.header import DuplicateMerged
from service.domain.project.investments import InvestmentIncreased, InvestmentStated
from service.domain.values import Magnitude
from tests.anything import any_of
from tests.domain.test_figure import many, measure
from tests.given import newest, no
from tests.soak import examples

REGISTERED = header.Registered(metric="项目")


def figure(*events: Event) -> Figure:
    """A figure of projects, with what these events tell of it."""
    state = newest(DECIDER, [REGISTERED, *events])
    assert isinstance(state, Figure)
    return state


def item(number: int, sort: Any, parent: int | None = None, order: int | None = None) -> items.ItemRecorded:
    """An item, named by its number."""
    above = no(parent) if parent is not None else None
    return items.ItemRecorded(item=no(number), sort=sort, parent=above, label=f"{number}", order=order)


def claim(number: int, of: int | None = None, **told: Any) -> claims.Claimed:
    """A claim of an item, or of the whole."""
    return claims.Claimed(claim=no(number), item=no(of) if of is not None else None, **told)


def counts(target: str, of: int | None = None) -> links.Linked:
    """A thing named in an item, or in the whole."""
    return links.Linked(relation="counts", target=target, item=no(of) if of is not None else None)


def at(nodes: Sequence[Node], number: int | None) -> dict[str, Measure]:
    """The numbers of an item by what they are of, with the modality where there are several."""
    (node,) = [one for one in nodes if one.item == (no(number) if number is not None else None)]
    names = [one.measure for one in node.measures]
    return {
        one.measure if names.count(one.measure) == 1 else f"{one.measure} {one.modality}": one for one in node.measures
    }


def codes(one: Measure) -> list[str]:
    """Why, by the codes of the reasons."""
    return [reason.code for reason in one.reasons]


# --- Against all numbers ----------------------------------------------------------------------------------------------

CAP, FAR = 9, 60
"""What is known to be more than anything drawn, and more than any sum of three such."""
Drawn = tuple[str, int, int]
Numbers = set[int]


def allowed(told: Sequence[Drawn], step: int, cap: int) -> Numbers:
    """The numbers, in so many parts of one, that all of these claims allow; `step` is 1 where only whole ones are."""
    found = set(range(cap * step + 1))
    for bound, low, high in told:
        match bound:
            case "exact":
                found &= {low * step}
            case "below":
                found &= {n for n in found if n < low * step}
            case "above":
                found &= {n for n in found if n > low * step}
            case "range":
                found &= {n for n in found if low * step <= n <= high * step}
            case _:
                pass
    return found


def quantity(drawn: Drawn) -> Magnitude:
    """What a claim says."""
    bound, low, high = drawn
    if bound == "range":
        return Magnitude(low=f"{low}", high=f"{high}", unit="个", bound="range")
    return Magnitude(value=f"{low}", unit="个", bound=bound)  # type: ignore[arg-type]


def verdict(whole: Sequence[Drawn], parts: Sequence[Sequence[Drawn]], claimed: int | None, step: int) -> str | None:
    """What categories prove of the whole, by going through all numbers; None where there are none."""
    if not parts:
        return None
    if claimed is not None and len(parts) > claimed:
        return "no"
    if not any(parts) or any(not allowed(part, step, CAP) for part in parts):
        return "cannot_be_said"
    if all(bound == "about" for bound, _, _ in whole):
        return "cannot_be_said"
    sums = {0}
    for part in [*parts, *([[]] if claimed is not None and claimed > len(parts) else [])]:
        sums = {one + other for one in sums for other in allowed(part, step, CAP)}
    wanted = allowed(whole, step, FAR)
    if not sums & wanted:
        return "no"
    known = all(parts) and (claimed is None or claimed == len(parts))
    return "yes" if known and sums <= wanted else "cannot_be_said"


def of_names(whole: Sequence[Drawn], named: int) -> str | None:
    """What so many things named prove of a number of things."""
    if not named:
        return None
    wanted = allowed(whole, 1, FAR)
    if not any(number >= named for number in wanted):
        return "no"
    return "yes" if wanted == {named} else "cannot_be_said"


ends = st.integers(0, 3)
drawn = st.tuples(st.sampled_from(["exact", "exact", "below", "above", "range", "about"]), ends, ends).map(
    lambda one: (one[0], min(one[1:]), max(one[1:]))
)
told = st.lists(drawn, max_size=2)


def recorded(whole: list[Drawn], parts: list[list[Drawn]], claimed: int | None, name: str, sort: str) -> list[Event]:
    """A figure with items of one sort, and claims of one measure."""
    events: list[Event] = [item(20 + index, sort, order=index + 1) for index in range(len(parts))]
    events += [claim(40 + index, None, **{name: quantity(one)}) for index, one in enumerate(whole)]
    for number, part in enumerate(parts):
        events += [claim(50 + 10 * number + i, 20 + number, **{name: quantity(one)}) for i, one in enumerate(part)]
    return [*events, *([claim(90, categories=claimed)] if claimed is not None else [])]


@settings(max_examples=examples(100), deadline=None)
@given(told, st.lists(told, max_size=3), st.none() | st.integers(1, 4), st.integers(0, 4), st.sampled_from([1, 8]))
def test_categories_and_names_against_all_numbers(
    whole: list[Drawn], parts: list[list[Drawn]], claimed: int | None, named: int, step: int
) -> None:
    """Whole numbers for things, fine parts of one for sums; what nobody claims cannot be said."""
    name = "count" if step == 1 else "sum"
    targets = [f"agreements/{no(70 + index)}" for index in range(named)]
    events = [*recorded(whole, parts, claimed, name, "category"), *(counts(target) for target in targets)]
    found = at(reconcile(figure(*events), dict.fromkeys(targets, Member())), None).get(name)
    if not whole:
        assert found is None or (found.adds_up, codes(found)) == ("cannot_be_said", ["unclaimed"])
        return
    assert found is not None
    if not allowed(whole, step, FAR):
        assert (found.adds_up, codes(found)) == ("cannot_be_said", ["claims_disagree"])
        return
    said = [verdict(whole, parts, claimed, step), of_names(whole, named) if name == "count" else None]
    wanted = "no" if "no" in said else "yes" if "yes" in said else "cannot_be_said"
    assert found.adds_up == wanted, found
    assert found.reasons


@settings(max_examples=examples(80), deadline=None)
@given(told, st.lists(told, min_size=1, max_size=3), st.sampled_from(["stage", "share"]), st.sampled_from([1, 8]))
def test_stages_and_shares_against_all_numbers(
    whole: list[Drawn], parts: list[list[Drawn]], sort: str, step: int
) -> None:
    """A stage is not more than the one before it, the first one and a share not more than the whole."""
    name = "count" if step == 1 else "sum"
    nodes = reconcile(figure(*recorded(whole, parts, None, name, sort)), {})
    upper = whole
    for number, part in enumerate(parts):
        found = at(nodes, 20 + number).get(name)
        lower, above = allowed(part, step, FAR), allowed(upper, step, FAR)
        if not part or not upper or not lower or not above:
            assert found is None or found.within is None
        else:
            assert found is not None
            assert found.within is not None
            some = any(one <= other for one in lower for other in above)
            certain = max(lower) <= min(above) and max(lower) < FAR * step
            assert found.within.verdict == ("yes" if certain else "cannot_be_said" if some else "no")
            assert (found.adds_up == "no") == (not some)
        upper = part if sort == "stage" else whole


# --- As newspapers count ----------------------------------------------------------------------------------------------

PROJECTS = [f"projects/{no(500 + index)}" for index in range(4)]
FUNNEL: list[Event] = [
    item(11, "stage", order=1),
    item(12, "stage", order=2),
    item(13, "stage", order=3),
    item(14, "category", 12),
    item(15, "category", 12),
    claim(101, 11, count=many("186")),
    claim(102, 12, count=many("61"), sum=many("511.5", "亿元", modality="total")),
    claim(103, 14, count=many("33"), sum=many("276.6", "亿元", modality="planned")),
    claim(104, 15, count=many("28"), sum=many("2349000", "万元", modality="planned")),
    claim(105, 13, count=many("26"), sum=many("326.7", "亿元", modality="total")),
    *(counts(target, 13) for target in PROJECTS),
]
INVESTED = {
    PROJECTS[0]: Member(sums=(many("10", "亿元", modality="total"),)),
    PROJECTS[1]: Member(),
    PROJECTS[2]: Member(sums=(many("40", "亿元", modality="total"), many("1", "亿元", modality="paid_in"))),
    PROJECTS[3]: Member(sums=(many("300000", "万元", modality="total"),)),
}


def exactly(number: str, unit: str) -> Bounds:
    """A number that is one."""
    return Bounds(unit=unit, low=number, high=number)


def test_a_funnel_with_its_categories_and_the_few_that_are_named() -> None:
    """186, 61, 26: 61 are 33 and 28, worth 511.5; of 26 four are named, worth 80 of 326.7."""
    nodes = reconcile(figure(*FUNNEL), INVESTED)
    assert [node.label for node in nodes] == [None, "11", "12", "14", "15", "13"]
    intended, signed = at(nodes, 12), at(nodes, 13)
    assert (intended["count"].adds_up, intended["count"].computed) == ("yes", exactly("61", "个"))
    assert (intended["sum"].adds_up, intended["sum"].computed) == ("yes", exactly("511.5", "亿元"))
    assert codes(intended["sum"]) == ["categories_fit", "modality_differs"]
    assert (signed["count"].named, signed["count"].missing) == (exactly("4", "个"), exactly("22", "个"))
    assert (signed["sum"].named, signed["sum"].missing) == (exactly("80", "亿元"), exactly("246.7", "亿元"))
    assert signed["sum"].without_sum == (PROJECTS[1],)
    assert (signed["sum"].adds_up, codes(signed["sum"])) == ("cannot_be_said", ["some_named", "sums_unknown"])
    for node, before in ((12, 11), (13, 12)):
        inside = at(nodes, node)["count"].within
        assert inside is not None
        assert (inside.item, inside.verdict) == (no(before), "yes")
    assert [one.target for one in nodes[-1].members] == PROJECTS
    assert contradictions(figure(*FUNNEL)) == []


def test_what_is_named_in_a_later_stage_was_there_before() -> None:
    """And counts once, wherever it is named."""
    nodes = reconcile(figure(*FUNNEL, counts(PROJECTS[0], 14)), INVESTED)
    named = {node.item: at(nodes, node.item.int)["count"].named for node in nodes if node.item is not None}
    assert named[no(11)] == named[no(12)] == named[no(13)] == exactly("4", "个")
    assert (named[no(14)], named[no(15)]) == (exactly("1", "个"), None)


def test_two_hundred_and_fifty_two_in_four_categories_of_which_three_are_named() -> None:
    """Worth less than 400: a bound, and no sum to add up to; how many are in which category nobody says."""
    pacts = [f"agreements/{no(60 + index)}" for index in range(3)]
    events = [
        *(item(20 + index, "category") for index in range(4)),
        claim(1, count=many("252"), sum=many("400", "亿元", bound="below"), categories=4),
        *(counts(pact, 22) for pact in pacts),
    ]
    whole = at(reconcile(figure(*events), dict.fromkeys(pacts, Member())), None)
    assert whole["count"].adds_up == whole["sum"].adds_up == "cannot_be_said"
    assert whole["sum"].declared == Bounds(unit="亿元", low="0", high="400", high_open=True)
    assert (whole["count"].named, whole["count"].missing) == (exactly("3", "个"), exactly("249", "个"))
    assert whole["sum"].without_sum == tuple(pacts)
    assert codes(whole["count"]) == ["categories_unknown", "some_named"]
    assert "共4类" in whole["count"].reasons[0].zh
    assert "of 4 categories 0" in whole["count"].reasons[0].en


def test_planned_is_never_added_to_paid_in() -> None:
    """Neither of categories nor of those named; and what is claimed otherwise is never disproved by it."""
    parts = [item(21, "category"), item(22, "category")]
    planned, paid = many("3", "亿元", modality="planned"), many("4", "亿元", modality="paid_in")
    mixed = [*parts, claim(1, sum=many("7", "亿元")), claim(2, 21, sum=planned), claim(3, 22, sum=paid)]
    found = at(reconcile(figure(*mixed), {}), None)["sum"]
    assert (found.adds_up, codes(found), found.computed) == ("cannot_be_said", ["modalities_mixed"], None)
    other = [
        *parts,
        claim(1, sum=many("9", "亿元", modality="total")),
        claim(2, 21, sum=planned),
        claim(3, 22, sum=planned),
    ]
    found = at(reconcile(figure(*other), {}), None)["sum"]
    assert (found.adds_up, codes(found)) == ("cannot_be_said", ["categories_differ", "modality_differs"])
    same = [
        *parts,
        claim(1, sum=many("9", "亿元", modality="planned")),
        claim(2, 21, sum=planned),
        claim(3, 22, sum=planned),
    ]
    found = at(reconcile(figure(*same), {}), None)["sum"]
    assert (found.adds_up, codes(found)) == ("no", ["categories_differ"])
    assert [measure.measure for _, measure in contradictions(figure(*same))] == ["sum"]
    both = {PROJECTS[0]: Member(sums=(planned, paid))}
    found = at(reconcile(figure(claim(1, sum=many("7", "亿元")), counts(PROJECTS[0])), both), None)["sum"]
    assert (found.named, found.without_sum) == (None, (PROJECTS[0],))


def test_those_named_are_worth_more_than_is_claimed() -> None:
    """Which is wrong, whether or not all are named; where all are, they must come to it."""
    worth = {
        PROJECTS[0]: Member(sums=(many("5", "亿元"), many("2", "亿元"))),
        PROJECTS[1]: Member(sums=(many("1", "亿元"),)),
    }
    named = [counts(PROJECTS[0]), counts(PROJECTS[1])]
    for sum, count, verdict in (
        (many("7.9", "亿元"), "9", "no"),
        (many("9", "亿元"), "9", "cannot_be_said"),
        (many("8", "亿元"), "2", "yes"),
        (many("9", "亿元"), "2", "no"),
        (many("9", "亿元", bound="below"), "2", "yes"),
        (many("8", "亿元", bound="below"), "2", "no"),
        (many("8", "亿元", bound="about"), "2", "cannot_be_said"),
    ):
        events = [claim(1, sum=sum, count=many(count)), *named]
        assert at(reconcile(figure(*events), worth), None)["sum"].adds_up == verdict, sum


def test_more_are_named_than_are_claimed() -> None:
    events = [claim(1, count=many("1")), *(counts(target) for target in PROJECTS)]
    found = at(reconcile(figure(*events), INVESTED), None)["count"]
    assert (found.adds_up, codes(found), found.missing) == ("no", ["too_many_named"], None)


def test_second_records_count_once_and_what_was_not_registered_does_not() -> None:
    """By the record that stands for both."""
    known = {PROJECTS[0]: Member(into=PROJECTS[1]), PROJECTS[1]: Member(sums=(many("5", "亿元"),))}
    events = [claim(1, count=many("1"), sum=many("5", "亿元")), *(counts(target) for target in PROJECTS[:3])]
    nodes = reconcile(figure(*events), known)
    whole = at(nodes, None)
    assert (whole["count"].adds_up, whole["sum"].adds_up) == ("yes", "yes")
    assert [(one.stands_for, one.known) for one in nodes[0].members] == [
        (PROJECTS[1], True),
        (None, True),
        (None, False),
    ]


def test_units_are_not_added_to_others() -> None:
    """Multiples of one are."""
    parts = [item(21, "category"), item(22, "category")]
    one, other = claim(2, 21, sum=many("3", "亿元")), claim(3, 22, sum=many("10000", "万元"))
    found = at(reconcile(figure(*parts, claim(1, sum=many("400000000", "元")), one, other), {}), None)["sum"]
    assert (found.adds_up, found.computed) == ("yes", exactly("400000000", "元"))
    dollars = claim(3, 22, sum=many("1", "亿美元"))
    found = at(reconcile(figure(*parts, claim(1, sum=many("4", "亿元")), one, dollars), {}), None)["sum"]
    assert (found.adds_up, codes(found)) == ("cannot_be_said", ["units_differ"])
    found = at(reconcile(figure(item(21, "category"), claim(1, sum=many("4", "亿美元")), one), {}), None)["sum"]
    assert (found.adds_up, codes(found), found.computed) == ("cannot_be_said", ["units_differ"], exactly("3", "亿元"))
    found = at(reconcile(figure(claim(1, count=many("4", "项")), claim(2, count=many("4"))), {}), None)["count"]
    assert (found.adds_up, codes(found), found.declared) == ("cannot_be_said", ["units_differ"], None)


def test_categories_of_categories() -> None:
    """One that nobody claims is what its own come to, where all of those are known."""
    events = [
        item(21, "category"),
        item(22, "category"),
        item(23, "category", 21),
        item(24, "category", 21),
        claim(1, quantity=measure("-1.5", "公里")),
        claim(2, 23, quantity=measure("0.5", "公里")),
        claim(3, 24, quantity=measure("-3", "公里")),
        claim(4, 22, quantity=measure("1", "公里")),
    ]
    nodes = reconcile(figure(*events), {})
    assert (at(nodes, None)["quantity"].adds_up, at(nodes, 21)["quantity"].adds_up) == ("yes", "cannot_be_said")
    assert at(nodes, 21)["quantity"].computed == exactly("-2.5", "公里")
    assert codes(at(nodes, 21)["quantity"]) == ["unclaimed"]
    assert [at(nodes, number)["quantity"].within for number in (22, 23, 24)] == [None] * 3
    assert contradictions(figure(*events)) == []


def test_a_stage_of_another_measure_is_not_more_than_the_one_before() -> None:
    events = [item(21, "stage", order=1), item(22, "stage", order=2)]
    told = [claim(number, of, quantity=measure(f"{of}", "公里")) for number, of in ((1, 21), (2, 22))]
    assert codes(at(reconcile(figure(*events, *told), {}), 22)["quantity"]) == ["beyond"]


def test_a_figure_of_many_items_and_of_great_depth() -> None:
    """Five hundred, one under the other, and side by side."""
    deep = [item(1000, "category"), *(item(1001 + n, "category", 1000 + n) for n in range(499))]
    nodes = reconcile(figure(*deep, claim(1, count=many("5")), claim(2, 1499, count=many("5"))), {})
    assert (at(nodes, None)["count"].adds_up, len(nodes)) == ("yes", 501)
    wide = [one for n in range(500) for one in (item(1000 + n, "category"), claim(2000 + n, 1000 + n, count=many("2")))]
    assert at(reconcile(figure(*wide, claim(1, count=many("1000"))), {}), None)["count"].adds_up == "yes"


def test_items_in_a_circle_stand_under_nothing() -> None:
    """As a correction might leave them."""
    events = [
        item(21, "category", 22),
        item(22, "category", 21),
        claim(1, count=many("1")),
        claim(2, 21, count=many("5")),
    ]
    nodes = reconcile(figure(*events), {})
    assert [node.item for node in nodes] == [None]
    assert codes(nodes[0].measures[0]) == ["nothing_told"]


def test_a_project_is_worth_what_is_invested() -> None:
    """With increases by their increments, of the modality of what they add to; nothing else has a worth."""
    sums: tuple[Magnitude, ...] = (many("10", "亿元", modality="planned"), many("5", "亿元", modality="planned"))
    grown = [(no(2), no(1), sums[1]), (no(3), no(2), many("1", "亿元"))]
    state = newest(
        project.DECIDER,
        [
            project.header.Registered(called="某项目"),
            InvestmentStated(investment=no(1), quantity=sums[0]),
            *(InvestmentIncreased(investment=one, quantity=quantity, of=of) for one, of, quantity in grown),
        ],
    )
    sums += (many("1", "亿元", modality="planned"),)
    assert member(Ref("projects", no(5)), state) == Member(sums=sums)
    events = [claim(1, sum=many("16", "亿元", modality="planned"), count=many("1")), counts(f"projects/{no(5)}")]
    assert at(reconcile(figure(*events), {f"projects/{no(5)}": Member(sums=sums)}), None)["sum"].adds_up == "yes"
    merged = newest(project.DECIDER, [project.header.Registered(called="某项目"), DuplicateMerged(into=no(6))])
    assert member(Ref("projects", no(5)), merged) == Member(into=f"projects/{no(6)}")
    assert member(Ref("figures", no(5)), figure(claim(1, count=many("1")))) == Member()


@pytest.mark.parametrize("code", WORDS)
def test_every_reason_is_told_in_both_languages(code: Any) -> None:
    """With the same facts in both."""
    en, zh = WORDS[code]
    assert {name for name in ("computed", "declared", "count", "known") if f"{{{name}}}" in en} == {
        name for name in ("computed", "declared", "count", "known") if f"{{{name}}}" in zh
    }
    assert en.isascii()
    assert not zh.isascii()


def test_every_modality_has_words() -> None:
    assert set(MODALITIES) == {None, "planned", "intended", "contracted", "total", "paid_in"}


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_recorded_there_is_an_answer(data: st.DataObject) -> None:
    """In any order, corrected or not: each reachable item once, each number with a reason, exact decimals."""
    kinds = (items.ItemRecorded, items.ItemDescribed, claims.Claimed, claims.ClaimDescribed, links.Linked)
    events = data.draw(st.lists(st.one_of([any_of(kind) for kind in kinds]), max_size=10))
    state = figure(*events)
    members = {
        link.target: Member(sums=(many("1", "元"),)) for link in state.links.values() if link.relation == "counts"
    }
    nodes = reconcile(state, data.draw(st.sampled_from([members, {}])))
    assert len({node.item for node in nodes}) == len(nodes)
    for node in nodes:
        assert len({(one.measure, one.modality) for one in node.measures}) == len(node.measures)
        assert all(one.reasons for one in node.measures)
    assert all(one.one.item == one.other.item and one.fields for one in disagreeing(state))
    assert all(measure.adds_up == "no" for _, measure in contradictions(state))
