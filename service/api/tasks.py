"""Tasks over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.occurrences import yields
from service.api.resource import Pending, Resource, Shown, Way, as_kept
from service.domain.duplicates import Duplicate
from service.domain.task import DECIDER, Register, bases, duties, header, life, progress, reminders, terms, units
from service.domain.task import state as parts
from service.domain.titles import Title
from service.domain.values import Label, PrintedName, Source
from service.projections import tasks


class Task(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A task as it is known today. Lists stand in the order of their recording.

    `called` is the registry's own words for a task of which no source gives the `title`; one that a standing duty
    yielded names it in `occurrence_of`, with its `period`. `terms` are what it asks for now, with who changed that last
    and why; `life` its steps, by rounds. `sources` are those of title, called, occurrence_of and period; each part has
    its own. How late a task is depends on a day, and on the plans that it carries out: a question of the ledger.
    """

    id: UUID
    version: int
    status: parts.Status
    title: PrintedName | None
    called: Label | None
    occurrence_of: UUID | None
    period: Label | None
    sources: tuple[Source, ...]
    terms: parts.Terms | None = None
    recurrence: parts.Recurrence | None = None
    snooze: parts.Snooze | None = None
    duplicate: Duplicate | None = None
    titles: list[Title]
    bases: list[parts.Base]
    units: list[parts.Unit]
    life: list[parts.Step]
    progress: list[parts.Progress]
    inspections: list[parts.Inspection]
    links: list[parts.Link]
    reminders: list[parts.Reminder]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("titles", "bases", "units", "life", "progress", "inspections", "links", "reminders")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Task:
    """The answer for a task."""
    state: parts.Task = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Task(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        title=head.title,
        called=head.called,
        occurrence_of=head.occurrence_of,
        period=head.period,
        sources=head.sources,
        terms=state.terms,
        recurrence=state.recurrence,
        snooze=state.snooze,
        duplicate=state.duplicate,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Task,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way("/titles", header.AddTitle),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way("/bases", bases.BaseOn),
        Way("/links", bases.LinkTo),
        Way(":unlink", bases.Unlink),
        Way("/units", units.NameUnit),
        Way("/units/{party}:release", units.ReleaseUnit),
        Way("/terms", terms.SetTerms),
        Way(":adjust", terms.Adjust),
        Way(":list", life.List),
        Way(":assign", life.Assign),
        Way(":start", life.Start),
        Way(":report-done", life.ReportDone),
        Way(":close", life.Close),
        Way(":suspend", life.Suspend),
        Way(":cancel", life.Cancel),
        Way(":reopen", life.Reopen),
        Way(":resume", life.Resume),
        Way("/progress", progress.ReportProgress, progress.report_id),
        Way("/inspections", progress.Inspect, progress.report_id),
        Way("/recurrence", duties.SetRecurrence),
        Way(":end-recurrence", duties.EndRecurrence),
        Way(":remind", reminders.Remind),
        Way(":snooze", reminders.SnoozeReminders),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/tasks", tasks.LIST, tasks.Filter, tasks.Order, tasks.Summary, "Tasks"),
    lists.route(
        "/api/tasks/{id:uuid}/occurrences",
        tasks.LIST,
        tasks.Filter,
        tasks.Order,
        tasks.Summary,
        "The tasks that a standing duty has yielded",
        under=("tasks", "occurrence_of"),
    ),
    yields,
]
