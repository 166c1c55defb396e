"""What is noticed of days at meetings: the same whichever is told second, and only where no day is one of both."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from service.domain import agreement, meeting, plan, project, statement
from service.domain.catalogue import DECIDERS
from service.domain.decider import Decider, Event, Ref, State
from service.domain.detecting import DETECTORS, Found, Look, at_another_day, detected
from service.domain.meeting.life import Held, StepDescribed
from service.domain.values import PrintedName, UncertainDate
from tests.given import ID, newest, no, on

MET = Ref("meetings", no(3))
TITLE = PrintedName(printed="会")
WEEK = [date(2021, 2, 6) + timedelta(days=number) for number in range(-3, 4)]
DATES = [
    None,
    UncertainDate(printed="近日"),
    on(2021, 2, 6),
    on(2021, 2, 7),
    UncertainDate(earliest=date(2021, 2, 5), latest=date(2021, 2, 6)),
    UncertainDate(latest=date(2021, 2, 6)),
    UncertainDate(earliest=date(2021, 2, 7)),
]
"""What may be said of a day, in one week."""
THINGS: list[tuple[Decider[Any], str, list[Event]]] = [
    (
        statement.DECIDER,
        "steps/made",
        [statement.header.Registered(text="言"), statement.life.Made(meeting=MET.id)],
    ),
    (plan.DECIDER, "steps/adopted", [plan.header.Registered(title=TITLE), plan.life.Adopted(meeting=MET.id)]),
    (project.DECIDER, "steps/signed", [project.header.Registered(title=TITLE), project.life.Signed(meeting=MET.id)]),
    (
        agreement.DECIDER,
        "steps/signed",
        [
            agreement.header.Registered(title=TITLE),
            agreement.links.Linked(relation="signed_at", target=str(MET)),
            agreement.life.Signed(),
        ],
    ),
]


def look(elsewhen: Iterable[Ref] = (), **states: State | None) -> Look:
    """What may be asked: the states by category."""
    return Look(lambda ref: states.get(ref.category), lambda ref, days: elsewhen)  # noqa: ARG005 -- all that is asked


def found(ref: Ref, events: Sequence[Event], state: State, looking: Look) -> list[Found]:
    """What the last event shows."""
    return detected(ref, events[-1:], state, looking)


def may_be(day: UncertainDate | None, last: UncertainDate | None = None) -> set[date]:
    """The days of the week that a date may be, or a span from one date to another."""
    first, until = day.earliest if day else None, (last or day or UncertainDate(printed="?")).latest
    return {one for one in WEEK if (first is None or first <= one) and (until is None or one <= until)}


@pytest.mark.parametrize(("decider", "name", "events"), THINGS, ids=[one[0].category for one in THINGS])
def test_the_same_whichever_is_told_second(decider: Decider[Any], name: str, events: list[Event]) -> None:
    """Against the days themselves; with all that can be said of each."""
    ref = Ref(decider.category, ID)
    seen = set()
    for day, held, ends in product(DATES, DATES, DATES):
        told = [*events[:-1], replace(events[-1], effective=day)]
        described = [StepDescribed(step="held", ends=ends)] if ends is not None else []
        meets: list[Event] = [meeting.header.Registered(title=TITLE), Held(effective=held), *described]
        state, met = newest(decider, told), newest(meeting.DECIDER, meets)
        early = found(ref, told, state, look(meetings=met))
        late = found(MET, meets, met, look([ref], **{decider.category: state}))
        assert early == late, (day, held, ends)
        lasted = may_be(held, ends) or may_be(held)  # Its end may have come before its beginning.
        apart = day is not None and held is not None and not may_be(day) & lasted
        assert len(early) == apart, (day, held, ends)
        assert all(one.command.claims[0].subject_part == name for one in early)
        seen.add(apart)
    assert seen == {True, False}


def test_what_says_nothing_of_the_day_asks_nothing() -> None:
    """Only where the meeting has days is anything looked for."""

    def never(*_: Any) -> Any:
        raise AssertionError

    day = on(2021, 2, 6)
    held = newest(meeting.DECIDER, [meeting.header.Registered(title=TITLE), Held(effective=day)])
    unknown = newest(meeting.DECIDER, [meeting.header.Registered(title=TITLE), Held(place="济南")])
    words = newest(meeting.DECIDER, [meeting.header.Registered(title=TITLE), Held(effective=DATES[1])])
    nothing = Look(never, never)
    for event, state in (
        (StepDescribed(step="held", place="济南"), held),
        (StepDescribed(step="announced", planned=day), held),
        (Held(place="济南"), unknown),
        (Held(effective=DATES[1]), words),
        (StepDescribed(step="held", ends=day), newest(meeting.DECIDER, [])),
    ):
        assert detected(MET, [event], state, nothing) == []
    with pytest.raises(AssertionError):
        detected(MET, [StepDescribed(step="held", ends=day)], held, nothing)


def test_all_that_names_a_meeting_is_compared() -> None:
    """A step with a meeting is looked at in every aggregate, and what is looked at is what the tests above are of."""
    naming = {decider.category for decider in DECIDERS.values() for event in decider.events if names(event)}
    looked = {decider.category for decider in DECIDERS.values() if at_another_day in map(DETECTORS.get, decider.events)}
    assert naming | {"agreements"} == looked == {decider.category for decider, _, _ in THINGS}


def names(event: type[Event]) -> bool:
    """Whether an event is of a step that may name a meeting."""
    return "meeting" in event.__struct_fields__ and "step" in dir(event)
