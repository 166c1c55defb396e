"""What a correction may change, what a registration takes with it, and where an attestation goes."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from service.domain import document, errors
from service.domain.agreement.amendments import AmendClause, ClauseAmended
from service.domain.agreement.clauses import ClauseRecorded, RecordClause
from service.domain.agreement.header import AddTitle, Attested, Registered
from service.domain.agreement.life import Sign, Signed, Terminate
from service.domain.agreement.links import Linked, LinkTo
from service.domain.agreement.signatories import AddSignatory, SignatoryAdded
from service.domain.decider import Correct, Event, Void
from service.domain.document.description import Registered as DocumentRegistered
from service.domain.document.text import TextCaptured
from service.domain.values import Citation, Locator, PrintedName
from service.registry import Registry
from tests.conftest import Database
from tests.registry.invariants import check
from tests.registry.test_door import TEXT, a_document, a_party, agreement, day, do, make, new


def digest(text: str) -> str:
    """The hash of a text, as citations carry it."""
    return hashlib.sha256(text.encode()).hexdigest()


async def cited(registry: Registry, start: int, end: int) -> tuple[Citation, ...]:
    """Some words of a new document."""
    source = await a_document(registry)
    return (Citation(document=source.id, start=start, end=end, sha256=digest(TEXT[start:end])),)


async def test_a_correction_keeps_what_the_event_is_about(registry: Registry) -> None:
    one, other = await a_party(registry), await a_party(registry)
    ref, elsewhere = await make(registry, "agreements", agreement()), await make(registry, "agreements", agreement())
    first = (await registry.read([ref]))[ref].base.header.sources[0].sequence
    added = (await do(registry, ref, AddSignatory(party=one.id))).sequence
    linked = (await do(registry, ref, LinkTo(relation="amends", target=str(elsewhere)))).sequence
    recorded = await do(registry, ref, RecordClause(text="a"))
    [clause] = recorded.folded.base.clauses.values()
    amended = (await do(registry, ref, AmendClause(clause=clause.id, text="b"))).sequence
    wrong: tuple[tuple[int, Event, type[errors.Refused], str], ...] = (
        (added, SignatoryAdded(party=other.id), errors.CorrectionPart, "/corrects"),
        (linked, Linked(relation="supersedes", target=str(elsewhere)), errors.CorrectionPart, "/corrects"),
        (amended, ClauseAmended(clause=clause.id, text="b", instrument=ref.id), errors.Circular, "/instrument"),
        (amended, ClauseAmended(clause=clause.id, text="b", basis="stated"), errors.Invalid, "/basis"),
        (first, Registered(called="c", effective=day("2020-01-01")), errors.Invalid, "/effective"),
        (recorded.sequence, ClauseRecorded(clause=uuid4(), text="a"), errors.CorrectionPart, "/corrects"),
    )
    for sequence, event, error, pointer in wrong:
        with pytest.raises(error) as refused:
            await do(registry, ref, Correct(corrects=sequence, reason="r", event=event))
        assert refused.value.pointer == pointer, event
    with pytest.raises(errors.Invalid) as refused:
        await do(registry, ref, Void(corrects=added, reason="r", effective=day("2020-01-01")))
    assert refused.value.pointer == "/effective"


async def test_the_captured_text_cannot_become_another(database: Database, registry: Registry) -> None:
    """Citations point into it: another text is another document."""
    ref = await a_document(registry)
    header = (await registry.read([ref]))[ref].base.header
    registered, captured = (source.sequence for source in header.sources)
    for event, pointer in (
        (TextCaptured(sha256="0" * 64, length=len(TEXT)), "/sha256"),
        (TextCaptured(sha256=digest(TEXT), length=1), "/length"),
    ):
        with pytest.raises(errors.CorrectionFixed) as refused:
            await do(registry, ref, Correct(corrects=captured, reason="r", event=event))
        assert refused.value.pointer == pointer
    words = (Citation(document=ref.id, start=0, end=2, sha256=digest(TEXT[:2])),)
    restated = DocumentRegistered(kind="minutes", citations=words, basis="stated")
    done = await do(registry, ref, Correct(corrects=registered, reason="r", event=restated))
    assert done.folded.base.header.kind == "minutes"
    await check(database.service)


async def test_a_registration_is_voided_alone(database: Database, registry: Registry) -> None:
    """What rests on it goes first; what attests it goes with it."""
    ref = await make(registry, "agreements", agreement())
    first = (await registry.read([ref]))[ref].base.header.sources[0].sequence
    titled = await do(registry, ref, AddTitle(title=PrintedName(printed="Another title")))
    attested = await do(
        registry, ref, AddTitle(title=PrintedName(printed="Test agreement"), citations=await cited(registry, 0, 2))
    )
    assert [record.event.type for record in attested.events] == ["agreement.attested"]
    with pytest.raises(errors.NotAlone) as refused:
        await do(registry, ref, Void(corrects=first, reason="never was"))
    assert refused.value.pointer == "/corrects"
    await do(registry, ref, Void(corrects=titled.sequence, reason="never was"))
    gone = await do(registry, ref, Void(corrects=first, reason="never was"))
    assert gone.folded.base.header is None
    again = await do(registry, ref, agreement(), creates=True)
    assert again.folded.base.header is not None
    await check(database.service)


async def test_an_attestation_goes_where_its_fact_goes(database: Database, registry: Registry) -> None:
    """It is corrected with it, in its place before what came later, and says nothing of what was voided."""
    ref = await make(registry, "agreements", agreement())
    signed = (await do(registry, ref, Sign(effective=day("2020-01-01"), place="A"))).sequence
    await do(registry, ref, Terminate(effective=day("2022-01-01")))
    words = await cited(registry, 0, 2)
    done = await do(registry, ref, Sign(place="A", citations=words))
    [record] = done.events
    assert (record.event, record.effective, done.part) == (
        Attested(attests=signed, fields=("step", "place"), citations=words),
        None,
        "steps/signed",
    )
    assert [source.citations for source in done.folded.base.steps["signed"].sources] == [(), words]
    assert (await do(registry, ref, Sign(citations=words))).events == ()
    restated = Signed(effective=day("2021-01-01"), place="B")
    moved = await do(registry, ref, Correct(corrects=signed, reason="misread", event=restated))
    assert [source.attests for source in moved.folded.base.steps["signed"].sources] == [None, signed]
    other = Attested(attests=signed + 1, citations=words)
    with pytest.raises(errors.CorrectionPart):
        await do(registry, ref, Correct(corrects=record.sequence, reason="r", event=other))
    less = Attested(attests=signed, fields=("place",), citations=words)
    corrected = await do(registry, ref, Correct(corrects=record.sequence, reason="less", event=less))
    assert corrected.part == "steps/signed"
    await do(registry, ref, Void(corrects=signed, reason="never was"))
    assert list((await registry.read([ref]))[ref].base.steps) == ["terminated"]
    await check(database.service)


async def test_a_document_cites_itself_when_it_is_registered(database: Database, registry: Registry) -> None:
    """As far as its text goes; what it has no text of is cited by page."""
    ref = new("documents")

    def register(**at: Any) -> document.Register:
        words = (Citation(document=ref.id, **at),)
        return document.Register(kind="press", sha256=digest(TEXT), length=len(TEXT), citations=words, basis="stated")

    for at, error, pointer in (
        ({"start": 0, "end": len(TEXT) + 1, "sha256": "0" * 64}, errors.CitationOutside, "/citations/0/end"),
        ({"start": 0, "end": 2}, errors.CitationIncomplete, "/citations/0/sha256"),
        ({"quote": TEXT[:2]}, errors.TextNotHeld, "/citations/0/quote"),
    ):
        with pytest.raises(error) as refused:
            await do(registry, ref, register(**at), creates=True)
        assert refused.value.pointer == pointer
    with pytest.raises(errors.UnknownReference):
        await do(
            registry,
            ref,
            replace(register(start=0, end=2, sha256=digest(TEXT[:2])), publisher_party=ref.id),
            creates=True,
        )
    done = await do(registry, ref, register(start=0, end=2, sha256=digest(TEXT[:2])), creates=True)
    assert [record.event.type for record in done.events] == ["document.registered", "document.text_captured"]
    again = await do(registry, ref, register(start=2, end=4, sha256=digest(TEXT[2:4])), creates=True)
    assert {record.event.type for record in again.events} == {"document.attested"}
    paper = new("documents")
    page = Citation(document=paper.id, locator=Locator(page="1"))
    await do(registry, paper, document.Register(kind="minutes", citations=(page,)), creates=True)
    textless = new("documents")
    words = Citation(document=textless.id, start=0, end=2, sha256="0" * 64)
    with pytest.raises(errors.NoText):
        await do(registry, textless, document.Register(kind="minutes", citations=(words,)), creates=True)
    await check(database.service)
