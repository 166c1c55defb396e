"""Lists at two times: for any streams, any day and any position, every filter against plain Python over a fold."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, get_args
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.domain.agreement import life
from service.domain.agreement import state as agreed
from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.discrepancy import state as differing
from service.domain.document import state as documented
from service.domain.figure import state as numbered
from service.domain.folding import Folded, fold
from service.domain.meeting import state as met
from service.domain.names import fold as plain
from service.domain.party import state as parted
from service.domain.plan import state as planned
from service.domain.project import state as built
from service.domain.statement import state as spoken
from service.domain.task import state as asked_of
from service.domain.values import PrintedName, UncertainDate
from service.projections import (
    agreements,
    discrepancies,
    documents,
    figures,
    meetings,
    parties,
    plans,
    projects,
    signings,
    statements,
    tasks,
)
from service.projections.citations import every, facts
from service.projections.following import FOLLOWING
from service.projections.paging import Listing
from tests.anything import SUBJECTS
from tests.given import no
from tests.projections.streams import pages
from tests.projections.test_bitemporal import DAYS, drawn
from tests.soak import examples

IDS = [no(number) for number in (1, 2, 3)]
AGREEMENTS = [no(number) for number in (11, 12, 13)]
MET = [no(number) for number in (21, 22)]
SAID = [no(number) for number in (31, 32)]
PLANNED = [no(number) for number in (41, 42)]
ASKED = [no(number) for number in (51, 52)]
BUILT = [no(number) for number in (61, 62)]
DIFFERING = [no(number) for number in (81, 82)]
COUNTED = [no(number) for number in (71, 72)]
CITED = [no(number) for number in (90, 91, 92)]
BOUNDS = [date(2012, 1, 1), date(2015, 1, 1), date(2030, 1, 1)]
Passes = Callable[[Folded[Any], date, str, Any], Any]


def within(day: UncertainDate | None, field: str, bound: date) -> bool:
    """Whether a date may lie on that side of the bound."""
    if day is None or (day.earliest is None and day.latest is None):
        return False
    if field.endswith("_from"):
        return day.latest is None or day.latest >= bound
    return day.earliest is None or day.earliest <= bound


def called(names: list[PrintedName | None], part: str) -> bool:
    """Whether the words are part of a name in any of its forms."""
    forms = [form for name in names if name is not None for form in (name.printed, name.simplified, name.restored)]
    return any(plain(part) in plain(form) for form in forms if form is not None)


def agreement(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether an agreement passes a field."""
    held: agreed.Agreement = folded.base
    assert held.header is not None
    signed = held.steps.get("signed")
    match field:
        case "party":
            return str(value) in held.signatories
        case "kind":
            return value in held.kinds
        case "meeting":
            return any((one.relation, one.target) == ("signed_at", f"meetings/{value}") for one in held.links.values())
        case "status":
            return life.status(held, day) == value
        case "signed_from" | "signed_to":
            return within(signed.effective if signed else None, field, value)
        case "document":
            return value in every(facts(folded))
        case _:
            titles = [held.header.title, *(title.title for title in held.titles.values())]
            return called(titles, value) or plain(value) in plain(held.header.called or "")


def figure(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a figure passes a field."""
    held: numbered.Figure = folded.base
    header = held.header
    assert header is not None
    linked = {(one.relation, one.target) for one in held.links.values()}
    concerned = {(one.party, one.role) for one in held.concerned.values()}
    match field:
        case "metric":
            return header.metric == value
        case "status":
            return numbered.status(held) == value
        case "party":
            voices = [claim.speaker.organisations for claim in held.claims.values() if claim.speaker is not None]
            claiming = {party for told in (*voices, *(claim.by for claim in held.claims.values())) for party in told}
            return value in {who for who, _ in concerned} | claiming
        case "subject":
            return (value, "subject") in concerned
        case "meeting":
            return ("at", f"meetings/{value}") in linked
        case "plan":
            return ("under", f"plans/{value}") in linked
        case "counts":
            return ("counts", value) in linked
        case "period_from":
            starts, ends = (header.period.starts, header.period.ends) if header.period else (None, None)
            known = (starts and starts.earliest) or (ends and ends.latest)
            return known and not (ends and ends.latest and ends.latest < value)
        case "period_to":
            starts, ends = (header.period.starts, header.period.ends) if header.period else (None, None)
            known = (starts and starts.earliest) or (ends and ends.latest)
            return known and not (starts and starts.earliest and starts.earliest > value)
        case "document":
            return value in every(facts(folded))
        case _:
            words = [header.metric, header.called, header.text, *(one.label for one in held.items.values())]
            return any(value.casefold() in one.casefold() for one in words if one is not None)


def party(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a party passes a field; of which it is a member, others say."""
    held: parted.Party = folded.base
    assert held.header is not None
    match field:
        case "kind":
            return held.header.kind == value
        case "status":
            return parted.status(held, day) == value
        case "parent":
            return held.header.parent == value
        case "identifier":
            return any(value in {one.value, f"{one.scheme}:{one.value}"} for one in held.identifiers.values())
        case "document":
            return value in every(facts(folded))
        case _:
            return any(plain(value) in plain(name) for name in parted.names(held))


def document(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a document passes a field."""
    held: documented.Document = folded.base
    header = held.header
    assert header is not None
    match field:
        case "kind" | "publisher_party" | "sha256":
            return bool(getattr(header, field) == value)
        case "status":
            return documented.status(held) == value
        case "publisher":
            return header.publisher is not None and header.publisher.meant == value
        case "language":
            return header.language is not None and (header.language + "-").startswith(value + "-")
        case "date_from" | "date_to":
            return within(header.date, field, value)
        case "document":
            return value in every(facts(folded))
        case _:
            return called([header.title, *(text.title for text in held.parts.values())], value)


def of(one: Any) -> set[UUID]:
    """The parties of somebody who takes part."""
    return {one.party, *(one.person.organisations if one.person is not None else ())} - {None}


def meeting(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a meeting passes a field."""
    held: met.Meeting = folded.base
    assert held.header is not None
    step = held.steps.get("held")
    match field:
        case "party":
            there = [of(one) for one in held.attendance.values()]
            return value in set[UUID]().union(*there, (one.party for one in held.conveners.values()))
        case "body":
            return any(one.body == value for one in held.sessions.values())
        case "kind":
            return value in held.kinds
        case "status":
            return met.status(held) == value
        case "held_from" | "held_to":
            return within(step.effective if step else None, field, value)
        case "document":
            return value in every(facts(folded))
        case _:
            titles = [held.header.title, *(title.title for title in held.titles.values())]
            return called(titles, value) or plain(value) in plain(held.header.called or "")


def discrepancy(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a discrepancy passes a field."""
    held: differing.Discrepancy = folded.base
    assert held.header is not None
    match field:
        case "status":
            return differing.status(held) == value
        case "open":
            return (differing.ended(held) is None) == value
        case "proposed_by":
            return held.header.proposed_by == value
        case "subject":
            return any(claim.subject == value for claim in held.claims.values())
        case "part":
            return any(claim.subject_part == value for claim in held.claims.values())
        case "document":
            return value in every(facts(folded))
        case _:
            return any(value in text for text in (held.header.what, *(one.text or "" for one in held.claims.values())))


def statement(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a statement passes a field."""
    held: spoken.Statement = folded.base
    assert held.header is not None
    made = held.steps.get("made")
    parts = {"speaker": "speaker", "on_behalf": "principal", "to": "addressee"}
    match field:
        case "kind":
            return held.header.kind == value
        case "status":
            return spoken.status(held) == value
        case "speaker" | "on_behalf" | "to":
            return any(value in of(one) and parts[field] == one.role for one in held.participants.values())
        case "performer" | "beneficiary":
            owed = held.performance or spoken.Performance()
            return value in (owed.performers if field == "performer" else owed.beneficiaries)
        case "about":
            return any(one.about == value for one in held.topics.values())
        case "party":
            owed = held.performance or spoken.Performance()
            voices = set[UUID]().union(*(of(one) for one in held.participants.values()))
            topics = {one.about for one in held.topics.values()}
            return value in {*voices, *owed.performers, *owed.beneficiaries} or f"parties/{value}" in topics
        case "meeting":
            return made is not None and made.meeting == value
        case "made_from" | "made_to":
            return within(made.effective if made else None, field, value)
        case "document":
            return value in every(facts(folded))
        case _:
            return plain(value) in plain(held.header.text)


def plan(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a plan passes a field."""
    held: planned.Plan = folded.base
    assert held.header is not None
    making = planned.made(held)
    match field:
        case "kind":
            return value in held.kinds
        case "status":
            return planned.status(held) == value
        case "party":
            return any(value == one.party for one in held.bodies.values()) or any(
                value in one.performers
                for one in held.targets.values()
                if not one.dropped and planned.stands(held, one.item)
            )
        case "meeting":
            return any(step.meeting == value for step in held.steps.values())
        case "number":
            numbers = [held.steps[step].number for step in ("issued", "approved", "adopted") if step in held.steps]
            return next((number for number in numbers if number is not None), None) == value
        case "linked":
            return any(one.target == value for one in held.links.values())
        case "made_from" | "made_to":
            return within(making.effective if making else None, field, value)
        case "document":
            return value in every(facts(folded))
        case _:
            titles = [held.header.title, *(title.title for title in held.titles.values())]
            return called(titles, value) or plain(value) in plain(held.header.called or "")


def task(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a task passes a field."""
    held: asked_of.Task = folded.base
    assert held.header is not None
    answering = [one for one in held.units.values() if not one.released]
    due = held.terms.due if held.terms is not None else None
    match field:
        case "unit":
            return any(one.party == value for one in answering)
        case "lead" | "supporting" | "supervising":
            return any((one.party, one.role) == (value, field) for one in answering)
        case "office":
            return any(one.office == value for one in answering)
        case "person":
            people = [one.person.name for one in answering if one.person is not None]
            return any(value in {one.printed, one.meant} for one in people)
        case "plan" | "agreement" | "statement" | "meeting":
            return any(one.on == f"{field}s/{value}" for one in held.bases.values())
        case "on_part" | "number":
            return any(getattr(one, field) == value for one in held.bases.values())
        case "status":
            return asked_of.status(held) == value
        case "due_from" | "due_to":
            return within(due, field, value)
        case "duty":
            return asked_of.duty(held) is value
        case "occurrence_of":
            return held.header.occurrence_of == value
        case "document":
            return value in every(facts(folded))
        case _:
            titles = [held.header.title, *(title.title for title in held.titles.values())]
            titles += [held.terms.title] if held.terms is not None else []
            return called(titles, value) or plain(value) in plain(held.header.called or "")


def project(folded: Folded[Any], day: date, field: str, value: Any) -> Any:
    """Whether a project passes a field; what stands over its places, others say."""
    held: built.Project = folded.base
    assert held.header is not None
    stage = built.furthest(held)
    named = {"meeting": "meetings", "agreement": "agreements", "plan": "plans"}
    linked = {
        "agreement": ("under", f"agreements/{value}"),
        "plan": ("in_plan", f"plans/{value}"),
        "task": ("tracked_by", f"tasks/{value}"),
        "part_of": ("part_of", f"projects/{value}"),
    }
    match field:
        case "kind":
            return value in held.kinds
        case "status":
            return built.status(held) == value
        case "stage_from" | "stage_to":
            return within(stage.effective if stage else None, field, value)
        case "party":
            places = {(one.party, "place") for one in held.places.values()}
            return value in {party for party, _ in {*built.concerned(held), *places}}
        case "sector":
            return held.header.sector == value
        case "meeting" | "agreement" | "plan" | "task" | "part_of":
            by_link = any((one.relation, one.target) == linked.get(field) for one in held.links.values())
            return by_link or (field in named and any(getattr(step, field) == value for step in held.steps.values()))
        case "document":
            return value in every(facts(folded))
        case "q":
            titles = [held.header.title, *(title.title for title in held.titles.values())]
            return called(titles, value) or value.casefold() in (held.header.called or "").casefold()
        case role:
            return (value, role) in set(built.concerned(held))


class Asked(msgspec.Struct, frozen=True):
    """A list with its filter, the values to ask for, and what passes."""

    category: str
    listing: Listing[Any]
    filter: Any
    values: Mapping[str, tuple[Any, ...]]
    passes: Passes


LISTS = (
    Asked(
        "agreements",
        agreements.LIST,
        agreements.Filter,
        {
            "party": tuple(IDS),
            "kind": get_args(agreed.Kind),
            "status": get_args(agreed.Status),
            "signed_from": tuple(BOUNDS),
            "signed_to": tuple(BOUNDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
            "meeting": tuple(IDS),
        },
        agreement,
    ),
    Asked(
        "meetings",
        meetings.LIST,
        meetings.Filter,
        {
            "party": tuple(IDS),
            "body": tuple(IDS),
            "kind": get_args(met.Kind),
            "status": get_args(met.Status),
            "held_from": tuple(BOUNDS),
            "held_to": tuple(BOUNDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        meeting,
    ),
    Asked(
        "statements",
        statements.LIST,
        statements.Filter,
        {
            "kind": get_args(spoken.Kind),
            "status": get_args(spoken.Status),
            "party": tuple(IDS),
            "speaker": tuple(IDS),
            "on_behalf": tuple(IDS),
            "to": tuple(IDS),
            "performer": tuple(IDS),
            "beneficiary": tuple(IDS),
            "about": (*SUBJECTS, *(f"parties/{id}" for id in IDS)),
            "meeting": tuple(IDS),
            "document": tuple(CITED),
            "made_from": tuple(BOUNDS),
            "made_to": tuple(BOUNDS),
            "q": ("甲", "乙"),
        },
        statement,
    ),
    Asked(
        "discrepancies",
        discrepancies.LIST,
        discrepancies.Filter,
        {
            "status": get_args(differing.Status),
            "open": (True, False),
            "proposed_by": get_args(differing.ProposedBy),
            "subject": SUBJECTS,
            "part": SUBJECTS,
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        discrepancy,
    ),
    Asked(
        "tasks",
        tasks.LIST,
        tasks.Filter,
        {
            "unit": tuple(IDS),
            "lead": tuple(IDS),
            "supporting": tuple(IDS),
            "supervising": tuple(IDS),
            "office": ("甲", "乙"),
            "person": ("甲", "乙"),
            "plan": tuple(IDS),
            "agreement": tuple(IDS),
            "statement": tuple(IDS),
            "meeting": tuple(IDS),
            "on_part": (f"clauses/{no(1)}", f"resolutions/{no(2)}"),
            "number": ("甲", "乙"),
            "status": get_args(asked_of.Status),
            "due_from": tuple(BOUNDS),
            "due_to": tuple(BOUNDS),
            "duty": (True, False),
            "occurrence_of": tuple(IDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        task,
    ),
    Asked(
        "plans",
        plans.LIST,
        plans.Filter,
        {
            "kind": get_args(planned.Kind),
            "status": get_args(planned.Status),
            "party": tuple(IDS),
            "meeting": tuple(IDS),
            "number": ("甲", "乙"),
            "linked": (f"agreements/{no(2)}", f"agreements/{no(3)}"),
            "made_from": tuple(BOUNDS),
            "made_to": tuple(BOUNDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        plan,
    ),
    Asked(
        "projects",
        projects.LIST,
        projects.Filter,
        {
            "kind": get_args(built.Kind),
            "status": get_args(built.Status),
            "stage_from": tuple(BOUNDS),
            "stage_to": tuple(BOUNDS),
            "party": tuple(IDS),
            **{role: tuple(IDS) for role in get_args(built.Role)},
            "place": tuple(IDS),
            "sector": ("甲", "乙"),
            "meeting": tuple(IDS),
            "agreement": tuple(IDS),
            "plan": tuple(IDS),
            "task": tuple(IDS),
            "part_of": tuple(IDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        project,
    ),
    Asked(
        "figures",
        figures.LIST,
        figures.Filter,
        {
            "metric": ("甲", "乙"),
            "status": get_args(numbered.Status),
            "party": tuple(IDS),
            "subject": tuple(IDS),
            "meeting": tuple(IDS),
            "plan": tuple(IDS),
            "counts": (f"agreements/{no(2)}", f"tasks/{no(2)}"),
            "period_from": tuple(BOUNDS),
            "period_to": tuple(BOUNDS),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        figure,
    ),
    Asked(
        "parties",
        parties.LIST,
        parties.Filter,
        {
            "kind": get_args(parted.Kind),
            "status": get_args(parted.Status),
            "parent": tuple(IDS),
            "member_of": tuple(IDS),
            "identifier": ("370100", "division_code:370100"),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        party,
    ),
    Asked(
        "documents",
        documents.LIST,
        documents.Filter,
        {
            "kind": get_args(documented.Kind),
            "status": get_args(documented.Status),
            "publisher": ("甲", "乙"),
            "publisher_party": tuple(IDS),
            "language": ("zh", "zh-CN"),
            "date_from": tuple(BOUNDS),
            "date_to": tuple(BOUNDS),
            "sha256": ("a" * 64, "b" * 64),
            "document": tuple(CITED),
            "q": ("甲", "乙"),
        },
        document,
    ),
)


async def fill(connection: Any, logs: Mapping[Ref, list[Recorded]]) -> None:
    """The rows of these streams, and no others."""
    for table in FOLLOWING:
        rows = [row for ref, log in logs.items() for row in table.of(DECIDERS[ref.category], ref, log, date.min)]
        await connection.execute(f"truncate {table.table}")
        columns = [name for name, _ in table.columns]
        await connection.copy_records_to_table(table.table, records=rows, columns=columns)


def stood_for(logs: Mapping[Ref, list[Recorded]], id: UUID, day: date, position: int) -> set[UUID]:
    """A party and the records that it stands for, over however many steps."""
    into: dict[UUID, UUID] = {}
    for ref, log in logs.items():
        if ref.category == "parties":
            held: parted.Party = fold(DECIDERS["parties"], log[:position], day).base
            if held.header is not None and held.duplicate is not None:
                into[ref.id] = held.duplicate.into
    found = {id}
    while more := {second for second, first in into.items() if first in found} - found:
        found |= more
    return found


PARTIES = {
    *(
        "party",
        "speaker",
        "on_behalf",
        "to",
        "performer",
        "beneficiary",
        "body",
        "unit",
        "lead",
        "supporting",
        "supervising",
        "parent",
    ),
    *("member_of", "publisher_party", "investor", "owner", "partner", "builder", "operator", "financier", "host"),
    *("regulator", "place"),
}
"""Fields that ask for a party, and so for the second records of it."""


def members(logs: Mapping[Ref, list[Recorded]], of: UUID, day: date, position: int) -> set[UUID]:
    """Who belongs to a party."""
    log = logs.get(Ref("parties", of), [])[:position]
    held: parted.Party = fold(DECIDERS["parties"], log, day).base
    return {one.member for one in held.members.values() if not one.left} if held.header is not None else set()


def beneath(logs: Mapping[Ref, list[Recorded]], place: UUID, day: date, position: int) -> set[UUID]:
    """A place, and those that stand under it."""
    held = {
        ref.id: fold(DECIDERS["parties"], log[:position], day).base
        for ref, log in logs.items()
        if ref.category == "parties"
    }
    found = {place}
    while more := {
        id for id, one in held.items() if one.header is not None and one.header.parent in found and id not in found
    }:
        found |= more
    return found


@settings(
    max_examples=examples(5),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_list_at_any_two_times(schema: Any, data: st.DataObject) -> None:
    runner, connection = schema
    logs: dict[Ref, list[Recorded]] = {}
    several = {"agreements": AGREEMENTS, "parties": IDS, "documents": CITED[:2], "meetings": MET, "statements": SAID}
    several |= {"plans": PLANNED, "tasks": ASKED, "projects": BUILT, "discrepancies": DIFFERING, "figures": COUNTED}
    for category, ids in several.items():
        logs |= {Ref(category, id): drawn(data, category, 6) for id in ids}
    runner.run(fill(connection, logs))
    day, position = data.draw(st.sampled_from(DAYS)), data.draw(st.integers(0, 7))

    for asked in LISTS:
        assert set(asked.values) == set(asked.filter.__struct_fields__)
        held = {
            ref.id: fold(DECIDERS[ref.category], log[:position], day)
            for ref, log in logs.items()
            if ref.category == asked.category
        }
        held = {id: folded for id, folded in held.items() if folded.base.header is not None}
        single = [{}, *({field: data.draw(st.sampled_from(values))} for field, values in asked.values.items())]
        pair = {**data.draw(st.sampled_from(single)), **data.draw(st.sampled_from(single))}
        for given_ in [*single, pair]:

            def passes(id: UUID, field: str, value: Any, asked: Asked = asked, held: Any = held) -> bool:
                if field == "member_of":
                    return id in members(logs, value, day, position)
                if field == "place":
                    under = beneath(logs, value, day, position)
                    return any(one.party in under for one in held[id].base.places.values())
                return bool(asked.passes(held[id], day, field, value))

            def passes_for(id: UUID, field: str, value: Any, asked: Asked = asked, held: Any = held) -> bool:
                if field in PARTIES or (asked.category, field) == ("figures", "subject"):
                    return any(passes(id, field, one, asked, held) for one in stood_for(logs, value, day, position))
                if (asked.category, field) == ("parties", "q"):
                    records = stood_for(logs, id, day, position) & held.keys()
                    return any(passes(one, field, value, asked, held) for one in records)
                return passes(id, field, value, asked, held)

            wanted = [id for id in held if all(passes_for(id, *one) for one in given_.items())]
            for sort in asked.listing.sorts:
                found = runner.run(everything(asked, connection, given_, day, position, sort))
                assert sorted(found) == sorted(map(str, wanted)), (asked.category, given_, day, position)

    for id in IDS:
        signed = runner.run(everything_signed(connection, id, day, position))
        assert {item.agreement for item in signed} == {
            ref.id
            for ref, log in logs.items()
            if ref.category == "agreements"
            and (state := fold(DECIDERS["agreements"], log[:position], day).base).header is not None
            and any(str(one) in state.signatories for one in stood_for(logs, id, day, position))
        }
        for item in signed:
            log = logs[Ref("agreements", item.agreement)]
            shown = agreements.summary(item.agreement, fold(DECIDERS["agreements"], log[:position], day).base, day)
            assert shown is not None
            assert (item.title, item.kinds, item.status) == (shown.title, tuple(sorted(shown.kinds)), shown.status)
            told = [one for one in shown.signatories if one.party in stood_for(logs, id, day, position)]
            assert item.left == min(told, key=lambda one: one.party).left


async def everything(
    asked: Asked, connection: Any, given_: dict[str, Any], day: date, position: int, sort: str
) -> list[str]:
    """The ids of a whole list, by pages of two."""

    async def page(**more: Any) -> Any:
        filter = asked.filter(**given_)
        return await asked.listing.page(connection, filter, day, known=position, sort=sort, **more)

    return [msgspec.json.decode(item)["id"] for item in await pages(page, 2)]


async def everything_signed(connection: Any, id: UUID, day: date, position: int) -> list[signings.Signing]:
    """The agreements of a party."""

    async def page(**more: Any) -> Any:
        return await signings.LIST.page(connection, signings.Filter(party=id), day, known=position, **more)

    return await pages(page, 2)
