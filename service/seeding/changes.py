"""What an altered seed file changes: what it says now, compared with what stands of its own events in the log.

Facts are matched by their stream, their event's type and the part that they are about, an attestation by the event that
it attests. What the file comes to is decided on what others had told when it was first taken in: the same commands make
the same events, whatever has become of their things since.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.domain import contradicting, errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Correct, Event, Fact, Recorded, Ref, State, Void, Voided
from service.domain.discrepancy import life
from service.domain.folding import fold, standing
from service.domain.parts import says
from service.domain.references import references
from service.domain.registry import SUBJECT
from service.domain.settling import settle
from service.registry import DECODERS, SEEDS, Order, Registry
from service.seeding.alone import ALONE
from service.seeding.file import SeedError, SeedFile, Wish
from service.store.line import decode


class Step(NamedTuple):
    """An order, and where in the file it comes from."""

    order: Order
    where: str


def explained(file: SeedFile, steps: Sequence[Step], refused: errors.Refused) -> str:
    """A refusal in the file's own words."""
    match = re.match(r"/([0-9]+)(/.*)?", refused.pointer or "")
    index = int(match[1]) if match else len(steps)
    where = steps[index].where if index < len(steps) else file.name
    field = (match[2] or "").strip("/").replace("/", " ") if match else ""
    told = file.readable(str(refused))
    return f"{where}, {field}: {told}" if field else f"{where}: {told}"


# --- A file that was taken in before ----------------------------------------------------------------------------------


class Stored(Struct, frozen=True, kw_only=True):
    """A fact of the file that stands in the log: as it was first recorded, and as it stands after corrections.

    `ours`: nobody else has corrected it, nor has it been corrected to settle a discrepancy.
    """

    ref: Ref
    first: Recorded
    now: Recorded
    ours: bool

    @property
    def event(self) -> Event:
        """What it says: as corrected; where it was voided, what it said."""
        return self.first.event if isinstance(self.now.event, Voided) else self.now.event

    def like(self, event: Event) -> Event:
        """An event as the log would have it: what it says of other places in the log is the stored one's."""
        if isinstance(event, life.Resolved) and isinstance(self.event, life.Resolved):
            return replace(event, correction=self.event.correction)
        return event


Place = tuple[Ref, str, str]
"""What facts are matched by: the stream, the event's type, and the part that it is about."""


def place(ref: Ref, event: Event) -> Place:
    """What a fact is matched by."""
    return ref, event.type, event.part


def telling(event: Event) -> dict[str, Any]:
    """The fields that an event says, with their values."""
    return {name: value for name in event.__struct_fields__ if says(value := getattr(event, name))}


def equal(event: Event, fact: Stored) -> int:
    """1 where a stored event is that event."""
    return int(fact.now.event == fact.like(event))


def likeness(event: Event, fact: Stored) -> int:
    """How many fields both an event and a stored one of its place say; 0 where each says something else of the part."""
    both = telling(event).keys() & telling(fact.event).keys() - set(Fact.__struct_fields__)
    partial = {field.name for field in msgspec.structs.fields(type(event)) if field.default is UNSET}
    return 0 if partial and not both & partial else 1 + len(both)


async def histories(registry: Registry, refs: Iterable[Ref]) -> dict[Ref, list[Recorded]]:
    """All records of these streams."""
    found: dict[Ref, list[Recorded]] = {}
    for ref in refs:
        chunks = registry.lines(subject=ref)
        found[ref] = [decode(line, DECODERS)[2] async for chunk in chunks for line in chunk]
    return found


async def touched_by(registry: Registry, file: SeedFile) -> dict[Ref, set[int]]:
    """The sequences of all that was recorded of the file, by stream."""
    mark = b'"correlationid":' + msgspec.json.encode(f"seeds/{file.name}") + b","
    found: dict[Ref, set[int]] = {}
    async for chunk in registry.lines():
        for line in chunk:
            if mark in line:
                ref, outer, record = decode(line, DECODERS)
                if outer.correlationid == f"seeds/{file.name}" and record.actor == SEEDS and ref != SUBJECT:
                    found.setdefault(ref, set()).add(record.sequence)
    return found


def chains(records: Sequence[Recorded]) -> dict[int, list[Recorded]]:
    """Each first record with all that corrected it, in the order of the log."""
    root: dict[int, int] = {}
    found: dict[int, list[Recorded]] = {}
    for record in records:
        first = root[record.corrects] if record.corrects is not None else record.sequence
        root[record.sequence] = first
        found.setdefault(first, []).append(record)
    return found


class Wanted(NamedTuple):
    """An event that the file's commands come to, the command, and a number below zero that stands for its sequence."""

    wish: Wish
    event: Event
    sequence: int


class _Beside:
    """The registry as it is beside the file's facts, at some time, to be told them anew."""

    def __init__(self, states: Mapping[Ref, State], *, propose: bool) -> None:
        self.states = dict(states)
        self.propose = propose

    def events(self, wish: Wish) -> list[Event] | errors.Refused:
        """What a command of the file comes to, or why it is refused."""
        decider = DECIDERS[wish.ref.category]
        state = self.states.get(wish.ref, decider.initial)
        named = {ref: self.states.get(ref) for _, ref in references(wish.command) if isinstance(ref, Ref)}
        try:
            if self.propose:
                told, others = contradicting.decide(decider, wish.ref.id, state, wish.command, named, self.states.get)
                return contradicting.undisputed(settle(decider, state, told), others)
            return settle(decider, state, decider.decide(wish.ref.id, state, wish.command, named))
        except errors.Refused as refused:
            return refused

    def tell(self, ref: Ref, event: Event, sequence: int) -> None:
        """Apply an event of the file."""
        decider = DECIDERS[ref.category]
        recorded = replace(Recorded.template(event), sequence=sequence)
        self.states[ref] = decider.evolve(self.states.get(ref, decider.initial), recorded)


def desired(
    file: SeedFile, then: Mapping[Ref, State], now: Mapping[Ref, State], stored: Collection[Place]
) -> list[Wanted]:
    """The events that the file's commands come to, as they are `stored` where they are.

    Both states are without the file's facts: `then` is as of the time when the file was first taken in, on which its
    facts were decided; `now` has what others have told since, for facts that are newer.
    """
    worlds = _Beside(then, propose=file.propose), _Beside(now, propose=file.propose)
    found: list[Wanted] = []
    for wish in file.wishes:
        before, after = (world.events(wish) for world in worlds)
        if isinstance(after, errors.Refused):
            events = before
        else:
            fits = fit(wish.ref, before, stored)
            events = before if fits > NOT_AT_ALL and fits >= fit(wish.ref, after, stored) else after
        if isinstance(events, errors.Refused):
            step = Step(Order(ref=wish.ref, command=wish.command), wish.where)
            raise SeedError(explained(file, [step], events.under("/0")))
        for event in events:
            found.append(Wanted(wish, event, -len(found) - 1))
            for world in worlds:
                world.tell(wish.ref, event, found[-1].sequence)
    return found


NOT_AT_ALL = (False, 0)


def fit(ref: Ref, events: list[Event] | errors.Refused, stored: Collection[Place]) -> tuple[bool, int]:
    """How well events fit what is stored of the file: whether all of them are, and how many."""
    if isinstance(events, errors.Refused):
        return NOT_AT_ALL
    there = [place(ref, event) in stored for event in events]
    return (all(there), sum(there)) if there else NOT_AT_ALL


async def differences(registry: Registry, file: SeedFile, reason: str) -> tuple[list[Step], list[str]]:
    """What has to be sent for the registry to say what the file says now, and what is left alone, told in words."""
    told = {wish.ref for wish in file.wishes}
    ours = {
        # What the registry proposed of the file's facts is nothing that the file says: it stays until it is settled.
        ref: sequences
        for ref, sequences in (await touched_by(registry, file)).items()
        if ref.category != "discrepancies" or ref in told
    }
    named = {found for wish in file.wishes for _, found in references(wish.command) if isinstance(found, Ref)}
    records = await histories(registry, ours.keys() | named | told)
    settling = {
        record.event.correction
        for history in records.values()
        for record in history
        if isinstance(record.event, life.Resolved)
    }
    stored: dict[Place, list[Stored]] = {}
    then: dict[Ref, State] = {}
    now: dict[Ref, State] = {}
    foreign: dict[Ref, list[Recorded]] = {}
    for ref, history in records.items():
        of_file = ours.get(ref, set())
        known_chains = chains(history)
        for first, chain in known_chains.items():
            if first in of_file and not (isinstance(chain[-1].event, Voided) and chain[-1].actor == SEEDS):
                own = chain[-1].sequence in of_file and chain[-1].sequence not in settling
                fact = Stored(ref=ref, first=chain[0], now=chain[-1], ours=own)
                stored.setdefault(place(ref, fact.first.event), []).append(fact)
        rest = [record for first, chain in known_chains.items() if first not in of_file for record in chain]
        rest.sort(key=lambda record: record.sequence)
        foreign[ref] = standing(rest)
        decider, touched = DECIDERS[ref.category], min(of_file, default=None)
        before = [record for record in rest if touched is None or record.sequence < touched]
        for states, known in ((then, before), (now, rest)):
            if known:
                states[ref] = fold(decider, known, registry.today()).at(decider, date.max)
    compared = _Comparison(file, stored, foreign, reason)
    wanted = desired(file, then, now, stored.keys())
    found = paired(wanted, stored)
    for _, group in groupby(zip(wanted, found, strict=True), key=lambda pair: id(pair[0].wish)):
        compared.want([(one.wish, event, fact) for one, (event, fact) in group])
    return guarded(compared.steps(), records), compared.left


def guarded(steps: Sequence[Step], records: Mapping[Ref, Sequence[Recorded]]) -> list[Step]:
    """The steps, the first on each stream only if nobody has written to it since it was read."""
    seen: set[Ref] = set()
    found = []
    for step in steps:
        ref = step.order.ref
        if ref not in seen and records.get(ref):
            step = Step(replace(step.order, expected=records[ref][-1].version), step.where)  # noqa: PLW2901
        seen.add(ref)
        found.append(step)
    return found


def paired(wanted: Sequence[Wanted], stored: dict[Place, list[Stored]]) -> list[tuple[Event, Stored | None]]:
    """Each wanted event with the stored one that it is: first those that are equal, then the most alike.

    Empties `stored`. Attestations come last: one of an event of the file itself is of the stored one that this is.
    """
    found: dict[int, Stored] = {}
    events = {one.sequence: one.event for one in wanted}

    def pair(one: Wanted, by: Callable[[Event, Stored], int]) -> None:
        event = events[one.sequence]
        if isinstance(event, Attested) and event.attests in found:
            event = events[one.sequence] = replace(event, attests=found[event.attests].first.sequence)
        candidates = stored.get(place(one.wish.ref, event), [])
        best = max(candidates, key=lambda fact: by(event, fact), default=None)
        if one.sequence not in found and best is not None and by(event, best):
            candidates.remove(best)
            found[one.sequence] = best

    for attesting in (False, True):
        some = [one for one in wanted if isinstance(one.event, Attested) is attesting]
        for by in (equal, likeness):
            for one in some:
                pair(one, by)
    return [(events[one.sequence], found.get(one.sequence)) for one in wanted]


def rests_on(event: Event, other: Recorded) -> bool:
    """Whether an event of a stream means nothing without another one of it."""
    if isinstance(event, Attested):
        return event.attests == other.sequence
    return other.event.begins or (other.event.changes is None and event.changes == other.event.part)


class _Comparison:
    """Gathers what has to be sent: voidings first, then corrections and commands in the file's order."""

    def __init__(
        self, file: SeedFile, stored: dict[Place, list[Stored]], foreign: Mapping[Ref, Sequence[Recorded]], reason: str
    ) -> None:
        self.file = file
        self.stored = stored
        self.foreign = foreign
        self.reason = reason
        self.left: list[str] = []
        self.orders: list[Step] = []

    def want(self, told: Sequence[tuple[Wish, Event, Stored | None]]) -> None:
        """Take note of the events that one command comes to, each with the stored one that it is."""
        missing = [event for _, event, fact in told if fact is None]
        for wish, event, fact in told:
            if fact is not None and fact.now.event != fact.like(event):
                self.alter(wish, fact.like(event), fact)
        wish = told[0][0]
        if missing and (len(missing) == len(told) or any(type(event) not in ALONE for event in missing)):
            self.orders.append(Step(Order(ref=wish.ref, command=wish.command, creates=wish.registers), wish.where))
        else:
            alone = (ALONE[type(event)](**telling(event)) for event in missing)
            self.orders += [Step(Order(ref=wish.ref, command=command), wish.where) for command in alone]

    def alter(self, wish: Wish, event: Event, fact: Stored) -> None:
        """Correct a stored event, unless somebody else has."""
        if not fact.ours:
            self.leave(wish.where, fact)
            return
        correct = Correct(corrects=fact.now.sequence, reason=self.reason, event=event)
        self.orders.append(Step(Order(ref=wish.ref, command=correct), wish.where))
        self.holds(wish, fact)

    def holds(self, wish: Wish, fact: Stored) -> None:
        """Tell what others have changed of a corrected fact since: that holds on, as it came later."""
        for record in self.foreign.get(fact.ref, ()):
            same_part = record.event.part == fact.first.event.part and not isinstance(record.event, Attested)
            if same_part and record.sequence > fact.first.sequence:
                told = f"{record.event.type} of accounts/{record.actor} in event {record.sequence} holds on"
                self.left.append(f"{wish.where}: {told}")

    def leave(self, where: str, fact: Stored) -> None:
        """Tell that somebody else has corrected the fact since."""
        self.left.append(
            f"{where}: accounts/{fact.now.actor} corrected {fact.first.event.type} in event {fact.now.sequence}"
        )

    def steps(self) -> list[Step]:
        """What has to be sent. What the file says no more is voided, unless others have built on it."""
        voids = []
        gone = [fact for facts in self.stored.values() for fact in facts]
        stays: set[Ref] = set()
        for fact in sorted(gone, key=lambda fact: fact.first.sequence, reverse=True):
            event = fact.first.event
            where = f"{self.file.name}: {self.file.readable(str(fact.ref))}, {event.type}"
            rests = [record for record in self.foreign.get(fact.ref, ()) if rests_on(record.event, fact.first)]
            if not fact.ours:
                self.leave(where, fact)
            elif rests:
                told = f"the file says it no more, but event {rests[0].sequence} of others rests on it"
                self.left.append(f"{where}: {told}")
            elif event.begins and fact.ref in stays:
                self.left.append(f"{where}: the file says it no more, but what is left alone rests on it")
            else:
                void = Void(corrects=fact.now.sequence, reason=self.reason, basis="curated")
                voids.append(Step(Order(ref=fact.ref, command=void), where))
                continue
            stays.add(fact.ref)
        return [*voids, *self.orders]
