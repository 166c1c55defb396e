"""The papers and acts that a plan names: a text that a document has, what a meeting did, a revision of the plan."""

from typing import Any, Literal

from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Fact, Ref, Refs
from service.domain.meeting.state import Meeting
from service.domain.plan.state import Plan
from service.domain.references import part_named
from service.domain.values import UncertainDate


def whole(fact: Any) -> None:
    """A text is one of a document, an act of a meeting one of that meeting."""
    if fact.document is None and fact.sha256 is not None:
        raise ValueError("sha256 needs the document that it is a text of, in document")
    if getattr(fact, "meeting", None) is None and getattr(fact, "meeting_part", None) is not None:
        raise ValueError("meeting_part needs its meeting")


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
    day = held.effective if held is not None else None
    if fact.effective is not None or day is None or (day.earliest is None and day.latest is None):
        return fact
    basis: Literal["external", "inferred"] = "external" if day.basis == "external" else "inferred"
    since = UncertainDate(earliest=day.earliest, latest=day.latest, precision=day.precision, basis=basis)
    return replace(fact, effective=since)


def revising(subject: str, plan: Plan, fact: Any) -> Any:
    """An undated change that a revision makes holds since that one, which is inferred; the revision is recorded."""
    if fact.revision is None:
        return fact
    revision = plan.revisions.get(str(fact.revision))
    if revision is None:
        raise errors.UnknownPart("/revision", part=f"revisions/{fact.revision}", subject=subject)
    if fact.effective is not None or revision.effective is None:
        return fact
    return replace(fact, effective=replace(revision.effective, basis="inferred"))


def stands(subject: str, name: str, held: Any, fact: Fact) -> None:
    """Refuse to change what was dropped, unless from a day before it was."""
    if not held.dropped:
        return
    ended = held.dropped_from.earliest if held.dropped_from else None
    day = fact.effective.latest if fact.effective else None
    if ended is None or day is None or day >= ended:
        since = f" since {ended}" if ended else ""
        raise errors.Ended(f"/{name}", subject=f"{subject}: {name}s/{held.id}", status="dropped", since=since)
