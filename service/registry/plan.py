"""A batch, decided: pure from here to the statement. What the writer loaded goes in, what it has to store comes out.

Items are decided in turn on the log's state at one position, each seeing what the ones before it changed. A refused
item leaves nothing. Where an item needs a stream's whole history (a correction, a fact dated before the newest), the
plan says which, and is made again when it has been loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Attested, Correct, Decider, Event, Recorded, Ref, State, Void, Voided, sound
from service.domain.folding import Folded, advance, fold, follows, standing, unsaid
from service.domain.parts import place
from service.domain.references import references, rewrite
from service.domain.settling import settle
from service.domain.values import Citation
from service.domain.walk import joined, written
from service.registry.citing import complete
from service.registry.orders import Answer, Done, Item, Order
from service.store.line import Envelope, encode

FOREVER = date.max


class Snapshot(Struct, kw_only=True):
    """What the plan may know: the log's end, and of streams as of that position what was loaded.

    `time` is that of every line to come, and `today` its day: what is stored of a stream follows from its log alone.
    """

    position: int
    time: datetime
    today: date
    streams: Mapping[Ref, Folded[Any]]
    taken: Mapping[UUID, str]
    histories: Mapping[Ref, Sequence[Recorded]]
    texts: Mapping[UUID, str]
    keys: Mapping[bytes, tuple[bytes, bytes]]


class Replay(Struct, frozen=True):
    """An item whose idempotency key is known: to be answered from the log."""

    answers: tuple[Answer, ...]


Result = list[Done] | Replay | Exception


class Plan(Struct, kw_only=True):
    """What a batch comes to: each item's result, and what has to be stored for them.

    `lines` are (stream, record, line) in the order of the log; `streams` the touched streams after it and `before` the
    same before it; `written` the names of the parts that lie between the two, None where they aren't known; `missing`
    the streams whose history is needed before the plan can be made.
    """

    results: list[Result]
    lines: list[tuple[Ref, Recorded, bytes]]
    streams: dict[Ref, Folded[Any]]
    before: Mapping[Ref, Folded[Any]]
    written: dict[Ref, set[str] | None]
    keys: list[tuple[bytes, bytes, bytes]]
    missing: set[Ref]


class _NeedHistory(Exception):
    """A stream has to be folded from its beginning."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref


_ANSWERS = msgspec.json.Decoder(tuple[Answer, ...])


def names(item: Item) -> Iterable[Ref]:
    """Every stream that an item's orders are for, or name."""
    for order in item.orders:
        yield order.ref
        fact = order.command.event if isinstance(order.command, Correct) else order.command
        for _, found in references(fact):
            if isinstance(found, Ref):
                yield found


class Planner:
    """Decides one batch on one snapshot."""

    def __init__(self, deciders: Mapping[str, Decider[Any]], snapshot: Snapshot) -> None:
        """Nothing is decided yet."""
        self.deciders = deciders
        self.snapshot = snapshot
        self.plan = Plan(results=[], lines=[], streams={}, before=snapshot.streams, written={}, keys=[], missing=set())
        self.fresh: dict[Ref, list[Recorded]] = {}
        self.ids: dict[UUID, str] = {}
        self.told: dict[bytes, tuple[bytes, bytes]] = {}

    def decide(self, items: Iterable[Item]) -> Plan:
        """The plan for these items, in their order."""
        for item in items:
            try:
                self.plan.results.append(self._item(item))
            except _NeedHistory as need:
                self.plan.missing.add(need.ref)
                self.plan.results.append(errors.Unavailable(problem="not decided"))
            except errors.Refused as refused:
                self.plan.results.append(refused)
        return self.plan

    def _item(self, item: Item) -> list[Done] | Replay:
        if item.key is not None:
            known = self.told.get(item.key.hash) or self.snapshot.keys.get(item.key.hash)
            if known is not None:
                if known[0] != item.key.fingerprint:
                    raise errors.KeyReused
                return Replay(_ANSWERS.decode(known[1]))
        attempt = _Attempt(self, item.envelope)
        done = []
        need: _NeedHistory | None = None
        for index, order in enumerate(item.orders):
            try:
                done.append(attempt.order(order))
            except _NeedHistory as another:
                # The orders after it are tried all the same: what else has to be loaded is learnt in one go.
                self.plan.missing.add(another.ref)
                need = another
            except errors.Refused as refused:
                if need is None:
                    raise (refused.under(f"/{index}") if len(item.orders) > 1 else refused) from None
        if need is not None:
            raise need
        if item.dry_run:
            return done
        attempt.keep()
        if item.key is not None:
            outcome = msgspec.json.encode([self._answer(one) for one in done])
            self.told[item.key.hash] = (item.key.fingerprint, outcome)
            self.plan.keys.append((item.key.hash, item.key.fingerprint, outcome))
        return done

    @staticmethod
    def _answer(done: Done) -> Answer:
        return Answer(
            category=done.ref.category,
            id=done.ref.id,
            before=done.version - len(done.events),
            after=done.version,
            sequence=done.sequence,
            part=done.part,
            created=done.created,
        )


class _Attempt:
    """One item's orders on top of the plan so far: kept whole, or dropped without a trace."""

    def __init__(self, planner: Planner, envelope: Envelope) -> None:
        self.planner = planner
        self.snapshot = planner.snapshot
        self.envelope = envelope
        self.streams: dict[Ref, Folded[Any]] = {}
        self.written: dict[Ref, set[str] | None] = {}
        self.lines: list[tuple[Ref, Recorded, bytes]] = []

    def keep(self) -> None:
        """Make the orders' changes part of the plan."""
        plan = self.planner.plan
        plan.streams.update(self.streams)
        plan.lines += self.lines
        for ref, names in self.written.items():
            plan.written[ref] = joined(plan.written.get(ref, set()), names)
        for ref in self.streams:
            self.planner.ids[ref.id] = ref.category
        for ref, recorded, _ in self.lines:
            self.planner.fresh.setdefault(ref, []).append(recorded)

    def find(self, ref: Ref) -> Folded[Any] | None:
        """A stream as the orders before have left it."""
        if ref in self.planner.plan.missing:
            raise _NeedHistory(ref)
        return self.streams.get(ref) or self.planner.plan.streams.get(ref) or self.snapshot.streams.get(ref)

    def seen(self, ref: Ref) -> int:
        """The version of a stream that a sender can have seen: without what the orders before have recorded."""
        held = self.planner.plan.streams.get(ref) or self.snapshot.streams.get(ref)
        return 0 if held is None else held.version

    def order(self, order: Order) -> Done:
        """Decide one order, and apply what it records."""
        ref, command = order.ref, order.command
        decider = self.planner.deciders.get(ref.category)
        folded = self.find(ref)
        if decider is None or (folded is None and not order.creates):
            raise errors.NotFound(subject=str(ref))
        if order.expected is not None and (actual := self.seen(ref)) != order.expected:
            raise errors.VersionMismatch(subject=str(ref), actual=actual, expected=order.expected)
        if folded is None:
            taken = self.planner.ids.get(ref.id) or self.snapshot.taken.get(ref.id)
            if taken is not None and taken != ref.category:
                raise errors.AlreadyOtherwise("/id", what=f"{taken}/{ref.id}")
            folded = Folded(base=decider.initial)
        if isinstance(command, (Correct, Void)):
            return self._correct(decider, ref, folded, command)
        own = ref if order.creates and self._state(ref) is None else None
        named = self._named(command, own)
        command = self._complete(command, named)
        state = folded.at(decider, FOREVER)
        events = decider.decide(ref.id, state, command, named)
        kept = settle(decider, state, events)
        new = [event for event in kept if not isinstance(event, Attested)] or kept or events  # else what was told again
        part = place(state, new[-1]) if new else "header"
        return self._record(decider, ref, folded, part, kept)

    # --- What a command names ---------------------------------------------------------------------------------

    def _named(self, fact: Struct, own: Ref | None = None) -> dict[Ref, State | None]:
        """The states of everything that a fact names; refuses what isn't registered.

        A document that is being registered (`own`) may cite itself: that it is there is what the citation is for.
        """
        found: dict[Ref, State | None] = {}
        told = list(references(fact))
        cited = {f"{pointer}/document" for pointer, reference in told if isinstance(reference, Citation)}
        for pointer, reference in told:
            if isinstance(reference, Citation) or (reference == own and pointer in cited):
                continue
            if reference not in found:
                found[reference] = self._state(reference)
            if found[reference] is None:
                raise errors.UnknownReference(pointer, subject=str(reference))
        return found

    def _state(self, ref: Ref) -> State | None:
        decider = self.planner.deciders.get(ref.category)
        folded = self.find(ref)
        if decider is None or folded is None:
            return None
        state: Any = folded.at(decider, FOREVER)
        return state if state.header is not None else None

    def _complete(self, fact: Any, named: Mapping[Ref, State | None]) -> Any:
        """The fact with every citation checked against its document, and quotes turned into offsets and hash."""
        pointers = {id(c): pointer for pointer, c in references(fact) if isinstance(c, Citation)}
        if not pointers:
            return fact

        def change(citation: Citation) -> Citation:
            document: Any = named.get(Ref("documents", citation.document))
            text = self.snapshot.texts.get(citation.document)
            # A document that is being registered says itself how long its text is.
            length = getattr(fact, "length", None) if document is None else document.header.length
            return complete(citation, length, text, pointers[id(citation)])

        return rewrite(fact, change)

    # --- Corrections ------------------------------------------------------------------------------------------

    def _history(self, ref: Ref, folded: Folded[Any]) -> list[Recorded]:
        """Every record of a stream, the plan's and this attempt's included."""
        fresh = [*self.planner.fresh.get(ref, ()), *(r for owner, r, _ in self.lines if owner == ref)]
        if len(fresh) == folded.version:
            return fresh
        stored = self.snapshot.histories.get(ref)
        if stored is None:
            raise _NeedHistory(ref)
        return [*stored, *fresh]

    def _correct(self, decider: Decider[Any], ref: Ref, folded: Folded[Any], command: Correct | Void) -> Done:
        records = self._history(ref, folded)
        by_sequence = {record.sequence: record for record in records}
        target = by_sequence.get(command.corrects)
        if target is None:
            raise errors.CorrectionUnknown("/corrects", subject=str(ref), sequence=command.corrects)
        first = target
        while first.corrects is not None:
            first = by_sequence[first.corrects]
        stands = [r for r in records if r is first or self._root(by_sequence, r) is first][-1].event
        part = place(folded.at(decider, FOREVER), first.event)
        if isinstance(command, Void):
            event: Event = decider.voided(
                basis=command.basis, note=command.note, citations=command.citations, effective=command.effective
            )
            if isinstance(stands, Voided):
                return self._record(decider, ref, folded, part, [])
            self._alone(ref, records, first)
        else:
            event = command.event
            self._corrects(ref, first, event)
        sound(event)
        event = self._complete(event, self._named(event))
        if event == stands:
            return self._record(decider, ref, folded, part, [])
        return self._record(decider, ref, folded, part, [event], corrects=command.corrects, reason=command.reason)

    @staticmethod
    def _corrects(ref: Ref, first: Recorded, event: Event) -> None:
        """Refuse an event that cannot stand in the place of `first`: a correction keeps what the event is about."""
        was = first.event
        if type(event) is not type(was):
            raise errors.CorrectionKind("/corrects", sequence=first.sequence, type=was.type)
        if event.part != was.part:
            raise errors.CorrectionPart("/corrects", sequence=first.sequence, part=was.part)
        for field in event.fixed:
            if getattr(event, field) != getattr(was, field):
                raise errors.CorrectionFixed(f"/{field}", sequence=first.sequence, field=field)
        found = list(references(event))
        cited = {f"{pointer}/document" for pointer, reference in found if isinstance(reference, Citation)}
        for pointer, reference in found:
            if reference == ref and pointer not in cited:
                raise errors.Circular(pointer, subject=str(ref))

    @staticmethod
    def _alone(ref: Ref, records: Iterable[Recorded], first: Recorded) -> None:
        """Refuse to void a registration that anything else in the stream rests on; its attestations go with it."""
        if not first.event.begins:
            return
        for record in standing(records):
            event = record.event
            if record.sequence != first.sequence and not (
                isinstance(event, Attested) and event.attests == first.sequence
            ):
                raise errors.NotAlone("/corrects", sequence=first.sequence, subject=str(ref))

    @staticmethod
    def _root(records: Mapping[int, Recorded], record: Recorded) -> Recorded:
        while record.corrects is not None:
            record = records[record.corrects]
        return record

    # --- Recording --------------------------------------------------------------------------------------------

    def _record(
        self,
        decider: Decider[Any],
        ref: Ref,
        folded: Folded[Any],
        part: str,
        events: Sequence[Event],
        *,
        corrects: int | None = None,
        reason: str | None = None,
    ) -> Done:
        snapshot, before = self.snapshot, folded.version
        records: list[Recorded] = []
        for told in events:
            for event in self._unsaid(decider, ref, folded, told) if corrects is None else [told]:
                recorded = Recorded(
                    sequence=snapshot.position + len(self.planner.plan.lines) + len(self.lines) + 1,
                    version=folded.version + 1,
                    time=snapshot.time,
                    effective=event.effective.earliest if event.effective else None,
                    actor=self.envelope.actor,
                    event=event,
                    cause="change" if corrects is None else "correction",
                    corrects=corrects,
                    reason=reason,
                )
                line = encode(self.envelope, ref, recorded)
                after = advance(decider, folded, recorded, snapshot.today)
                names = None
                if after is None:
                    history = [*self._history(ref, folded), recorded]
                    after = fold(decider, history, snapshot.today)
                elif not folded.pending and not isinstance(event, Attested):
                    names = written(decider, folded.base, recorded)
                self.written[ref] = joined(self.written.get(ref, set()), names)
                self.lines.append((ref, recorded, line))
                records.append(recorded)
                folded = self.streams[ref] = after
        return Done(
            ref=ref,
            version=folded.version,
            sequence=records[-1].sequence if records else 0,
            part=part,
            events=tuple(records),
            folded=folded,
            created=before == 0 and bool(records),
        )

    def _unsaid(self, decider: Decider[Any], ref: Ref, folded: Folded[Any], event: Event) -> Sequence[Event]:
        """What of an event is new in its place of the stream: beside the newest state an earlier day may tell it."""
        if not folded.version:
            return [event]
        probe = replace(
            Recorded.template(event),
            version=folded.version + 1,
            sequence=self.snapshot.position + len(self.planner.plan.lines) + len(self.lines) + 1,
            effective=event.effective.earliest if event.effective else None,
        )
        if not folded.pending and follows(decider, folded, probe):
            return [event]
        return unsaid(decider, self._history(ref, folded), event)
