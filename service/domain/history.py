"""What each event of a stream said, whatever has become of it since: every value ever recorded, and which of them hold.

The stream is walked once in the contract's order, and what an event set is read off the parts that it touches, so the
cost is that of the events. A record that a correction has replaced is looked at where its correction stands. What was
voided, or has no effect because of that, is looked at in a second walk, in which nothing is voided.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from service.domain.decider import Attested, Decider, Recorded, S, State, Voided
from service.domain.folding import dated, standing
from service.domain.parts import Touched, part_of, supports
from service.domain.values import Part
from service.domain.walk import Walk

Said = tuple[str, tuple[str, ...], Part | None]
"""A part, the fields of it that an event set (none: all of it), and the part after that, None where it is gone."""


class Told(Struct, frozen=True, kw_only=True, gc=False):
    """What one event said of one part.

    `fields` are those that it set, none where it set the whole part; `value` is the part after it, None where the event
    took it away. `replaced` is the sequence of the correction or voiding that stands in its place. `holds` are the
    fields that still rest on it today; `gone`, that the part is gone today, and this event is why.
    """

    record: Recorded
    part: str
    fields: tuple[str, ...]
    value: Part | None
    replaced: int | None
    holds: frozenset[str]
    gone: bool


def history(decider: Decider[S], records: Sequence[Recorded], today: date) -> list[Told]:
    """Everything that a stream's events said, in the order of the log. An attestation says what it attests."""
    chains = chained(records)
    walked = _Walked(decider, chains, today)
    walked.through(standing(records))
    missing = {first for first, chain in chains.items() for one in chain if walked.lacks(one)}
    if missing:
        last = {first: [one for one in chain if not isinstance(one.event, Voided)] for first, chain in chains.items()}
        walked.over([replace(kept[-1], sequence=first) for first, kept in last.items() if kept], missing)
    return sorted(walked.told(), key=lambda told: told.record.sequence)


def chained(records: Iterable[Recorded]) -> dict[int, list[Recorded]]:
    """The records by the sequence of the first in whose place they stand, each chain in the order of the log."""
    first: dict[int, int] = {}
    chains: dict[int, list[Recorded]] = {}
    for record in records:
        place = first[record.corrects] if record.corrects is not None else record.sequence
        first[record.sequence] = place
        chains.setdefault(place, []).append(record)
    return chains


class _Walked:
    """What was seen on the way through a stream."""

    def __init__(self, decider: Decider[Any], chains: dict[int, list[Recorded]], today: date) -> None:
        self.decider = decider
        self.chains = chains
        self.today = today
        self.said: dict[int, list[Said]] = {}
        self.now: State = decider.initial
        self.taken: dict[str, int] = {}
        self._resting: dict[str, dict[int, set[str]]] = {}

    def lacks(self, record: Recorded) -> bool:
        """Whether a record is still without what it said, and might say something."""
        return not self.said.get(record.sequence) and not isinstance(record.event, (Attested, Voided))

    def through(self, kept: Sequence[Recorded]) -> None:
        """Walk through what stands: what each record says, what those said that it replaced, and the state today."""
        walk, now = Walk(self.decider), None
        for day, record in dated(kept):
            if day > self.today and now is None:
                now = walk.state()
            if isinstance(record.event, Attested):
                continue
            *replaced, stands = self.chains[record.sequence]
            for one in replaced:
                self._look(walk, one)
            changed = walk.step(record)
            self.said[stands.sequence] = extracted(changed, record.sequence)
            if now is None:
                self.taken.update((name, record.sequence) for name, _, part in changed if part is None)
        self.now = now or walk.state()

    def over(self, records: Sequence[Recorded], missing: set[int]) -> None:
        """Walk through what would stand if nothing were voided, for what chains still lack; the rest at its end."""
        walk = Walk(self.decider)
        for _, record in dated(records):
            if isinstance(record.event, Attested):
                continue
            if record.sequence in missing:
                for one in self.chains[record.sequence]:
                    self._look(walk, one)
            walk.step(record)
        for first in missing:
            for one in self.chains[first]:
                self._look(walk, one)

    def _look(self, walk: Walk[Any], record: Recorded) -> None:
        """What a record says in this place, without going there."""
        if self.lacks(record):
            self.said[record.sequence] = extracted(walk.look(record), record.sequence)

    # --- What has become of it --------------------------------------------------------------------------------

    def told(self) -> Iterable[Told]:
        """What every record said, and what has become of it."""
        for first, chain in self.chains.items():
            if not isinstance(chain[0].event, Attested):
                yield from self._chain(first, chain, [self.said.get(one.sequence, []) for one in chain])
        for first, chain in self.chains.items():
            if isinstance(chain[0].event, Attested):
                yield from self._chain(first, chain, [self._attested(one) for one in chain])

    def _chain(self, first: int, chain: list[Recorded], said: list[list[Said]]) -> Iterable[Told]:
        for index, record in enumerate(chain):
            later = chain[index + 1].sequence if index + 1 < len(chain) else None
            if isinstance(record.event, Voided):
                before = next((one for one in reversed(said[:index]) if one), [])
                said[index] = [(name, fields, None) for name, fields, _ in before]
            for name, fields, part in said[index]:
                event = record.event
                root = event.attests if isinstance(event, Attested) else first
                rests = self._rests(name, root) if later is None and part is not None else set()
                gone = part is None and later is None and part_of(self.now, name) is None
                if gone and not isinstance(event, Voided):
                    gone = self.taken.get(name) == first
                yield Told(
                    record=record,
                    part=name,
                    fields=fields,
                    value=part,
                    replaced=later,
                    holds=frozenset(rests),
                    gone=gone,
                )

    def _attested(self, record: Recorded) -> list[Said]:
        """What an attestation says: of what the attested event said last, the fields that it names."""
        event = record.event
        chain = self.chains.get(event.attests, []) if isinstance(event, Attested) else []
        said = next((found for one in reversed(chain) if (found := self.said.get(one.sequence))), [])
        named = getattr(event, "fields", ())
        return [
            (name, tuple(field for field in named if not fields or field in fields) or fields, part)
            for name, fields, part in said
            if not named or not fields or set(named) & set(fields)
        ]

    def _rests(self, name: str, sequence: int) -> set[str]:
        """The fields of a part that rest on an event today."""
        if name not in self._resting:
            found: dict[int, set[str]] = {}
            part = part_of(self.now, name)
            for field, by in supports(part).items() if part is not None else ():
                found.setdefault(by, set()).add(field)
            self._resting[name] = found
        return self._resting[name].get(sequence, set())


def extracted(changed: Iterable[Touched], sequence: int) -> list[Said]:
    """What an event said, read off the parts that it touched: those of which a source is the event."""
    said: list[Said] = []
    for name, _, part in changed:
        if part is None:
            said.append((name, (), None))
        else:
            said += [(name, source.fields, part) for source in part.sources if source.sequence == sequence][:1]
    return said
