"""The one door: what goes in comes out once, in order, whole or not at all; what is refused leaves no trace."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import force_setattr, replace

from service.config import Settings
from service.domain import detecting, document, errors, meeting, party, statement
from service.domain.agreement import Register
from service.domain.agreement.amendments import AmendClause
from service.domain.agreement.clauses import ClauseRecorded, RecordClause
from service.domain.agreement.duties import Obligation
from service.domain.agreement.header import Describe, Registered
from service.domain.agreement.life import Sign, Terminate
from service.domain.agreement.links import LinkTo
from service.domain.agreement.signatories import AddSignatory, SignatoryAdded
from service.domain.catalogue import DECIDERS
from service.domain.decider import Command, Correct, Ref, Void
from service.domain.folding import fold
from service.domain.meeting.life import Hold
from service.domain.values import SHANGHAI, Citation, PrintedName, UncertainDate
from service.registry import DECODERS, SELF, Done, Key, Order, Registry
from service.registry.citing import slice_hash
from service.store.line import decode
from tests.conftest import Database
from tests.registry.invariants import check

TEXT = "一二三四五。一二三,六七八九十。"
TODAY = Registry.today()


def new(category: str) -> Ref:
    """A stream that isn't there yet."""
    return Ref(category, uuid4())


def day(text: str) -> UncertainDate:
    """One known day."""
    return UncertainDate.day(dt.date.fromisoformat(text))


def agreement(**fields: Any) -> Register:
    """A whole agreement of test data."""
    return Register(title=PrintedName(printed="Test agreement"), **fields)


async def do(registry: Registry, ref: Ref, command: Command, **options: Any) -> Done:
    """Carry out one order."""
    order = Order(
        ref=ref, command=command, expected=options.pop("expected", None), creates=options.pop("creates", False)
    )
    [done] = await registry.execute([order], actor=SELF, **options)
    return done


async def make(registry: Registry, category: str, command: Command) -> Ref:
    """Register something new."""
    ref = new(category)
    await do(registry, ref, command, creates=True)
    return ref


async def a_party(registry: Registry) -> Ref:
    """A registered party."""
    return await make(registry, "parties", party.Register(kind="city", name=PrintedName(printed=f"City {uuid4()}")))


async def a_document(registry: Registry, text: str = TEXT) -> Ref:
    """A registered document with a captured text."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return await make(
        registry, "documents", document.Register(kind="press", language="zh", sha256=digest, length=len(text))
    )


def key(name: str, request: str = "a request") -> Key:
    """An idempotency key."""
    return Key(
        hash=hashlib.sha256(name.encode()).digest()[:16], fingerprint=hashlib.sha256(request.encode()).digest()[:16]
    )


# --- Recording --------------------------------------------------------------------------------------------------------


async def test_what_goes_in_comes_out(database: Database, registry: Registry) -> None:
    ref = new("agreements")
    done = await do(registry, ref, agreement(clauses=(RecordClause(text="a"),)), creates=True)
    assert (done.version, done.sequence, done.created, len(done.events)) == (2, 2, True, 2)
    assert (await registry.read([ref]))[ref] == done.folded
    assert await registry.read([new("agreements")]) == {}
    assert [line async for chunk in registry.lines(after=1) for line in chunk] == [
        line async for chunk in registry.lines(subject=ref, type="agreement.clause_recorded") for line in chunk
    ]
    await check(database.service)


async def test_the_same_again_changes_nothing(database: Database, registry: Registry) -> None:
    ref = await make(registry, "agreements", agreement(clauses=(RecordClause(text="a"),)))
    again = await do(registry, ref, agreement(clauses=(RecordClause(text="a"),)), creates=True)
    assert (again.version, again.sequence, again.events, again.created) == (2, 0, (), False)
    cited = await a_document(registry)
    source = Citation(document=cited.id, start=0, end=2, sha256=hashlib.sha256("一二".encode()).hexdigest())
    attested = await do(registry, ref, RecordClause(text="a", citations=(source,)))
    assert [record.event.type for record in attested.events] == ["agreement.attested"]
    assert (await do(registry, ref, RecordClause(text="a", citations=(source,)))).events == ()
    with pytest.raises(errors.AlreadyOtherwise):
        await do(registry, ref, agreement(clauses=(RecordClause(text="b"),)), creates=True)
    await check(database.service)


async def test_orders_stand_or_fall_together(database: Database, registry: Registry) -> None:
    first, second = new("parties"), new("agreements")
    city = party.Register(kind="city", name=PrintedName(printed="Test city"))
    orders: Sequence[Order] = [
        Order(ref=first, command=city, creates=True),
        Order(ref=second, command=agreement(), creates=True),
        Order(ref=second, command=AddSignatory(party=first.id)),
        Order(ref=second, command=AddSignatory(party=uuid4())),
    ]
    with pytest.raises(errors.UnknownReference) as refused:
        await registry.execute(orders, actor=SELF)
    assert refused.value.pointer == "/3/party"
    assert await registry.read([first, second]) == {}
    done = await registry.execute(orders[:3], actor=SELF)
    assert [one.version for one in done] == [1, 1, 2]
    assert len(await check(database.service)) == 3


async def test_a_dry_run_records_nothing(database: Database, registry: Registry) -> None:
    ref = new("agreements")
    done = await do(registry, ref, agreement(), creates=True, dry_run=True, key=key("dry"))
    assert (done.version, len(done.events)) == (1, 1)
    assert await registry.read([ref]) == {}
    assert await check(database.service) == []
    assert (await do(registry, ref, agreement(), creates=True, key=key("dry"))).created


# --- Refusals ---------------------------------------------------------------------------------------------------------


async def test_what_is_refused_leaves_no_trace(database: Database, registry: Registry) -> None:
    ref = await make(registry, "agreements", agreement())
    ended = await make(registry, "agreements", agreement(signed=Sign(effective=day("2020-01-01"))))
    await do(registry, ended, Terminate(effective=day("2021-01-01")))
    cited = await a_document(registry)
    long = RecordClause(
        text="字" * 19_000,
        heading="h",
        citations=tuple(
            Citation(document=cited.id, start=i, end=i + 1, sha256=f"{i:064x}", why="w" * 1_900) for i in range(10)
        ),
    )
    outside = Citation(document=cited.id, start=0, end=len(TEXT) + 1, sha256="0" * 64)
    unhashed = Citation(document=cited.id, start=0, end=1)
    quoted = Citation(document=cited.id, quote="一二三")
    paper = await make(registry, "documents", document.Register(kind="minutes", language="zh"))
    textless = Citation(document=paper.id, start=0, end=1, sha256="0" * 64)
    unordered = UncertainDate.day(TODAY)
    force_setattr(unordered, "earliest", TODAY + dt.timedelta(days=1))
    before = len(await check(database.service))
    for target, command, error, pointer in (
        (new("agreements"), RecordClause(text="a"), errors.NotFound, None),
        (new("nowhere"), RecordClause(text="a"), errors.NotFound, None),
        (
            ref,
            RecordClause(text="a", obligation=Obligation(obligors=(uuid4(),))),
            errors.UnknownReference,
            "/obligation/obligors/0",
        ),
        (ref, LinkTo(relation="implements", target=f"nowhere/{uuid4()}"), errors.UnknownReference, "/target"),
        (ref, AmendClause(clause=uuid4(), text="a"), errors.UnknownPart, "/clause"),
        (ref, long, errors.LineTooLong, None),
        # What Python has made is held to no shape before it is written.
        (ref, RecordClause(text="a" * 20_001), errors.Unreadable, ""),
        (ref, RecordClause(text="a\u2028b"), errors.Unreadable, ""),
        (ref, RecordClause(id=uuid4(), text="a\ud800"), errors.Unreadable, ""),
        (ref, RecordClause(id=uuid4(), text="a", label=object()), errors.Unreadable, ""),  # type: ignore[arg-type]
        (ref, RecordClause(text="a", obligation=Obligation(due=unordered)), errors.Unreadable, ""),
        (ref, Correct(corrects=1, reason="r", event=Registered(called="c" * 201)), errors.Unreadable, ""),
        (ref, RecordClause(text="a", citations=(outside,)), errors.CitationOutside, "/citations/0/end"),
        (ref, RecordClause(text="a", citations=(unhashed,)), errors.CitationIncomplete, "/citations/0/sha256"),
        (ref, RecordClause(text="a", citations=(quoted,)), errors.TextNotHeld, "/citations/0/quote"),
        (ref, RecordClause(text="a", citations=(textless,)), errors.NoText, "/citations/0"),
        (ended, RecordClause(text="a"), errors.Ended, None),
        (ended, RecordClause(text="a", effective=day("2021-01-01")), errors.Ended, None),
    ):
        with pytest.raises(error) as refused:
            await do(registry, target, command)
        assert refused.value.pointer == pointer, error
    assert len(await check(database.service)) == before
    await do(registry, ended, RecordClause(text="a", effective=day("2020-06-01")))


async def test_what_is_recorded_is_what_is_read_back(registry: Registry) -> None:
    """Also where a caller's Struct holds what its type does not say: the state is the one that the log gives."""
    ref = await make(registry, "agreements", agreement())
    cited = await a_document(registry)
    citations: Any = [Citation(document=cited.id, start=0, end=1, sha256=slice_hash(TEXT, 0, 1))]
    done = await do(registry, ref, RecordClause(text="a", citations=citations))
    stored = [decode(line, DECODERS)[2] async for chunk in registry.lines(subject=ref) for line in chunk]
    assert list(done.events) == stored[1:]
    assert done.folded == fold(DECIDERS["agreements"], stored, TODAY)


async def test_a_proposal_that_could_not_be_read_back_is_left_out(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the registry composes is held to its shape as well; the fact that has shown it is none the worse."""
    met = await make(registry, "meetings", meeting.Register(called="会", held=Hold(effective=day("2021-02-06"))))
    composed = detecting.days_apart

    def too_long(*told: Any) -> detecting.Found:
        ref, command = composed(*told)
        return detecting.Found(ref, replace(command, what="差" * 201))

    monkeypatch.setattr(detecting, "days_apart", too_long)
    made = statement.life.Make(meeting=met.id, effective=day("2021-02-07"))
    done = await do(registry, new("statements"), statement.Register(text="言", made=made), creates=True)
    assert (len(done.events), done.also) == (2, ())
    monkeypatch.undo()
    done = await do(registry, new("statements"), statement.Register(text="言", made=made), creates=True)
    assert [one.created for one in done.also] == [True]


async def test_an_id_belongs_to_one_category(registry: Registry) -> None:
    ref = await make(registry, "agreements", agreement())
    city = party.Register(kind="city", name=PrintedName(printed="Test city"))
    with pytest.raises(errors.AlreadyOtherwise):
        await do(registry, Ref("parties", ref.id), city, creates=True)
    with pytest.raises(errors.UnknownReference):
        await do(registry, ref, AddSignatory(party=ref.id))
    both = uuid4()
    outcomes = await asyncio.gather(
        do(registry, Ref("parties", both), city, creates=True),
        do(registry, Ref("agreements", both), agreement(), creates=True),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [Done, errors.AlreadyOtherwise]


async def test_a_stale_version_is_refused(registry: Registry) -> None:
    ref = await make(registry, "agreements", agreement())
    await do(registry, ref, RecordClause(text="a"), expected=1)
    with pytest.raises(errors.VersionMismatch) as refused:
        await do(registry, ref, RecordClause(text="b"), expected=1)
    assert refused.value.facts["actual"] == 2
    outcomes = await asyncio.gather(
        *(do(registry, ref, RecordClause(text=f"{n}"), expected=2) for n in range(5)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Done", *["VersionMismatch"] * 4]


# --- Idempotency keys -------------------------------------------------------------------------------------------------


async def test_a_key_gives_the_same_answer_again(database: Database, registry: Registry) -> None:
    ref = new("agreements")
    first = await do(registry, ref, agreement(), creates=True, key=key("one"))
    await do(registry, ref, RecordClause(text="a"))
    assert await do(registry, ref, agreement(), creates=True, key=key("one")) == first
    with pytest.raises(errors.KeyReused):
        await do(registry, ref, agreement(), creates=True, key=key("one", "another request"))
    with pytest.raises(errors.UnknownPart):
        await do(registry, ref, AmendClause(clause=uuid4(), text="b"), key=key("refused"))
    assert (await do(registry, ref, RecordClause(text="c"), key=key("refused"))).events
    unchanged = await do(registry, ref, RecordClause(text="c"), key=key("unchanged"))
    assert unchanged.events == ()
    await do(registry, ref, RecordClause(text="d"))
    assert await do(registry, ref, RecordClause(text="c"), key=key("unchanged")) == unchanged
    same = await asyncio.gather(*(do(registry, ref, RecordClause(text="e"), key=key("burst")) for _ in range(20)))
    assert len({one.sequence for one in same}) == 1
    other = await Registry.open(Settings(), database.service)
    try:
        assert await do(other, ref, agreement(), creates=True, key=key("one")) == first
    finally:
        await other.close()
    await check(database.service)


# --- Time -------------------------------------------------------------------------------------------------------------


async def test_an_earlier_fact_learnt_later(database: Database, registry: Registry) -> None:
    """The supplement of 2022 is entered after that of 2024: what holds is what 2024 said."""
    ref = await make(
        registry,
        "agreements",
        agreement(clauses=(RecordClause(text="2020"),), signed=Sign(effective=day("2020-01-01"))),
    )
    [clause] = (await registry.read([ref]))[ref].base.clauses.values()
    await do(registry, ref, AmendClause(clause=clause.id, text="2024", effective=day("2024-01-01")))
    done = await do(registry, ref, AmendClause(clause=clause.id, text="2022", effective=day("2022-01-01")))
    assert done.folded.base.clauses[str(clause.id)].text == "2024"
    await check(database.service)


async def test_what_takes_effect_later_waits(database: Database, registry: Registry) -> None:
    """A future amendment holds from its day on, picked when reading; what comes in between is not disturbed."""
    ref = await make(registry, "agreements", agreement(clauses=(RecordClause(text="now"),)))
    [clause] = (await registry.read([ref]))[ref].base.clauses.values()
    later = TODAY + dt.timedelta(days=30)
    await do(registry, ref, AmendClause(clause=clause.id, text="later", effective=UncertainDate.day(later)))
    sooner = TODAY + dt.timedelta(days=10)
    await do(registry, ref, AmendClause(clause=clause.id, text="sooner", effective=UncertainDate.day(sooner)))
    await do(registry, ref, RecordClause(text="another"))
    folded = (await registry.read([ref]))[ref]
    decider = registry.writer.deciders["agreements"]
    texts = [folded.at(decider, at).clauses[str(clause.id)].text for at in (TODAY, sooner, later)]
    assert texts == ["now", "sooner", "later"]
    assert len(folded.base.clauses) == 2
    await check(database.service)


async def test_a_clock_set_back_moves_no_day_back(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored of a stream depends on its log alone: the day is that of its newest line, which only goes on."""
    midnight = dt.datetime(2030, 1, 2, tzinfo=SHANGHAI)

    class Clock(dt.datetime):
        """A clock that is set by hand."""

        shown = midnight + dt.timedelta(minutes=30)

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return cls.shown.astimezone(tz)

    monkeypatch.setattr("service.registry.writer.datetime", Clock)
    ref = await make(registry, "agreements", agreement(clauses=(RecordClause(text="2029"),)))
    Clock.shown = midnight - dt.timedelta(minutes=30)
    [clause] = (await registry.read([ref]))[ref].base.clauses.values()
    done = await do(registry, ref, AmendClause(clause=clause.id, text="2030", effective=day("2030-01-02")))
    assert done.events[0].time == midnight + dt.timedelta(minutes=30)
    records = [decode(line, DECODERS)[2] async for chunk in registry.lines(subject=ref) for line in chunk]
    stored = (await registry.read([ref]))[ref]
    assert stored == fold(DECIDERS["agreements"], records, records[-1].time.astimezone(SHANGHAI).date())
    assert (stored.base.clauses[str(clause.id)].text, stored.pending) == ("2030", ())


# --- Corrections ------------------------------------------------------------------------------------------------------


async def test_a_correction_stands_in_the_corrected_events_place(database: Database, registry: Registry) -> None:
    one = await a_party(registry)
    ref = await make(registry, "agreements", agreement())
    added = await do(registry, ref, AddSignatory(party=one.id, side="A"))
    restated = SignatoryAdded(party=one.id, side="B")
    done = await do(registry, ref, Correct(corrects=added.sequence, reason="misread", event=restated))
    [record] = done.events
    assert (record.cause, record.corrects, record.reason) == ("correction", added.sequence, "misread")
    assert done.folded.base.signatories[str(one.id)].side == "B"
    assert (await do(registry, ref, Correct(corrects=added.sequence, reason="again", event=restated))).events == ()
    back = Correct(corrects=record.sequence, reason="it was right", event=SignatoryAdded(party=one.id, side="A"))
    assert (await do(registry, ref, back)).folded.base.signatories[str(one.id)].side == "A"
    voided = await do(registry, ref, Void(corrects=added.sequence, reason="never happened"))
    assert voided.folded.base.signatories == {}
    assert (await do(registry, ref, Void(corrects=added.sequence, reason="again"))).events == ()
    await check(database.service)


async def test_a_correction_is_checked_as_the_command_was(registry: Registry) -> None:
    ref = await make(registry, "agreements", agreement())
    elsewhere = await make(registry, "agreements", agreement())
    sequence = (await do(registry, ref, Describe(kinds=("project",)))).sequence
    unknown = SignatoryAdded(party=uuid4())
    for target, command, error, pointer in (
        (ref, Correct(corrects=sequence, reason="r", event=unknown), errors.CorrectionKind, "/corrects"),
        (ref, Correct(corrects=10_000, reason="r", event=unknown), errors.CorrectionUnknown, "/corrects"),
        (elsewhere, Void(corrects=sequence, reason="r"), errors.CorrectionUnknown, "/corrects"),
    ):
        with pytest.raises(error) as refused:
            await do(registry, target, command)
        assert refused.value.pointer == pointer
    added = await do(registry, ref, RecordClause(text="a"))
    [clause] = added.folded.base.clauses.values()
    restated = ClauseRecorded(clause=clause.id, text="a", citations=(Citation(document=uuid4(), quote="x"),))
    with pytest.raises(errors.UnknownReference) as missing:
        await do(registry, ref, Correct(corrects=added.sequence, reason="r", event=restated))
    assert missing.value.pointer == "/citations/0/document"


async def test_a_voided_registration_is_not_there(registry: Registry) -> None:
    gone = await a_party(registry)
    ref = await make(registry, "agreements", agreement())
    registered = await registry.read([gone])
    sequence = registered[gone].base.header.sources[0].sequence
    await do(registry, gone, Void(corrects=sequence, reason="never was"))
    with pytest.raises(errors.UnknownReference):
        await do(registry, ref, AddSignatory(party=gone.id))


# --- Citations --------------------------------------------------------------------------------------------------------


async def test_quotes_become_offsets_where_the_text_is_held(registry: Registry) -> None:
    cited = await a_document(registry)
    ref = await make(registry, "agreements", agreement())
    with pytest.raises(errors.TextMismatch):
        await registry.keep_text(cited.id, b"something else")
    assert await registry.text(cited.id) is None
    assert await registry.keep_text(cited.id, TEXT.encode())
    assert not await registry.keep_text(cited.id, TEXT.encode())
    assert await registry.text(cited.id) == TEXT.encode()

    async def cite(**fields: Any) -> Citation:
        citation = Citation(document=cited.id, **fields)
        done = await do(registry, ref, RecordClause(text=f"{uuid4()}", citations=(citation,)))
        found: Citation = done.events[0].event.citations[0]
        return found

    found = await cite(quote="六七")
    assert (found.start, found.end, found.quote) == (10, 12, None)
    assert found.sha256 == hashlib.sha256("六七".encode()).hexdigest()
    assert (await cite(quote="一二三", occurrence=2)).start == 6
    assert (await cite(start=0, end=2)).sha256 == hashlib.sha256("一二".encode()).hexdigest()
    for fields, error in (
        ({"quote": "一二三"}, errors.QuoteAmbiguous),
        ({"quote": "一二三", "occurrence": 3}, errors.QuoteNotFound),
        ({"quote": "没有"}, errors.QuoteNotFound),
        ({"start": 0, "end": 2, "sha256": "0" * 64}, errors.CitationHash),
    ):
        with pytest.raises(error):
            await cite(**fields)


# --- Processes and bounds ---------------------------------------------------------------------------------------------


async def test_what_another_process_wrote_is_known(database: Database, registry: Registry) -> None:
    """Caches are coherent: neither a decision nor a refusal nor a dry run rests on what another process has changed."""
    other = await Registry.open(Settings(), database.service)
    try:
        ref = await make(registry, "agreements", agreement())
        await do(other, ref, RecordClause(text="theirs"))
        assert (await do(registry, ref, RecordClause(text="theirs"))).events == ()
        await do(other, ref, Sign())
        assert (await do(registry, ref, Sign())).events == ()
        city = new("parties")
        with pytest.raises(errors.UnknownReference):
            await do(registry, ref, AddSignatory(party=city.id))
        await do(other, city, party.Register(kind="city", name=PrintedName(printed="Test city")), creates=True)
        assert (await do(registry, ref, AddSignatory(party=city.id), dry_run=True)).version == 4
        assert (await do(registry, ref, AddSignatory(party=city.id), expected=3)).version == 4
        assert (await registry.read([ref]))[ref] == (await other.read([ref]))[ref]
    finally:
        await other.close()
    await check(database.service)


async def test_a_full_queue_refuses_and_loses_nothing(database: Database) -> None:
    registry = await Registry.open(Settings(queue=10, batch=4), database.service)
    try:
        refs = [new("agreements") for _ in range(50)]
        outcomes = await asyncio.gather(
            *(do(registry, ref, agreement(), creates=True) for ref in refs), return_exceptions=True
        )
        kinds = {type(one) for one in outcomes}
        assert kinds == {Done, errors.Unavailable}
        taken = [ref for ref, one in zip(refs, outcomes, strict=True) if isinstance(one, Done)]
        assert set(await registry.read(refs)) == set(taken)
    finally:
        await registry.close()
    with pytest.raises(errors.Unavailable):
        await do(registry, new("agreements"), agreement(), creates=True)
    await check(database.service)


async def test_queue_and_batches_count_commands(database: Database) -> None:
    """A transaction takes as much room as its commands; one that finds room goes in, and is never divided."""
    registry = await Registry.open(Settings(queue=10, batch=4), database.service)

    async def several() -> list[Done]:
        return await registry.execute(
            [Order(ref=new("agreements"), command=agreement(), creates=True) for _ in range(3)], actor=SELF
        )

    try:
        outcomes = await asyncio.gather(*(several() for _ in range(5)), return_exceptions=True)
        assert [type(one) for one in outcomes] == [*[list] * 4, errors.Unavailable]
        assert registry.writer.metrics.batches == 4
        assert registry.writer.waiting.orders == 0
        orders = [Order(ref=new("agreements"), command=agreement(), creates=True) for _ in range(30)]
        assert len(await registry.execute(orders, actor=SELF)) == 30
    finally:
        await registry.close()
    assert len(await check(database.service)) == 42


async def test_a_small_cache_changes_no_answer(database: Database) -> None:
    registry = await Registry.open(Settings(cache=2), database.service)
    try:
        refs = [await make(registry, "agreements", agreement()) for _ in range(6)]
        ids: list[UUID] = [ref.id for ref in refs]
        for ref in refs:
            done = await do(registry, ref, RecordClause(text="a"))
            assert done.version == 2
        assert set(await registry.read(Ref("agreements", id) for id in ids)) == set(refs)
    finally:
        await registry.close()
    await check(database.service)
