"""The lines in the order of the log: each against its columns and its neighbour, all of them against the head."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from service.store import line as lines
from service.store import sql
from service.tlog import tree
from service.verifying.found import WrongError, differs

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PAGE = 1_000


class End(Struct, frozen=True):
    """Where the lines that were checked end, the tree's edge over them, and whether it is not the one in the head."""

    position: int
    edge: list[bytes]
    wrong: WrongError | None


async def check_lines(connection: Connection, advance: Callable[[int], None]) -> End:
    """Every line up to the head of now. Raises WrongError; what the tree alone says is answered instead."""
    head = await connection.fetchrow(sql("log_end"))
    if head is None:
        raise WrongError("head", "", "position", None, "there is no row")
    end = head["position"]
    if head["last"] != end:
        raise WrongError("head", "", "position", head["last"], differs(end, head["last"]))
    after, edge, time = 0, list[bytes](), None
    while after < end:
        rows = await connection.fetch(sql("log_rows"), after, end, PAGE)
        for position, row in enumerate(rows, start=after + 1):
            if row["position"] != position:
                raise WrongError("events", position, "position", position, "there is no line")
            check_line(row, time)
            time = row["time"]
        if not rows:
            raise WrongError("events", after + 1, "position", after + 1, "there is no line")
        edge = tree.append(after, edge, [tree.leaf_hash(row["line"]) for row in rows])
        after += len(rows)
        advance(len(rows))
    if time is not None and head["time"] != time:
        raise WrongError("head", "", "time", end, differs(head["time"], time))
    stored, wrong = head["edge"], None
    if stored != b"".join(edge):
        whole = [stored[index : index + 32] for index in range(0, len(stored), 32)]
        sound = len(whole) == len(edge) and all(len(node) == 32 for node in whole)
        said = tree.root(end, whole).hex() if sound else f"none: {len(stored)} bytes are no edge"
        root = tree.root(end, edge).hex()
        wrong = WrongError("head", "", "edge", end, f"its root is {said}; that of the lines up to here is {root}")
    return End(end, edge, wrong)


def check_line(row: asyncpg.Record, before: datetime | None) -> None:
    """One line against its columns, its place and the time of the line before it."""
    position, line = row["position"], row["line"]

    def wrong(field: str, problem: str) -> WrongError:
        return WrongError("events", position, field, position, problem)

    try:
        outer = lines.outer(line)
        category, _, stream = outer.subject.partition("/")
        told: dict[str, Any] = {
            "position": int(outer.sequence),
            "stream": UUID(stream),
            "version": outer.streamversion,
            "type": outer.type,
            "time": outer.time,
            "effective": outer.effective,
            "actor": UUID(outer.actor.removeprefix("accounts/")),
            "correction": outer.cause == "correction",
        }
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise wrong("line", f"it cannot be read: {error}") from None
    for field, said in told.items():
        stored = lines.instant(row["time"]) if field == "time" else row[field]
        if stored != said:
            raise wrong(field, f"stored {stored}, the line says {said}")
    if (
        lines.canonical(outer) != line
        or outer.sequence != lines.place(position)
        or outer.subject != f"{category}/{row['stream']}"
        or outer.actor != f"accounts/{row['actor']}"
        or not outer.dataschema.startswith(f"urn:mengfu:schema:{outer.type}:")
    ):
        raise wrong("line", "its outer keys are not written as the contract has them")
    if (outer.corrects is not None) != told["correction"] or (outer.reason is not None) != told["correction"]:
        raise wrong("line", "a correction, and nothing else, has `corrects` and `reason`")
    if before is not None and row["time"] < before:
        raise wrong("time", f"it is earlier than that of the line before, {lines.instant(before)}")
