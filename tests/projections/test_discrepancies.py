"""The list of discrepancies: every filter and page against plain Python, and what a row says."""

import random
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain.decider import Event, Ref
from service.domain.discrepancy.claims import ClaimRecorded
from service.domain.discrepancy.header import Detected
from service.domain.discrepancy.life import Reopened, Resolved, Waived
from service.domain.discrepancy.state import ProposedBy, Status
from service.projections import discrepancies
from service.projections.discrepancies import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of

DECODER = msgspec.json.Decoder(Summary)
SUBJECTS = [f"meetings/{id_of(f'meeting {number}')}" for number in range(3)]
PARTS = [None, "header", "steps/held", f"conveners/{id_of('party')}"]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
WORDS = ["何时召开", "Who convened", "who CONVENED it", "100%", "a_b", "aXb"]
LIVES: dict[Status, tuple[Event, ...]] = {
    "detected": (),
    "resolved": (Resolved(round=1, choose=id_of("claim 0"), reason="以公报为准"),),
    "waived": (Waived(round=1, reason="两说并存"),),
    "reopened": (Waived(round=1, reason="两说并存"), Reopened(round=2, reason="另有新证")),
}


class Told(Struct, frozen=True):
    """A discrepancy as the test knows it."""

    id: UUID
    sequence: int
    words: tuple[str, ...]
    status: Status
    proposed_by: ProposedBy
    places: tuple[tuple[str, str | None], ...]
    documents: tuple[UUID, ...]


def add(streams: Streams, number: int) -> Told:
    """Record one more discrepancy."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    id, sequence = id_of(f"discrepancy {number}"), streams.sequence + 1
    what, proposed_by = draw.choice(WORDS), draw.choice(get_args(ProposedBy))
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    events: list[Event] = [Detected(what=what, proposed_by=proposed_by)]
    places, words = [], [what]
    for index in range(draw.randint(2, 3)):
        subject, part, text = draw.choice(SUBJECTS), draw.choice(PARTS), draw.choice([None, *WORDS])
        cited = cite(documents[index % len(documents)]) if documents else ()
        claim = id_of(f"claim {index}")
        events.append(ClaimRecorded(claim=claim, subject=subject, subject_part=part, text=text, citations=cited))
        places.append((subject, part))
        words += [text] if text is not None else []
    status = draw.choice(get_args(Status))
    streams.record(Ref("discrepancies", id), *events, *LIVES[status])
    return Told(id, sequence, tuple(words), status, proposed_by, tuple(places), documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many discrepancies."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "status": list(get_args(Status)),
    "open": [True, False],
    "proposed_by": list(get_args(ProposedBy)),
    "subject": SUBJECTS[:2],
    "part": PARTS[1:],
    "document": DOCUMENTS[:2],
    "q": ["何时", "CONVENED", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the discrepancy passes one field of a filter."""
    match field:
        case "open":
            return (told.status in {"detected", "reopened"}) is value
        case "subject":
            return any(subject == value for subject, _ in told.places)
        case "part":
            return any(part == value for _, part in told.places)
        case "document":
            return value in told.documents
        case "q":
            return any(value.lower() in word.lower() for word in told.words)
        case _:
            return bool(getattr(told, field) == value)


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, discrepancies.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, discrepancies.LIST, Filter(), told, lambda one: one.sequence, sort)


async def test_what_a_list_says_of_a_settled_one(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("discrepancies", id_of("one"))
    place: dict[str, Any] = {"subject": SUBJECTS[0], "subject_part": "steps/held", "field": "effective"}
    first, second = {"latest": "2021-02-06"}, {"latest": "2021-02-07"}
    streams.record(
        ref,
        Detected(what="何时召开", proposed_by="curator"),
        ClaimRecorded(claim=id_of("a"), **place, value=first),
        ClaimRecorded(claim=id_of("b"), **place, value=second),
        Resolved(round=1, choose=id_of("b"), reason="以公报为准", correction=7),
    )
    await streams.store()
    await streams.check()
    (item,) = (await discrepancies.LIST.page(connection, Filter(subject=SUBJECTS[0]), TODAY, limit=5)).items
    one = DECODER.decode(item)
    assert (one.status, one.chosen, one.reason) == ("resolved", id_of("b"), "以公报为准")
    assert [(claim.id, claim.value) for claim in one.claims] == [(id_of("a"), first), (id_of("b"), second)]
