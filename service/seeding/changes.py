"""What an altered seed file changes: what it says now, compared with what stands of its own events in the log.

Facts are matched by their stream, their event's type and the part that they are about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import (
    Attested,
    Command,
    Correct,
    Event,
    Recorded,
    Ref,
    State,
    Void,
    Voided,
    fold,
    settle,
    standing,
)
from service.domain.references import references
from service.domain.registry import SUBJECT
from service.registry import DECODERS, SEEDS, Order, Registry
from service.seeding.reading import SeedError, SeedFile, Wish
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
    """A fact of the file that stands in the log: as it was first recorded, and as it stands after corrections."""

    ref: Ref
    first: Recorded
    now: Recorded

    @property
    def ours(self) -> bool:
        """Whether nobody else has corrected it."""
        return self.now.actor == SEEDS


Place = tuple[Ref, str, str]
"""What facts are matched by: the stream, the event's type, and the part that it is about."""


def place(ref: Ref, event: Event) -> Place:
    """What a fact is matched by."""
    return ref, event.type, event.part


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
    """An event that the file's commands come to, and the command."""

    wish: Wish
    event: Event


def desired(file: SeedFile, others: Mapping[Ref, State]) -> list[Wanted]:
    """The events that the file's commands come to where nothing of the file is recorded yet.

    `others` are the states without the file's facts. A thing that the file registers itself starts from nothing.
    """
    makes = {wish.ref for wish in file.wishes if wish.registers}
    states: dict[Ref, State] = {ref: state for ref, state in others.items() if ref not in makes}
    found: list[Wanted] = []
    for wish in file.wishes:
        decider = DECIDERS[wish.ref.category]
        state = states.get(wish.ref, decider.initial)
        named = {ref: states.get(ref) for _, ref in references(wish.command) if isinstance(ref, Ref)}
        try:
            events = decider.decide(wish.ref.id, state, wish.command, named)
        except errors.Refused as refused:
            step = Step(Order(ref=wish.ref, command=wish.command), wish.where)
            raise SeedError(explained(file, [step], refused.under("/0"))) from refused
        for event in settle(decider, state, events):
            state = decider.evolve(state, Recorded.template(event))
            found.append(Wanted(wish, event))
        states[wish.ref] = state
    return found


async def differences(registry: Registry, file: SeedFile, reason: str) -> tuple[list[Step], list[str]]:
    """What has to be sent for the registry to say what the file says now, and what is left alone, told in words."""
    ours = await touched_by(registry, file)
    named = {found for wish in file.wishes for _, found in references(wish.command) if isinstance(found, Ref)}
    records = await histories(registry, ours.keys() | named | {wish.ref for wish in file.wishes})
    stored: dict[Place, list[Stored]] = {}
    others: dict[Ref, State] = {}
    foreign: dict[Ref, list[Recorded]] = {}
    for ref, history in records.items():
        of_file = ours.get(ref, set())
        known_chains = chains(history)
        for first, chain in known_chains.items():
            if first in of_file and not (isinstance(chain[-1].event, Voided) and chain[-1].actor == SEEDS):
                fact = Stored(ref=ref, first=chain[0], now=chain[-1])
                stored.setdefault(place(ref, fact.first.event), []).append(fact)
        rest = [record for first, chain in known_chains.items() if first not in of_file for record in chain]
        foreign[ref] = standing(sorted(rest, key=lambda record: record.sequence))
        if rest:
            decider = DECIDERS[ref.category]
            folded = fold(decider, sorted(rest, key=lambda record: record.sequence), registry.today())
            others[ref] = folded.at(decider, date.max)
    compared = _Comparison(file, stored, foreign, reason)
    for wanted in paired(desired(file, others), stored):
        compared.want(*wanted)
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


def paired(wanted: Sequence[Wanted], stored: dict[Place, list[Stored]]) -> Iterator[tuple[Wanted, Stored | None]]:
    """Each wanted event with the stored one that it is: first those that are equal, then in order. Empties `stored`."""
    equal: dict[int, Stored] = {}
    for index, (wish, event) in enumerate(wanted):
        candidates = stored.get(place(wish.ref, event), [])
        match = next((fact for fact in candidates if fact.now.event == event), None)
        if match is not None:
            candidates.remove(match)
            equal[index] = match
    for index, one in enumerate(wanted):
        candidates = stored.get(place(one.wish.ref, one.event), [])
        yield one, equal.get(index) or (candidates.pop(0) if candidates else None)


def rests_on(event: Event, other: Event) -> bool:
    """Whether an event of a stream means nothing without another one of it."""
    return other.type.endswith(".registered") or (other.changes is None and event.changes == other.part)


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
        self.sent: set[int] = set()

    def want(self, wanted: Wanted, fact: Stored | None) -> None:
        """Take note of a wanted event and the stored one that it is."""
        wish, event = wanted
        if fact is None:
            attested = self.attested(wish.ref, event)
            if attested is not None:
                self.narrow(wish, event, attested)
            if id(wish) not in self.sent:
                self.sent.add(id(wish))
                self.orders.append(Step(Order(ref=wish.ref, command=wish.command, creates=wish.registers), wish.where))
        elif fact.now.event != event:
            if fact.ours:
                correct = Correct(corrects=fact.now.sequence, reason=self.reason, event=event)
                self.orders.append(Step(Order(ref=wish.ref, command=correct), wish.where))
                self.holds(wish, fact)
            else:
                self.leave(wish.where, fact)

    def holds(self, wish: Wish, fact: Stored) -> None:
        """Tell what others have changed of a corrected fact since: that holds on, as it came later."""
        for record in self.foreign.get(fact.ref, ()):
            same_part = record.event.part == fact.first.event.part and not isinstance(record.event, Attested)
            if same_part and record.sequence > fact.first.sequence:
                told = f"{record.event.type} of accounts/{record.actor} in event {record.sequence} holds on"
                self.left.append(f"{wish.where}: {told}")

    def attested(self, ref: Ref, event: Event) -> Stored | None:
        """The file's attestation of the same part, which another source had told first."""
        for (owner, _, part), facts in self.stored.items():
            if owner == ref and part == event.part and facts and isinstance(facts[0].first.event, Attested):
                return facts.pop(0)
        return None

    def narrow(self, wish: Wish, event: Event, fact: Stored) -> None:
        """Take back the citations that an attestation has and the file has no more; new ones come with the command."""
        if not fact.ours:
            self.leave(wish.where, fact)
            return
        held = fact.now.event
        kept = tuple(citation for citation in held.citations if citation in event.citations)
        if kept == held.citations:
            return
        command: Command = Void(corrects=fact.now.sequence, reason=self.reason)
        if kept:
            command = Correct(
                corrects=fact.now.sequence, reason=self.reason, event=replace(held, citations=kept, note=event.note)
            )
        self.orders.append(Step(Order(ref=wish.ref, command=command), wish.where))

    def leave(self, where: str, fact: Stored) -> None:
        """Tell that somebody else has corrected the fact since."""
        self.left.append(
            f"{where}: accounts/{fact.now.actor} corrected {fact.first.event.type} in event {fact.now.sequence}"
        )

    def steps(self) -> list[Step]:
        """What has to be sent. What the file says no more is voided, unless others have built on it."""
        voids = []
        gone = [fact for facts in self.stored.values() for fact in facts]
        for fact in sorted(gone, key=lambda fact: fact.first.sequence, reverse=True):
            event = fact.first.event
            where = f"{self.file.name}: {self.file.readable(str(fact.ref))}, {event.type}"
            rests = [record for record in self.foreign.get(fact.ref, ()) if rests_on(record.event, event)]
            if not fact.ours:
                self.leave(where, fact)
            elif rests:
                told = f"the file says it no more, but event {rests[0].sequence} of others rests on it"
                self.left.append(f"{where}: {told}")
            else:
                void = Void(corrects=fact.now.sequence, reason=self.reason, basis="curated")
                voids.append(Step(Order(ref=fact.ref, command=void), where))
        return [*voids, *self.orders]
