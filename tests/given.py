"""Given these events, when this command comes, then these events follow, or it is refused: a domain test in one line.

A scenario is data until `holds()` is called, so that a test can ask which commands and refusals have one.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Command, Decider, Event, Recorded, Ref, Refs, State
from service.domain.folding import fold
from service.domain.meeting.state import Meeting
from service.domain.references import references
from service.domain.settling import settle
from service.domain.values import Citation, UncertainDate

ID = UUID(int=1)
"""The stream that every scenario is about."""


def no(number: int) -> UUID:
    """An id of something else."""
    return UUID(int=number)


def on(year: int, month: int = 1, day: int = 1) -> UncertainDate:
    """One known day."""
    return UncertainDate.day(date(year, month, day))


def cite(start: int, document: int = 90) -> tuple[Citation, ...]:
    """Some words of a document."""
    return (Citation(document=no(document), start=start, end=start + 2, sha256="0" * 64),)


def recorded(sequence: int, event: Event) -> Recorded:
    """The event as it stands in the log."""
    day = event.effective.earliest if event.effective else None
    return replace(Recorded.template(event), sequence=sequence, version=sequence, effective=day)


def newest(decider: Decider[Any], events: Sequence[Event]) -> State:
    """The state with all that is known applied."""
    log = [recorded(sequence, event) for sequence, event in enumerate(events, 1)]
    state: State = fold(decider, log, date.max).base
    return state


class Scenario(Struct, frozen=True, kw_only=True):
    """What was recorded, the command, and what is expected of it."""

    decider: Decider[Any]
    given: tuple[Event, ...] = ()
    command: Command | None = None
    refs: Mapping[Ref, State | None] = {}
    events: tuple[Event, ...] = ()
    error: type[errors.Refused] | None = None
    pointer: str | None = None

    def when(self, command: Command, refs: Mapping[Ref, State | None] | None = None) -> "Scenario":
        """The command; `refs` are the states of the things that it names, where these matter."""
        return replace(self, command=command, refs=refs or {})

    def then(self, *events: Event) -> "Scenario":
        """The events to be recorded; none where the command changes nothing."""
        return replace(self, events=events)

    def refused(self, error: type[errors.Refused], pointer: str | None = None) -> "Scenario":
        """The refusal, and what in the command it points to."""
        return replace(self, error=error, pointer=pointer)

    def decided(self) -> list[Event]:
        """What the decider makes of it."""
        assert self.command is not None
        named: Refs = {
            **{ref: DECIDERS[ref.category].initial for _, ref in references(self.command) if isinstance(ref, Ref)},
            **self.refs,
        }
        state = newest(self.decider, self.given)
        return settle(self.decider, state, self.decider.decide(ID, state, self.command, named))

    def refusal(self) -> errors.Refused | None:
        """The refusal, if it is refused."""
        try:
            self.decided()
        except errors.Refused as refused:
            return refused
        return None

    def holds(self) -> None:
        """It is as expected."""
        if self.error is None:
            assert self.decided() == list(self.events)
            return
        refusal = self.refusal()
        assert type(refusal) is self.error
        assert refusal.pointer == self.pointer
        assert "{" not in refusal.message("en") + refusal.message("zh")


def given(decider: Decider[Any], *events: Event) -> Scenario:
    """A stream with these events."""
    return Scenario(decider=decider, given=events)


def held_on(meeting: Meeting) -> date | None:
    """The first day that the meeting may have been held on, as far as that is known."""
    held = meeting.steps.get("held")
    return held.effective.earliest if held is not None and held.effective is not None else None
