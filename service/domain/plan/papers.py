"""The papers and acts that a plan names: a text that a document has, an act of a meeting, a revision of the plan."""

from typing import Any

from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Fact
from service.domain.plan.state import Plan


def whole(fact: Any) -> None:
    """A text is one of a document, an act of a meeting one of that meeting."""
    if fact.document is None and fact.sha256 is not None:
        raise ValueError("sha256 needs the document that it is a text of, in document")
    if getattr(fact, "meeting", None) is None and getattr(fact, "meeting_part", None) is not None:
        raise ValueError("meeting_part needs its meeting")


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
