"""The streams in the order of their ids: each one's lines against each other, and every row that is stored of it.

A piece is a range of ids, read in one snapshot: its lines, its streams and its rows in every table, whether the log has
the stream or not. The tables are locked (`access share`, as any question does) before the snapshot is taken: it might
otherwise be older than a table that a rebuild has put in another's place.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from msgspec import Struct, field

from service.domain.decider import Attested, Decider, Recorded, Ref
from service.projections import Row, Table, UntoldError
from service.projections.building import stale
from service.projections.filling import ALL, FIRST, LAST, rows_of
from service.store import line as lines
from service.store import sql
from service.verifying.found import WrongError, deepest, differs, plain

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PAGE = 1_000
"""Lines in a piece, and those that its last stream has beyond."""


class Checked(Struct):
    """How much was compared."""

    streams: int = 0
    rows: int = 0


class Piece(Struct, kw_only=True):
    """What is stored of the streams in a range of ids, as of one moment."""

    after: UUID | None
    last: UUID
    head: int = 0
    lines: list[asyncpg.Record] = field(default_factory=list)
    streams: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)


async def check_built(connection: Connection, projections: Sequence[Table]) -> None:
    """Each table is there, and was filled by this code."""
    for projection in await stale(connection, projections):
        built = await connection.fetchval("select to_regclass($1) is not null", projection.table)
        problem = "it was filled by other code" if built else "the table is missing"
        raise WrongError(
            "p_projections", projection.name, "fingerprint", None, f"{problem}: run `mengfu rebuild {projection.name}`"
        )


async def check_rows(
    connection: Connection,
    projections: Sequence[Table],
    inline: frozenset[str],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    checked: Checked,
    advance: Callable[[int], None],
) -> None:
    """Every stream and every row. Raises WrongError."""
    after: UUID | None = None
    while after != LAST:
        piece = await _piece(connection, projections, after)
        records = _records(piece, decoders)
        _check_streams(piece, records, deciders)
        checked.rows += sum(map(len, piece.tables.values()))
        _check_tables(piece, records, projections, inline, deciders)
        checked.streams += len(records)
        advance(len(piece.lines))
        after = piece.last


async def _piece(connection: Connection, projections: Sequence[Table], after: UUID | None) -> Piece:
    piece = Piece(after=after, last=LAST)
    names = ", ".join(projection.table for projection in projections)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(f"lock table {names} in access share mode")
        piece.head = await connection.fetchval("select position from head")
        # Beyond the head there is nothing that anybody may read; what stands there all the same was found before.
        start = (FIRST, 0) if after is None else (after, ALL)
        piece.lines = await connection.fetch(sql("by_stream"), *start, piece.head, PAGE, LAST)
        if len(piece.lines) == PAGE:
            final = piece.lines[-1]
            piece.last = final["stream"]
            rest = (piece.last, final["version"], piece.head, ALL, [piece.last])
            piece.lines += await connection.fetch(sql("by_stream_of"), *rest)
        for row in await connection.fetch(sql("streams_between"), after, piece.last):
            piece.streams[row["id"]] = (row["category"], row["version"])
        for row in await connection.fetch("select name, position, goal, stopped from p_projections"):
            for name in ("position", "goal"):
                if not 0 <= row[name] <= piece.head:
                    problem = f"it is {row[name]}, and the log ends at {piece.head}"
                    raise WrongError("p_projections", row["name"], name, None, problem)
            if row["stopped"] is not None:
                raise WrongError("p_projections", row["name"], "stopped", row["position"] + 1, row["stopped"])
            piece.reached[row["name"]] = row["position"]
        for projection in projections:
            columns = ", ".join(name for name, _ in projection.columns)
            query = f"select {columns} from {projection.table} "  # noqa: S608 -- a projection's own names
            query += "where ($1::uuid is null or stream > $1) and stream <= $2"
            found = await connection.fetch(query, after, piece.last)
            piece.tables[projection.name] = [tuple(map(plain, row)) for row in found]
    return piece


def _records(piece: Piece, decoders: Mapping[str, Any]) -> dict[UUID, tuple[Ref, list[Recorded]]]:
    """The records of each stream; each line against those before it in its stream."""
    streams: dict[UUID, tuple[Ref, list[Recorded]]] = {}
    for row in piece.lines:
        try:
            ref, _, recorded = lines.decode(row["line"], decoders)
        except (KeyError, ValueError) as error:
            raise WrongError(
                "events", row["position"], "line", row["position"], f"it cannot be read: {error}"
            ) from None
        position = recorded.sequence
        first, records = streams.setdefault(row["stream"], (ref, []))
        if ref != first or ref.id != row["stream"]:
            raise WrongError("events", position, "line", position, f"{ref} stands in the stream of {first}")
        if recorded.version != len(records) + 1:
            problem = f"version {recorded.version} stands after version {len(records)} of {ref}"
            raise WrongError("events", position, "version", position, problem)
        attests = recorded.event.attests if isinstance(recorded.event, Attested) else None
        for name, spoken_of in (("corrects", recorded.corrects), ("attests", attests)):
            if spoken_of is not None and not _holds(records, spoken_of):
                problem = f"`{name}` is {spoken_of}, which is no earlier line of {ref}"
                raise WrongError("events", position, "line", position, problem)
        records.append(recorded)
    return streams


def _holds(records: Sequence[Recorded], sequence: int) -> bool:
    """Whether one of the records, which stand in the order of the log, has that sequence."""
    index = bisect_left(records, sequence, key=lambda record: record.sequence)
    return index < len(records) and records[index].sequence == sequence


def _check_streams(
    piece: Piece, streams: Mapping[UUID, tuple[Ref, list[Recorded]]], deciders: Mapping[str, Decider[Any]]
) -> None:
    for id, (ref, records) in streams.items():
        newest = records[-1].sequence
        if ref.category not in deciders:
            raise WrongError("events", newest, "line", newest, f"{ref} is of no known category")
        stored = piece.streams.get(id)
        if stored is None:
            raise WrongError("streams", id, "id", newest, f"there is no row of {ref}")
        for name, held, wanted in zip(("category", "version"), stored, (ref.category, len(records)), strict=True):
            if held != wanted:
                raise WrongError("streams", id, name, newest, differs(held, wanted))
    for id, (category, _) in piece.streams.items():
        if id not in streams:
            raise WrongError("streams", id, "id", None, f"the log has no line of {category}/{id}")


def _check_tables(
    piece: Piece,
    streams: Mapping[UUID, tuple[Ref, list[Recorded]]],
    projections: Sequence[Table],
    inline: frozenset[str],
    deciders: Mapping[str, Decider[Any]],
) -> None:
    """The rows of the piece in every table: stream by stream, so that each is folded once for all of them."""
    held = {one.name: {row[: one.key]: row for row in piece.tables[one.name]} for one in projections}
    by_category: dict[str, list[Table]] = {
        category: [one for one in projections if category in one.categories] for category in deciders
    }
    for ref, records in streams.values():
        together: dict[int, list[Table]] = {}
        for projection in by_category[ref.category]:
            reached = piece.head if projection.name in inline else piece.reached[projection.name]
            together.setdefault(reached, []).append(projection)
        for reached, tables in together.items():
            known = records if reached == piece.head else [one for one in records if one.sequence <= reached]
            for projection, rows in rows_of(tables, deciders, ref, known) if known else ():
                if isinstance(rows, UntoldError):
                    problem = f"an event that it cannot take: {rows.__cause__}"
                    raise _wrong(projection, (ref.id,), "stream", rows.sequence, problem) from rows
                _check_stream(projection, held[projection.name], rows, known[-1].sequence)
    for projection in projections:
        for row in held[projection.name].values():
            if row[0] in streams:
                ref, records = streams[row[0]]
                raise _wrong(projection, row, "stream", records[-1].sequence, f"the log has no such row of {ref}")
            raise _wrong(projection, row, "stream", None, "the log has no line of that stream")


def _check_stream(projection: Table, held: dict[Row, Row], rows: Iterable[Row], newest: int) -> None:
    """One stream's rows in a table; those that are as they should be are taken out of `held`."""
    for row in rows:
        wanted = tuple(map(plain, row))
        found = held.pop(wanted[: projection.key], None)
        if found is None:
            raise _wrong(projection, wanted, "stream", newest, "the row is missing")
        for (name, _), one, other in zip(projection.columns, found, wanted, strict=True):
            if one != other:
                where, one_within, other_within = deepest(name, one, other)
                raise _wrong(projection, wanted, where, newest, differs(one_within, other_within))


def _wrong(projection: Table, row: Row, field: str, position: int | None, problem: str) -> WrongError:
    names = [name for name, _ in projection.columns[: projection.key]]
    key = " ".join(f"{name}={value}" for name, value in zip(names, row, strict=False))
    return WrongError(projection.table, key, field, position, problem)
