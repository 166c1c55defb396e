"""A log in memory, and its inline rows in a database: what the registry does, as small as it can be."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from runpy import run_path
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from service.config import room
from service.domain import catalogue
from service.domain.decider import NOBODY, Decider, Event, Recorded, Ref
from service.domain.folding import Folded, fold
from service.domain.values import Citation, UncertainDate
from service.projections import Row, Table
from service.projections.inline import INLINE
from service.projections.paging import Page
from service.projections.pairs import PAIRS

TODAY = date(2026, 3, 1)
DECIDERS: dict[str, Decider[Any]] = {
    category: decider for category, decider in catalogue.DECIDERS.items() if category != "registry"
}


def id_of(name: str) -> UUID:
    """The same id for the same name, in no order."""
    return uuid5(UUID(int=1), name)


def cite(document: UUID) -> tuple[Citation, ...]:
    """A citation of the document."""
    return (Citation(document=document, start=0, end=4, sha256="0" * 64),)


def on(day: date) -> UncertainDate:
    """One known day."""
    return UncertainDate.day(day)


class Streams:
    """Events are recorded in memory; `store` brings the rows of all that was recorded since into the database."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection
        self.sequence = 0
        self.records: dict[Ref, list[Recorded]] = {}
        self.stored: dict[Ref, Folded[Any]] = {}

    def record(self, ref: Ref, *events: Event) -> None:
        """Append the events to the stream."""
        stream = self.records.setdefault(ref, [])
        for event in events:
            self.sequence += 1
            stream.append(
                Recorded(
                    sequence=self.sequence,
                    version=len(stream) + 1,
                    time=datetime(2026, 1, 1, tzinfo=UTC),
                    effective=event.effective.earliest if event.effective else None,
                    actor=NOBODY,
                    event=event,
                )
            )

    def folded(self, ref: Ref, today: date = TODAY) -> Folded[Any]:
        """The stream as the registry would keep it."""
        return fold(DECIDERS[ref.category], self.records[ref], today)

    async def store(self, today: date = TODAY) -> None:
        """Bring the rows up to date, as one append does."""
        after = {ref: self.folded(ref, today) for ref in self.records}
        changed = {ref: now for ref, now in after.items() if self.stored.get(ref) != now}
        parts: list[str] = []
        values: list[Any] = []
        for projection in INLINE:
            put: list[Row] = []
            gone: list[Row] = []
            for ref, now in changed.items():
                more, less = projection.difference(ref, self.stored.get(ref), now)
                put += more
                gone += less
            for rows, part in ((put, projection.putting), (gone, projection.taking)):
                if rows:
                    parts.append(part(len(values) + 1))
                    values += map(list, zip(*rows, strict=True))
        await self.connection.execute(f"with {', '.join(['moved as (select true)', *parts])} select 1", *values)
        self.stored.update(changed)

    async def check(self) -> None:
        """The tables hold the rows of what was stored, and nothing else."""
        for projection in INLINE:
            names = ", ".join(name for name, _ in projection.columns)
            query = f"select {names} from {projection.table}"  # noqa: S608 # both from the projection's own file
            found = {tuple(row) for row in await self.connection.fetch(query)}
            wanted = [
                row
                for ref, now in self.stored.items()
                if ref.category in projection.categories
                for row in projection.rows(ref, now)
            ]
            assert len(wanted) == len({row[: projection.key] for row in wanted})
            assert found == set(wanted)


async def made(connection: Any, projections: Iterable[Table]) -> None:
    """Make projections' tables, and the functions that indexes of theirs rest on, as the migrations make them."""
    if await connection.fetchval("select to_regprocedure($1)", f"{PAIRS} (smallint, text)") is None:
        for name in ("0004_search_pairs", "0005_search_tags"):
            for statement in run_path(str(room("migrations") / "versions" / f"{name}.py"))["UP"]:
                await connection.execute(statement)
    for table in projections:
        for statement in table.create():
            await connection.execute(statement)


async def pages(ask: Callable[..., Awaitable[Page[Any]]], limit: int) -> list[Any]:
    """All items, asked for by pages of `limit`."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = await ask(limit=limit, cursor=cursor)
        items += page.items
        assert len(page.items) == limit or page.next is None
        if page.next is None:
            return items
        assert page.next.isascii()
        assert page.next.replace("-", "").replace("_", "").isalnum()
        cursor = page.next


def ordered(items: Sequence[Any], value: Callable[[Any], Any], id: Callable[[Any], UUID], sort: str) -> list[Any]:
    """The items in the order of a list, those without a value last."""
    known = sorted((item for item in items if value(item) is not None), key=lambda item: (value(item), id(item)))
    unknown = sorted((item for item in items if value(item) is None), key=id)
    if sort.startswith("-"):
        return known[::-1] + unknown[::-1]
    return known + unknown
