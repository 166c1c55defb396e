"""Which events of a registration have a command that tells them alone, for what an altered file tells anew."""

from collections.abc import Callable, Mapping

from service.domain import figure, meeting, plan, project, statement, task
from service.domain.agreement import duties, header
from service.domain.decider import Command, Event
from service.domain.discrepancy import claims
from service.domain.document import text
from service.domain.party import bodies


def of_one_kind(describe: Callable[..., Command]) -> Callable[..., Command]:
    """A kind told alone, by the command that tells kinds."""
    return lambda *, kind, **said: describe(kinds=(kind,), **said)


def with_id(record: Callable[..., Command]) -> Callable[..., Command]:
    """A claim told alone, by the command that records it."""
    return lambda *, claim, **said: record(id=claim, **said)


ALONE: Mapping[type[Event], Callable[..., Command]] = {
    header.Described: header.Describe,
    header.Classified: of_one_kind(header.Describe),
    meeting.header.Described: meeting.header.Describe,
    meeting.header.Classified: of_one_kind(meeting.header.Describe),
    statement.header.Described: statement.header.Describe,
    plan.header.Described: plan.header.Describe,
    task.header.Described: task.header.Describe,
    project.header.Described: project.header.Describe,
    figure.header.Described: figure.header.Describe,
    plan.header.Classified: of_one_kind(plan.header.Describe),
    project.header.Classified: of_one_kind(project.header.Describe),
    duties.ObligationRecorded: duties.RecordObligation,
    bodies.Reparented: bodies.Reparent,
    text.TextCaptured: text.CaptureText,
    claims.ClaimRecorded: with_id(claims.RecordClaim),
}
"""The commands that tell alone what a registration or a clause may tell besides, with the fields of the event."""
