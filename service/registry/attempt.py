"""One item's orders, decided on top of what the batch has decided so far: all of them, or nothing of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from service.domain import contradicting, errors
from service.domain.contradicting import Contradiction, proposal
from service.domain.decider import Attested, Correct, Decider, Event, Recorded, Ref, Refs, State, Void, Voided, sound
from service.domain.detecting import DETECTORS, Look, detected, taken_at
from service.domain.discrepancy import Propose
from service.domain.discrepancy.correcting import corrections
from service.domain.discrepancy.life import Resolved
from service.domain.discrepancy.state import Discrepancy
from service.domain.folding import Folded, advance, fold, follows, unsaid
from service.domain.parts import place
from service.domain.references import references, rewrite
from service.domain.settling import settle
from service.domain.values import Citation, UncertainDate
from service.domain.walk import joined, written
from service.registry import correcting
from service.registry.citing import complete
from service.registry.orders import Done, Order, streams_of
from service.registry.snapshot import (
    Days,
    NeedElsewhenError,
    NeedHistoryError,
    NeedStreamsError,
)
from service.store.line import Envelope, encode, sealed

if TYPE_CHECKING:
    from service.registry.plan import Planner

FOREVER = date.max


class Attempt:
    """One item's orders on top of the plan so far: kept whole, or dropped without a trace."""

    def __init__(self, planner: "Planner", envelope: Envelope) -> None:
        self.planner = planner
        self.snapshot = planner.snapshot
        self.envelope = envelope
        self.streams: dict[Ref, Folded[Any]] = {}
        self.written: dict[Ref, set[str] | None] = {}
        self.lines: list[tuple[Ref, Recorded, bytes]] = []
        self.taken_at: dict[UUID, dict[Ref, None]] = {}
        self.left: dict[Ref, list[Event]] = {}
        """What orders before have shown of a stream, and a later one of the same is to be looked at with."""

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
        for meeting, refs in self.taken_at.items():
            self.planner.taken_at.setdefault(meeting, {}).update(refs)

    def find(self, ref: Ref) -> Folded[Any] | None:
        """A stream as the orders before have left it."""
        if ref in self.planner.plan.missing:
            raise NeedHistoryError(ref)
        found = self.streams.get(ref) or self.planner.plan.streams.get(ref) or self.snapshot.streams.get(ref)
        if found is None and ref not in self.snapshot.looked_for:
            raise NeedStreamsError(ref)
        return found

    def have(self, refs: Iterable[Ref]) -> None:
        """See that all of these have been looked for: else one after another would be."""
        known = (self.streams, self.planner.plan.streams, self.snapshot.looked_for)
        if unknown := [ref for ref in refs if not any(ref in held for held in known)]:
            raise NeedStreamsError(*unknown)

    def seen(self, ref: Ref) -> int:
        """The version of a stream that a sender can have seen: without what the orders before have recorded."""
        held = self.planner.plan.streams.get(ref) or self.snapshot.streams.get(ref)
        return 0 if held is None else held.version

    def order(self, order: Order, *, later: bool = False) -> Done:
        """Decide one order, and apply what it records; what that shows is left to a `later` one where there is one."""
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
                raise errors.AlreadyOtherwise("/id", what=f"{taken}/{ref.id}", advice="another")
            folded = Folded(base=decider.initial)
        if isinstance(command, (Correct, Void)):
            return self._correct(ref, folded, command)
        own = ref if order.creates and self._state(ref) is None else None
        refs = self._named(command, own)
        command = self._complete(command, refs)
        state = folded.at(decider, FOREVER)
        also: tuple[Done, ...] = ()
        contradictions: list[Contradiction] = []
        events: Sequence[Event]
        if order.propose:
            events, contradictions = contradicting.decide(decider, ref.id, state, command, refs, self._state)
        else:
            try:
                events = decider.decide(ref.id, state, command, refs)
            except errors.AlreadyOtherwise as refused:
                if refused.advice == "correct":
                    refused.advice = self._advice(ref, state, command, refs)
                raise
        kept = contradicting.undisputed(settle(decider, state, events), contradictions)
        if kept and isinstance(kept[0], Resolved):
            kept[0], also = self._settle(state, kept[0])
            folded = self.find(ref) or folded  # The correction may have shown something that is a claim of this one.
        new = [event for event in kept if not isinstance(event, Attested)] or kept or events  # else what was told again
        part = place(state, new[-1]) if new else "header"
        done = self._record(decider, ref, folded, part, kept, later=later)
        if contradictions:
            also += self._propose(proposal(ref, one) for one in contradictions)
        return replace(done, also=(*also, *done.also)) if also else done

    def _advice(self, ref: Ref, state: Any, command: Any, refs: Refs) -> errors.Advice:
        """What can be done of what a command tells otherwise: whether it could be proposed is found by trying."""
        if state.header is None:
            return "once"
        try:
            contradicting.decide(self.planner.deciders[ref.category], ref.id, state, command, refs, self._state)
        except errors.Refused:
            return "correct"
        return "propose"

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
            raise NeedHistoryError(ref)
        return [*stored, *fresh]

    def _correct(self, ref: Ref, folded: Folded[Any], command: Correct | Void) -> Done:
        decider, records = self.planner.deciders[ref.category], self._history(ref, folded)
        first, stands = correcting.chain(ref, records, command.corrects)
        part = place(folded.at(decider, FOREVER), first.event)
        if isinstance(command, Void):
            event: Event = decider.voided(
                basis=command.basis, note=command.note, citations=command.citations, effective=command.effective
            )
            if isinstance(stands, Voided):
                return self._record(decider, ref, folded, part, [])
            correcting.alone(ref, records, first)
        else:
            event = command.event
            correcting.fits(ref, first, event)
        sound(event)
        event = self._complete(event, self._named(event))
        if event == stands:
            return self._record(decider, ref, folded, part, [])
        told: dict[str, Any] = {"corrects": command.corrects, "reason": command.reason, "instead": stands}
        return self._record(decider, ref, folded, part, [event], **told)

    # --- What is recorded with it -----------------------------------------------------------------------------

    def _settle(self, discrepancy: Discrepancy, resolved: Resolved) -> tuple[Resolved, tuple[Done, ...]]:
        """A resolution with the correction that makes the record say what it chose, where it does not yet."""
        claim = discrepancy.claims[str(resolved.choose)]
        ref = Ref.of(claim.subject)
        state, folded = self._state(ref), self.find(ref)
        if state is None or folded is None:
            raise errors.NotStanding("/choose", what=str(ref))
        decider = self.planner.deciders[ref.category]
        try:
            commands = corrections(decider, self._history(ref, folded), state, claim, resolved.reason)
            done = [self._correct(ref, self.find(ref) or folded, command) for command in commands]
        except errors.Refused as refused:
            refused.pointer = "/choose"
            raise
        if not done:
            return resolved, ()
        events = tuple(event for one in done for event in one.events)
        whole = replace(done[-1], events=events, part=done[0].part, also=())
        return replace(resolved, correction=done[0].sequence), (whole, *(more for one in done for more in one.also))

    def _propose(self, found: Iterable[tuple[Ref, Propose]]) -> tuple[Done, ...]:
        """The discrepancies of what cannot both hold: new ones, or claims more of those that are."""
        proposed: dict[Ref, Done] = {}
        for target, command in found:
            if self._state(target) is None:
                proposed[target] = self.order(Order(ref=target, command=command, creates=True))
                continue
            for claim in command.claims:
                done = self.order(Order(ref=target, command=claim))
                before = proposed.get(target)
                events = (*(before.events if before is not None else ()), *done.events)
                created = before is not None and before.created
                last = events[-1].sequence if events else 0
                proposed[target] = replace(done, events=events, sequence=last, created=created)
        return tuple(proposed.values())

    def _noticed(self, ref: Ref, state: State, events: Iterable[Event]) -> tuple[Done, ...]:
        """What these events of a stream have shown, proposed; claims that a discrepancy has no room for are left.

        What cannot be proposed, as the record cites a document that was voided or more than a line holds, is left out:
        the fact that has shown it is none the worse.
        """
        found = detected(ref, events, state, Look(self._state, self._elsewhen))
        self.have(wanted for one in found for wanted in (one.ref, *streams_of(one.command)))
        proposed: list[Done] = []
        for one in found:
            before = dict(self.streams), dict(self.written), self.lines[:]
            try:
                proposed += self._propose([(one.ref, one.fitting(self._state(one.ref)))])
            except errors.Refused:
                self.streams, self.written, self.lines = before
        return tuple(done for done in proposed if done.events)

    def _elsewhen(self, meeting: Ref, days: UncertainDate) -> Iterable[Ref]:
        """The streams that may name a meeting on other days: stored ones, and those of the orders before."""
        found = {**self.planner.taken_at.get(meeting.id, {}), **self.taken_at.get(meeting.id, {})}
        if meeting in self.snapshot.streams:  # Nothing stored can name one that is not.
            asked = Days(meeting.id, days.earliest or date.min, days.latest or date.max)
            if asked not in self.snapshot.elsewhen:
                raise NeedElsewhenError(asked)
            found.update(dict.fromkeys(self.snapshot.elsewhen[asked]))
        return found

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
        instead: Event | None = None,
        later: bool = False,
    ) -> Done:
        """Record events; one that `corrects` stands in the place of another, or takes it away.

        `later`: what they show is looked at with the events of a later order.
        """
        snapshot, before = self.snapshot, folded
        records: list[Recorded] = []
        for told in events:
            for one in self._unsaid(decider, ref, folded, told) if corrects is None else [told]:
                data, event = sealed(one, self.planner.decoders)
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
                line = encode(self.envelope, ref, recorded, data=data)
                after = advance(decider, folded, recorded, snapshot.today)
                names = None
                if after is None:
                    history = [*self._history(ref, folded), recorded]
                    after = fold(decider, history, snapshot.today)
                elif not folded.pending and not isinstance(event, Attested):
                    names = written(decider, folded.base, recorded, after.base)
                self.written[ref] = joined(self.written.get(ref, set()), names)
                self.lines.append((ref, recorded, line))
                records.append(recorded)
                folded = self.streams[ref] = after
        also: tuple[Done, ...] = ()
        shown = [*self.left.pop(ref, ()), *(record.event for record in records)]
        if corrects is not None and records:
            states = before.at(decider, FOREVER), folded.at(decider, FOREVER)
            back = correcting.brought_back(self._history(ref, folded), *states)
            shown = [*([instead] if instead is not None else ()), *shown, *back]
        if later:
            self.left[ref] = shown
        elif any(type(event) in DETECTORS for event in shown):
            state = folded.at(decider, FOREVER)
            for meeting, _, _ in taken_at(state):
                self.taken_at.setdefault(meeting, {})[ref] = None
            also = self._noticed(ref, state, shown)
        return Done(
            ref=ref,
            version=folded.version,
            sequence=records[-1].sequence if records else 0,
            part=part,
            events=tuple(records),
            folded=folded,
            created=before.version == 0 and bool(records),
            also=also,
        )

    def _unsaid(self, decider: Decider[Any], ref: Ref, folded: Folded[Any], event: Event) -> Sequence[Event]:
        """What of an event is new in its place of the stream: beside the newest state an earlier day may tell it."""
        if not folded.version:
            return [event]
        if not folded.pending and follows(decider, folded, Recorded.template(event)):
            return [event]
        return unsaid(decider, self._history(ref, folded), event)
