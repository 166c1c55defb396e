"""How a stream of events becomes a state, and a command becomes events: the pattern that every aggregate fills in.

A `Decider` is the whole of an aggregate's behaviour as pure functions (Chassaing, "Functional Event Sourcing
Decider"). `decide` sees the newest state with everything known applied, also what takes effect later; `evolve` is
total: it accepts any event on any state, in any order, because an earlier fact may become known later.

What an aggregate shares with the others stands in three rooms beside it: `parts` (a state, part by part), `settling`
(what of a decision has to be recorded) and `folding` (from records to a state, in the contract's order).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from service.domain import errors
from service.domain.values import Basis, Citation, Note, UncertainDate, distinct, spelt


class Ref(NamedTuple):
    """A stream named by its category and id; `str()` is the line's subject."""

    category: str
    id: UUID

    def __str__(self) -> str:
        """`agreements/<uuid>`."""
        return f"{self.category}/{spelt(self.id)}"

    @classmethod
    def of(cls, subject: str) -> "Ref":
        """The stream that a subject names."""
        category, _, name = subject.partition("/")
        return cls(category, UUID(name))


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What every command and every event may carry: since when, on what basis, and the words cited.

    The basis `stated` says that a source says so: it stands beside at least one citation (`sound`).
    """

    effective: UncertainDate | None = None
    basis: Basis | None = None
    note: Note | None = None
    citations: tuple[Citation, ...] = ()


class Command(Fact, frozen=True, kw_only=True, gc=False):
    """A wish to record a fact."""


class Former(Struct, frozen=True):
    """A shape that an event's data had once: the struct that reads it, and the pure function to the next shape.

    The struct is never touched again, nor is anything that it is made of. The function invents nothing: what the old
    shape did not say stays unknown.
    """

    data: type[Fact]
    upcast: Callable[[Any], Fact]


class Event(Fact, frozen=True, kw_only=True, gc=False):
    """A recorded fact. `type` and `shape` are written by hand and stay for ever.

    `formerly` are the shapes 1, 2 and so on that its data had before `shape`; see `shapes` for how one is changed.

    `part` names the part of the state that the event sets. `begins`: the event is its stream's registration, which
    cannot be taken out from under the others. `signs`: the event is its stream's signing, whose date is taken by
    undated events that `belong` to it. `timeless`: nothing happened in the world, so the event has no `effective`.
    `changes` names the part whose recording lends its date to an undated one. `fixed` are the fields that other things
    rest on, which no correction may change.
    """

    type: ClassVar[str]
    shape: ClassVar[int] = 1
    formerly: ClassVar[tuple[Former, ...]] = ()
    begins: ClassVar[bool] = False
    signs: ClassVar[bool] = False
    belongs: ClassVar[bool] = False
    timeless: ClassVar[bool] = False
    fixed: ClassVar[tuple[str, ...]] = ()

    @property
    def part(self) -> str:
        """The part of the state that the event sets."""
        return "header"

    @property
    def changes(self) -> str | None:
        """The part, recorded by an earlier event, that this one changes."""
        return None


class Change(Event, frozen=True, kw_only=True, gc=False):
    """More of a part that an earlier event recorded: what describes it, changes it, or ends it."""

    @property
    def changes(self) -> str | None:
        """The event's own part."""
        return self.part


E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Fact)


class Attested(Event, frozen=True, kw_only=True, gc=False):
    """The same fact said by another source: adds citations to what the event with sequence `attests` set.

    `fields` are those of that event's part that the source speaks of too; none: all that the event set. It holds since
    that event does, stays with it when the event is corrected, and says nothing when it is voided.
    """

    timeless = True
    attests: int
    fields: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """What is attested: an event, whose part the state knows (`place`)."""
        return f"events/{self.attests}"


class Voided(Event, frozen=True, kw_only=True, gc=False):
    """A correction without content: the corrected event should never have been recorded."""

    timeless = True


class Correct(Command, frozen=True, kw_only=True, gc=False):
    """Replace the event with sequence `corrects` by `event`, whole, because the record was wrong."""

    corrects: int
    reason: Note
    event: Event


class Void(Command, frozen=True, kw_only=True, gc=False):
    """Remove the event with sequence `corrects` from the state: it should never have been recorded."""

    corrects: int
    reason: Note


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """An event with its place in the log."""

    sequence: int
    version: int
    time: datetime
    effective: date | None
    actor: UUID
    event: Event
    cause: Literal["change", "correction"] = "change"
    corrects: int | None = None
    reason: str | None = None

    @classmethod
    def template(cls, event: Event) -> "Recorded":
        """An event as if it stood in the log, for asking what it would change."""
        day = event.effective.earliest if event.effective is not None else None
        return cls(sequence=0, version=0, time=EPOCH, effective=day, actor=NOBODY, event=event)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)


class State(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all states. A field is a `Part`, or a dict of parts by key; `header` is None before registration."""


S = TypeVar("S", bound=State)
Refs = Mapping[Ref, State | None]
"""The states of the streams that a command names, None for one that does not exist."""


class Decider(Struct, Generic[S], frozen=True, kw_only=True):
    """An aggregate: its name in subjects, its events, and the pure functions that make it behave.

    `life` names the fields of the state that the thing's status rests on.
    `decide` gets the stream's id, its newest state, the command, and the states of all that the command names
    (`references`), each of which exists.
    """

    category: str
    initial: S
    events: tuple[type[Event], ...]
    attested: type[Attested]
    voided: type[Voided]
    decide: Callable[[UUID, S, Any, Refs], Sequence[Event]]
    evolve: Callable[[S, Recorded], S]
    life: tuple[str, ...] = ("steps",)


def must_exist(state: object, ref: Ref) -> None:
    """Refuse a command on a stream that was never registered, or whose registration was voided."""
    if state is None:
        raise errors.NotFound(subject=str(ref))


def inherit(fact: Fact, item: Fact) -> Any:
    """The item with those of citations, basis and note that it has none of taken from the fact that it stands in."""
    return replace(
        item,
        citations=item.citations or fact.citations,
        basis=item.basis or fact.basis,
        note=item.note or fact.note,
    )


def sound(fact: Fact) -> None:
    """Refuse a fact that claims to be stated and cites nothing, and a date on what has none in the world."""
    if fact.basis == "stated" and not fact.citations:
        raise errors.Invalid("/basis", problem="what is stated cites the words that state it")
    if isinstance(fact, Event) and fact.timeless:
        undated(fact)


def undated(fact: Fact) -> None:
    """Refuse a date on what has none in the world, such as what a thing is called or who owes what a clause says."""
    if fact.effective is not None:
        raise errors.Invalid("/effective", problem="nothing happens in the world here, so there is no date of it")


def as_sets(fact: Fact, *names: str) -> None:
    """Keep those fields of a fact, ids that say who and not in which order, in their one encoding (`distinct`)."""
    for name in names:
        if isinstance(ids := getattr(fact, name), tuple):
            force_setattr(fact, name, distinct(ids))


def event_from(kind: type[F], command: Fact, /, **fields: Any) -> F:
    """An event of `kind` with the command's fields of the same names, `fields` taking precedence."""
    given = {name: getattr(command, name) for name in _shared(kind, type(command))}
    return kind(**{**given, **fields})


@cache
def _shared(kind: type[Fact], other: type[Fact]) -> tuple[str, ...]:
    return tuple(name for name in other.__struct_fields__ if name in kind.__struct_fields__)


def own(fact: Fact) -> tuple[str, ...]:
    """The fields of a fact besides those that every fact has."""
    return _own(type(fact))


@cache
def _own(kind: type[Fact]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in Fact.__struct_fields__)


def fields_set(fact: Fact, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that the fact sets (a field left UNSET changes nothing)."""
    return tuple(name for name in names if getattr(fact, name) is not msgspec.UNSET)
