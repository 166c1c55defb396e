"""From records to a state, in the contract's order, whole or by one event more.

Corrections stand in the corrected event's place; undated events take the date of the signing that they belong to, else
of the event that they change, else they hold always; attestations stand behind what they attest; then by (date,
sequence).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Generic

from msgspec import Struct
from msgspec.structs import replace

from service.domain.decider import Attested, Decider, Event, Recorded, S, Voided
from service.domain.parts import attestations, part_of, same
from service.domain.settling import newest_fields
from service.domain.walk import Walk

ALWAYS = date.min
"""The day that an undated event without an anchor sorts at: it holds always."""


def standing(records: Iterable[Recorded]) -> list[Recorded]:
    """The records with each corrected event replaced by its last correction, under the first one's sequence.

    A correction may be corrected: the chain counts as one, and the last in the log decides. Where that is a voiding,
    nothing stands there. Records must come in the order of the log.
    """
    root: dict[int, int] = {}
    last: dict[int, Recorded] = {}
    for record in records:
        first = root[record.corrects] if record.corrects is not None else record.sequence
        root[record.sequence] = first
        last[first] = record
    return [
        record if record.sequence == first else replace(record, sequence=first)
        for first, record in last.items()
        if not isinstance(record.event, Voided)
    ]


def dated(records: Sequence[Recorded]) -> list[tuple[date, Recorded]]:
    """Standing records, in the order of the log, with the day that each holds from, in the order of application.

    An undated event that changes a part takes the day of that part's newest recording before it in the log, an
    attestation that of the event attested. Where that was voided there is nothing to change, and it sorts first.
    """
    signing = next((record.effective for record in records if record.event.signs and record.effective), None)
    recordings: dict[str, date] = {}
    days: dict[int, date] = {}
    placed = []
    for record in records:
        event = record.event
        if isinstance(event, Attested):
            day = days.get(event.attests)
        elif record.effective is not None:
            day = record.effective
        elif event.changes is not None:
            day = recordings.get(event.changes)
        else:
            day = signing if event.belongs else None
        held = ALWAYS if day is None else day
        days[record.sequence] = held
        if event.changes is None:
            recordings[event.part] = held
        placed.append((held, record))
    placed.sort(key=lambda item: (item[0], item[1].sequence))
    return placed


def unsaid(decider: Decider[S], records: Sequence[Recorded], event: Event) -> list[Event]:
    """What of an event has still to be recorded in a stream whose whole log is `records`.

    `settle` compares with the newest state alone: it cannot see that an earlier day's fact, since overtaken, has been
    recorded before. To be asked, before it is recorded, for an event that `advance` cannot place, and for any event
    while some are pending. Nothing where the event changes nothing in its place of the order; attestations where only
    its citations are new; else the event itself.
    """
    if isinstance(event, (Attested, Voided)):
        return [event]
    last = max((record.sequence for record in records), default=0) + 1
    new = replace(Recorded.template(event), sequence=last)
    state = decider.initial
    for _, record in dated([*standing(records), new]):
        if record is new:
            break
        state = decider.evolve(state, record)
    after = decider.evolve(state, new)
    held = part_of(state, event.part)
    if not same(state, after):
        return [event]
    if held is None:
        return []
    return [said for said in attestations(decider.attested, held, newest_fields(after, event), event) if said.citations]


class Folded(Struct, Generic[S], frozen=True, kw_only=True, gc=False):
    """A stream as it is kept: what holds, and what takes effect later beside it.

    `base` is the state of all events in effect when it was folded, `newest` the day of the last of them, `signing` the
    stream's signing day; `pending` are events dated later, in their order, each with its day.
    """

    base: S
    pending: tuple[tuple[date, Recorded], ...] = ()
    newest: date = ALWAYS
    signing: date | None = None
    version: int = 0

    def at(self, decider: Decider[S], day: date) -> S:
        """The state as it holds on `day`, which is not before the day that the base was folded on."""
        state = self.base
        for effective, record in self.pending:
            if effective > day:
                break
            state = decider.evolve(state, record)
        return state


def fold(decider: Decider[S], records: Sequence[Recorded], today: date) -> Folded[S]:
    """Fold a whole stream, given in the order of the log, in the contract's order."""
    kept = standing(records)
    walk, newest, pending = Walk(decider), ALWAYS, []
    for day, record in dated(kept):
        if day > today:
            pending.append((day, record))
        else:
            walk.step(record)
            newest = day
    signing = next((r.effective for r in kept if r.event.signs and r.effective is not None), None)
    return Folded(
        base=walk.state(),
        pending=tuple(pending),
        newest=newest,
        signing=signing,
        version=records[-1].version if records else 0,
    )


def due(record: Recorded, version: int, signing: date | None, *, dated: bool) -> date | None:
    """The day that one more event of a stream holds from, None where that takes the stream's whole log to say.

    Of the stream: its version before the event, its day of signing, and whether any event in it has a day.
    """
    event = record.event
    if record.cause == "correction" or (event.signs and version > 0):
        return None
    if record.effective is not None:
        return record.effective
    if event.belongs and signing is not None:
        return signing
    # The day of the event that it changes stands in the log.
    return None if event.changes is not None and dated else ALWAYS


def follows(decider: Decider[S], folded: Folded[S], record: Recorded) -> bool:
    """Whether a stream without pending events can go on by one more event: whether `advance` has an answer."""
    if isinstance(record.event, Attested) and record.cause == "change":
        return decider.evolve(folded.base, record) is not folded.base
    day = due(record, folded.version, folded.signing, dated=folded.newest != ALWAYS)
    return day is not None and day >= folded.newest


def advance(decider: Decider[S], folded: Folded[S], record: Recorded, today: date) -> Folded[S] | None:
    """The stream after one more event, or None where the whole stream has to be folded again from the log.

    That is so for a correction, for the signing of a stream that has events already, and for an event that holds from a
    day before the newest one in effect.
    """
    event = record.event
    if isinstance(event, Attested) and record.cause == "change":
        # Its source stands beside that of the attested event: where this one is in effect, no other event matters.
        waits = folded.pending and folded.pending[0][0] <= today
        after = folded.base if waits else decider.evolve(folded.base, record)
        return None if after is folded.base else replace(folded, base=after, version=record.version)
    day = due(record, folded.version, folded.signing, dated=folded.newest != ALWAYS or bool(folded.pending))
    if day is None:
        return None
    base, newest, pending = folded.base, folded.newest, folded.pending
    while pending and pending[0][0] <= min(day, today):
        newest = pending[0][0]
        base = decider.evolve(base, pending[0][1])
        pending = pending[1:]
    if day < newest or (day <= today and pending and pending[0][0] <= today):
        return None
    if day > today:
        later = sorted((*pending, (day, record)), key=lambda item: (item[0], item[1].sequence))
        pending = tuple(later)
    else:
        base, newest = decider.evolve(base, record), day
    signing = record.effective if event.signs else folded.signing
    return Folded(base=base, pending=pending, newest=newest, signing=signing, version=record.version)
