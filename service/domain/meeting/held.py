"""What took place at a meeting took place on its days, where nobody gives another day."""

from typing import Any, Literal

from msgspec.structs import replace

from service.domain.decider import Ref, Refs
from service.domain.meeting.state import Meeting
from service.domain.references import part_named
from service.domain.values import UncertainDate


def at_meeting(fact: Any, refs: Refs) -> Any:
    """An undated fact of a meeting has the days on which that was held; that this is so is inferred, if not external.

    What the meeting is said to have done, it must have done.
    """
    if fact.meeting is None:
        return fact
    ref = Ref("meetings", fact.meeting)
    part_named(refs, str(ref), fact.meeting_part, "/meeting_part")
    meeting = refs[ref]
    held = meeting.steps.get("held") if isinstance(meeting, Meeting) else None
    return dated_as(fact, held.effective if held is not None else None)


def dated_as(fact: Any, day: UncertainDate | None) -> Any:
    """An undated fact with the days of what it came about by; that they are its own is inferred, if not external."""
    if fact.effective is not None or day is None or (day.earliest is None and day.latest is None):
        return fact
    basis: Literal["external", "inferred"] = "external" if day.basis == "external" else "inferred"
    since = UncertainDate(earliest=day.earliest, latest=day.latest, precision=day.precision, basis=basis)
    return replace(fact, effective=since)
