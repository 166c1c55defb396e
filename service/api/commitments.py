"""Commitments over HTTP: who owes whom what, and what was only said, off agreements, statements and tasks."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct, field

from service.api import by_name, following, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.lists import Cursor, Limit, answer, there
from service.api.then import AsOf, KnownAt
from service.domain.commitments import Binding, Direction, Kind, State
from service.domain.decider import Ref
from service.domain.values import PartyId, Subject
from service.projections import carried, commitments
from service.registry import Registry

RULE = "commitments/1"


class Which(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which commitments, on which day, as known when; and which page of them."""

    children: bool = False
    state: State | None = None
    open: bool | None = None
    source: Kind | None = None
    subject: Subject | None = None
    binding: Binding | None = None
    direction: Direction | None = None
    due_from: date | None = None
    due_to: date | None = None
    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
    sort: commitments.Order = "due"


class Asked(Which, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who owes, who is owed, and which of their commitments."""

    owing: PartyId | None = field(name="from", default=None)
    owed: PartyId | None = field(name="to", default=None)


class Owed(Which, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom, and which of the party's obligations."""

    owed: PartyId | None = field(name="to", default=None)


class LeftOut(Struct, frozen=True, kw_only=True):
    """What the answer does not list, how often, and why."""

    what: str
    count: int
    why: str


class Commitments(Struct, frozen=True, kw_only=True):
    """Commitments on the day `on`, as known at `position`, by `rule`. `next` is the cursor of the next page.

    `from` and `to` tell whose commitments are counted beside those of the parties asked for, by succession or as those
    of children; `passed` to whom the commitments of the parties asked for have passed since.
    """

    rule: str
    on: date
    position: int
    items: list[commitments.Commitment]
    owing: list[carried.Carried] = field(name="from")
    owed: list[carried.Carried] = field(name="to")
    passed: list[carried.Carried]
    left_out: list[LeftOut]
    next: str | None


class Line(Struct, frozen=True, kw_only=True):
    """A commitment as a line of a sheet: parties by their names, a deadline by its two ends and as printed."""

    kind: Kind
    subject: str
    part: str | None
    label: str | None
    title: str
    text: str | None
    said_as: str | None
    obligors: str
    beneficiaries: str
    inferred: str
    direction: str
    manner: str | None
    binding: str
    state: str
    colour: str | None
    due_from: date | None
    due_to: date | None
    due: str | None
    carried: str


def lines(items: list[commitments.Commitment]) -> Iterator[Line]:
    """The commitments as lines of a sheet."""
    for one in items:
        named = ["、".join(party.name or str(party.id) for party in side) for side in (one.obligors, one.beneficiaries)]
        yield Line(
            kind=one.source.kind,
            subject=one.source.subject,
            part=one.source.part,
            label=one.source.label,
            title=one.source.title,
            text=one.source.text,
            said_as=one.source.said_as,
            obligors=named[0],
            beneficiaries=named[1],
            inferred=", ".join(one.inferred),
            direction=one.direction,
            manner=one.manner,
            binding=one.binding,
            state=one.state,
            colour=one.colour,
            due_from=one.due.earliest if one.due is not None else None,
            due_to=one.due.latest if one.due is not None else None,
            due=one.due.printed if one.due is not None else None,
            carried="; ".join(
                f"{way.party.name or way.party.id} > {way.to.name or way.to.id}: {way.how}" for way in one.carried
            ),
        )


async def listed(request: Request[Any, Any, Any], asked: Asked | Owed, owing: UUID | None, owed: UUID | None) -> Answer:
    """The answer to either question. What is now stands in the append; the past is told by what follows the log."""
    registry: Registry = request.app.state.registry
    names = [name for name in commitments.Filter.__struct_fields__ if name not in {"owing", "owed"}]
    filter = commitments.Filter(owing=owing, owed=owed, **{name: getattr(asked, name) for name in names})
    day, known = then.day(registry, asked.on, "on"), None
    if asked.cursor is not None or asked.on is not None or asked.known_at is not None:
        following_ones = [f"{name}_known" for name in commitments.tables(filter)]
        day, known = await following.moment(request, following_ones, day, asked.known_at, asked.cursor)
    async with registry.connection() as connection:
        found = await commitments.page(
            connection,
            filter,
            day,
            known=known,
            limit=asked.limit,
            cursor=asked.cursor,
            sort=asked.sort,
            asked=(asked.on, asked.known_at),
        )
    left_out = [
        LeftOut(what="clauses", count=found.unstated, why="no source says who owes what they ask"),
    ]
    page = Commitments(
        rule=RULE,
        on=day,
        position=found.position,
        items=found.items,
        owing=found.owing,
        owed=found.owed,
        passed=found.passed,
        left_out=[one for one in left_out if one.count],
        next=found.next,
    )
    return answer(request, page, Line, found.position, lines(found.items))


_OPT = needs("reader") | {"answer": Commitments, "sheet": True, "follows": True}


@get("/api/commitments", opt=_OPT | {"query": by_name.loose(Asked)})
async def all_of_them(request: Request[Any, Any, Any]) -> Answer:
    """Who owes whom what: clauses, promises and tasks, and what was only said.

    Rule commitments/1. `binding` is `bound` for a clause of what was signed, for a promise and for a task; `said` for
    what is proposed, intended, requested or talked over. A clause is owed by its obligors to its beneficiaries; where
    it names none of these, to the other signatories. A statement is performed by its performers; where it names none,
    a promise or an intention by those on whose behalf it was made, else by the speakers, towards those spoken to; a
    request by those spoken to, for whoever asks; a proposal by those spoken to; a talk by all that talked. A task is
    owed by its lead units to those whom the clause or statement that it carries out is owed to, else to the
    agreement's signatories, never to the lead's own body. `inferred` marks what these rules have told. What is mutual
    stands in both directions, each time once.

    `from` and `to` count a party's predecessors too: those that were split (from what survived only what may have begun
    by then), merged into it or replaced by it, unless a source says that obligations did not pass; and with
    `children=true` the bodies that stand under it. Left out: clauses of which no source says who owes, which are
    counted; rules of ecological compensation and their settlements; records that are duplicates.
    """
    asked = await by_name.parameters(request, Asked)
    return await listed(request, asked, asked.owing, asked.owed)


@get("/api/parties/{id:uuid}/obligations", opt=_OPT | {"query": by_name.loose(Owed)})
async def of_one_party(request: Request[Any, Any, Any]) -> Answer:
    """What a party owes, with what has come to it from those that it came after: commitments with it as `from`."""
    asked, id = await by_name.parameters(request, Owed), request.path_params["id"]
    if asked.cursor is None:
        await there(request.app.state.registry, Ref("parties", id), asked.on, asked.known_at)
    return await listed(request, asked, id, asked.owed)


ROUTES: list[ControllerRouterHandler] = [all_of_them, of_one_party]
