"""What the pipeline may be asked for."""

from datetime import date
from typing import Literal

from msgspec import Struct, field

from service.domain.project.counting import Rule
from service.domain.project.state import Status
from service.domain.values import Label, PartyId

Group = Literal["stage", "place", "investor", "sector", "period"]
Period = Literal["year", "half_year", "quarter", "month"]


class Filter(Struct, frozen=True, kw_only=True):
    """Which time, counted by which rule, grouped by what; and of which projects, as the list of projects is asked.

    `from` and `to` are days, both included; without one the time is open there. `group=period` is by calendar periods
    of the length `by`, under `2016`, `2016-H1`, `2016-Q2` or `2016-04`. `stage` is the one that a project is at on the
    day `on`, `investor` the one whose the sum was, `place` each of the project's, so that a project in two places
    counts with both, and once in `totals`.

    `place`, `investor`, `sector` and `stage` ask for those projects alone, as they stand on that day: `place` is where
    a project is, or stands over that; `investor` is one of it, and all that is invested in it counts. A project that
    passes counts as it does without them, and another one is not told at all, nor as left out.
    """

    since: date | None = field(name="from", default=None)
    until: date | None = field(name="to", default=None)
    group: Group = "stage"
    by: Period = "year"
    rules: Rule = "first_event"
    place: PartyId | None = None
    investor: PartyId | None = None
    sector: Label | None = None
    stage: Status | None = None
