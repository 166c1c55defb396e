"""The lines in the order of the log: each as an import sees it, against its columns, all of them against the head."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.store import sql
from service.store.checking import COLUMNS, Checker
from service.store.line import LineError
from service.tlog import tree
from service.verifying.found import WrongError, differs, shown
from service.verifying.trees import TilesAgainst, edge_wrong

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PAGE = 1_000


class End(Struct, frozen=True):
    """Where the lines that were checked end, the tree's edge over them, and what of the stored tree is otherwise."""

    position: int
    edge: list[bytes]
    wrong: tuple[WrongError, ...]


async def check_lines(connection: Connection, decoders: Mapping[str, Any], advance: Callable[[int], None]) -> End:
    """Every line up to the head of now. Raises WrongError; what the tree alone says is answered instead."""
    head = await connection.fetchrow(sql("log_end"))
    if head is None:
        raise WrongError("head", "", "position", None, "there is no row")
    end = head["position"]
    if head["last"] != end:
        raise WrongError("head", "", "position", head["last"], differs(end, head["last"]))
    after, edge, checker, stored = 0, list[bytes](), Checker(decoders), TilesAgainst(connection)
    while after < end:
        rows = await connection.fetch(sql("log_rows"), after, end, PAGE)
        for position, row in enumerate(rows, start=after + 1):
            if row["position"] != position:
                raise WrongError("events", position, "position", position, "there is no line")
            check_line(checker, row)
        if not rows:
            raise WrongError("events", after + 1, "position", after + 1, "there is no line")
        leaves = [tree.leaf_hash(row["line"]) for row in rows]
        edge = tree.append(after, edge, leaves)
        await stored.take(leaves)
        after += len(rows)
        advance(len(rows))
    if end and head["time"] != checker.time:
        raise WrongError("head", "", "time", end, differs(head["time"], checker.time))
    if (same := await connection.fetchrow(sql("same_id"))) is not None:
        raise WrongError("events", same["next"], "line", same["next"], f"it has the id of line {same['first']}")
    await stored.end(end)
    wrong = [one for one in (edge_wrong(end, head["edge"], edge), stored.wrong) if one is not None]
    return End(end, edge, tuple(wrong))


def check_line(checker: Checker, row: asyncpg.Record) -> None:
    """The next line as an import would look at it, and the columns beside it against what it says."""
    position = row["position"]
    try:
        said, _ = checker.check(row["line"])
    except LineError as error:
        raise WrongError("events", position, "line", position, error.wrong) from None
    for field, stored, told in zip(COLUMNS, row, said, strict=True):
        if (str(stored) if isinstance(stored, UUID) else stored) != told:
            raise WrongError(
                "events", position, field, position, f"stored {shown(stored)}, the line says {shown(told)}"
            )
