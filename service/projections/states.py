"""What is the state of this thing? The states by their parts: header, signatories, clauses, each one row.

An event that changes one clause of a hundred rewrites one row. Beside the parts stand `.` (what the writer needs to go
on: the newest day in effect, the day of signing) and `.later/<sequence>`, one for each event that takes effect later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from service.domain.catalogue import DECIDERS
from service.domain.decider import Decider, Recorded, Ref, State
from service.domain.folding import ALWAYS, Folded
from service.domain.parts import Touched, parts
from service.domain.shapes import Reads, dataschema, decoders
from service.domain.values import Part
from service.projections import Projection, Row

_ENCODE = msgspec.json.Encoder().encode


class Meta(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the writer needs of a stream beside its state."""

    newest: date = ALWAYS
    signing: date | None = None


class Later(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An event that takes effect on `day`, as its place in the log and its data, which has the type's then shape."""

    day: date
    type: str
    shape: int = 1
    recorded: Any


def _later(day: date, record: Recorded) -> bytes:
    return _ENCODE(Later(day=day, type=record.event.type, shape=record.event.shape, recorded=record))


def rows(ref: Ref, folded: Folded[Any]) -> Iterator[Row]:
    """One row a part, with its JSON."""
    yield ref.id, ".", _ENCODE(Meta(newest=folded.newest, signing=folded.signing))
    for name, part in parts(folded.base):
        yield ref.id, name, _ENCODE(part)
    for day, record in folded.pending:
        yield ref.id, f".later/{record.sequence}", _later(day, record)


def changed(
    ref: Ref, before: Folded[Any], after: Folded[Any], differ: Sequence[Touched]
) -> tuple[list[Row], list[Row]]:
    """The difference by the parts that differ: no other is encoded again."""
    put: list[Row] = []
    if (before.newest, before.signing) != (after.newest, after.signing):
        put.append((ref.id, ".", _ENCODE(Meta(newest=after.newest, signing=after.signing))))
    gone: list[Row] = []
    for name, _, part in differ:
        if part is None:
            gone.append((ref.id, name))
        else:
            put.append((ref.id, name, _ENCODE(part)))
    if before.pending is not after.pending:
        waiting = {record.sequence for _, record in after.pending}
        gone += [(ref.id, f".later/{r.sequence}") for _, r in before.pending if r.sequence not in waiting]
        for day, record in after.pending:
            put.append((ref.id, f".later/{record.sequence}", _later(day, record)))
    return put, gone


STATES = Projection(
    name="states",
    version=1,
    categories=frozenset(DECIDERS),
    columns=(("stream", "uuid"), ("part", "text"), ("body", "bytea not null")),
    key=2,
    rows=rows,
    shortcut=changed,
)


class _RawRecorded(Recorded, frozen=True, kw_only=True, gc=False):
    event: msgspec.Raw  # type: ignore[assignment]  # decoded by its type, which stands beside it


class _RawLater(Struct, frozen=True, kw_only=True, gc=False):
    day: date
    type: str
    shape: int = 1
    recorded: _RawRecorded


_META = msgspec.json.Decoder(Meta)
_LATER = msgspec.json.Decoder(_RawLater)


class Shape(Struct, frozen=True):
    """How a category's rows become its state again: a decoder a field, and one a type and shape of event."""

    decider: Decider[Any]
    fields: Mapping[str, msgspec.json.Decoder[Any]]
    later: Mapping[str, Reads]

    @classmethod
    def of(cls, decider: Decider[Any]) -> "Shape":
        """The decoders for an aggregate."""
        fields: dict[str, msgspec.json.Decoder[Any]] = {}
        for name, kind in get_type_hints(type(decider.initial)).items():
            inner = [arg for arg in get_args(kind) if isinstance(arg, type) and issubclass(arg, Part)]
            fields[name] = msgspec.json.Decoder(inner[0])
        return cls(decider, fields, decoders(decider.events))

    def assemble(self, version: int, stored: Iterable[tuple[str, bytes]]) -> Folded[Any]:
        """The folded stream of its rows (part, body)."""
        found: dict[str, Any] = {}
        meta, pending = Meta(), []
        for name, body in stored:
            if name == ".":
                meta = _META.decode(body)
            elif name.startswith("."):
                later = _LATER.decode(body)
                raw = msgspec.structs.asdict(later.recorded)
                event = self.later[dataschema(later.type, later.shape)].decode(raw["event"])
                pending.append((later.day, Recorded(**raw | {"event": event})))
            else:
                field, slash, key = name.partition("/")
                part = self.fields[field].decode(body)
                if slash:
                    found.setdefault(field, {})[key] = part
                else:
                    found[field] = part
        pending.sort(key=lambda item: (item[0], item[1].sequence))
        base: State = type(self.decider.initial)(**found)
        return Folded(base=base, pending=tuple(pending), newest=meta.newest, signing=meta.signing, version=version)
