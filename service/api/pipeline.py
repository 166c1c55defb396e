"""The pipeline over HTTP: how many projects, of which stage, where, of whom, with which sums, by a named rule."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct, field

from service.api import by_name, following, sheets, streams, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.lists import JSON, Cursor, Limit, answer
from service.api.problems import WrongParameter
from service.api.then import AsOf, KnownAt
from service.domain.project.state import Status
from service.projections import pipeline
from service.projections.pipeline.asked import Group, Period
from service.registry import Registry


class Asked(pipeline.Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which time and projects, by which rule, grouped by what; on which day, known when; which page: of a sheet all."""

    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit | None = None
    cursor: Cursor | None = None


class Pipeline(Struct, frozen=True, kw_only=True):
    """Projects by groups, as they stand on the day `on`, as known at `position`, counted by a rule of that version.

    `place`, `investor`, `sector` and `stage` are those that were asked for, parties by their ids.
    What is uncertain, has no sum or was left out is told beside what counts, for all pages together. `next` is the
    cursor of the next page of groups.
    """

    on: date
    position: int
    since: date | None = field(name="from")
    until: date | None = field(name="to")
    group: Group
    by: Period | None
    place: UUID | None
    investor: UUID | None
    sector: str | None
    stage: Status | None
    rule: pipeline.RuleTold
    items: tuple[pipeline.Item, ...]
    totals: pipeline.Item
    without_sum: pipeline.WithoutSum
    left_out: tuple[pipeline.Left, ...]
    next: str | None


_OPT = needs("reader") | {"query": by_name.loose(Asked), "answer": Pipeline, "sheet": True, "follows": True}


@get("/api/pipeline", opt=_OPT)
async def counted(request: Request[Any, Any, Any]) -> Answer:
    """Projects in a time by stage, place, investor, sector or period, counted by a named rule, with exact sums.

    Sums stand by modality and are never added up across: what is planned is not what is paid in. The same report is had
    again by `known_at` (its `position`) and `on`; all pages are for the day and the position of the first. A sheet has
    a line for each group and modality, of all groups where no `limit` is given.

    `place`, `investor`, `sector` and `stage` ask for those projects alone, as they stand on that day, in the way in
    which the list of projects is asked; with `stage` for its `status`. `place` takes in what stands under it. Of what
    an `investor` is in, all that is invested counts, by whomever. Groups, totals, sums, what has none and what was left
    out are of the projects that pass; each counts as it does without these parameters.
    """
    registry: Registry = request.app.state.registry
    asked = await by_name.parameters(request, Asked)
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise WrongParameter(parameter="from", problem="lies after to")
    if asked.group != "period" and "by" in request.query_params:
        raise WrongParameter(parameter="by", problem="has a meaning with group=period alone")
    filter = pipeline.Filter(**{name: getattr(asked, name) for name in pipeline.Filter.__struct_fields__})
    given = (asked.on, asked.known_at)
    kind = streams.wanted(request.headers.get("accept"), (JSON, sheets.CSV, sheets.XLSX, streams.NDJSON))
    begins = pipeline.offset(asked.cursor, filter, given) if asked.cursor is not None else 0
    day = then.day(registry, asked.on, "on")
    names = [f"{name}_known" for name in sorted(pipeline.tables(filter))]
    day, known = await following.moment(request, names, day, asked.known_at, asked.cursor)
    whole = kind != JSON and asked.limit is None and asked.cursor is None
    most = None if whole else asked.limit or 50
    async with registry.connection() as connection:
        found = await pipeline.ask(connection, filter, day, known, begins=begins, most=most)
    next = begins + len(found.items) if found.more else None
    told = Pipeline(
        on=day,
        position=known,
        since=filter.since,
        until=filter.until,
        group=filter.group,
        by=filter.by if filter.group == "period" else None,
        place=filter.place,
        investor=filter.investor,
        sector=filter.sector,
        stage=filter.stage,
        rule=pipeline.told(filter.rules),
        items=found.items,
        totals=found.totals,
        without_sum=found.without_sum,
        left_out=found.left_out,
        next=pipeline.cursor(filter, given, day, known, next) if next is not None else None,
    )
    return answer(request, told, pipeline.Line, known, rows=pipeline.lines(found.items))


ROUTES: list[ControllerRouterHandler] = [counted]
