"""Is everything that is stored what the log says? Each line against its columns and the tree, each row against a fold.

A line is looked at as an import looks at it (`store/checking.py`): what is good here is taken in elsewhere.

What is read together is read in one snapshot, in pieces: writers, readers and rebuilds go on beside it, and memory is
that of one piece. Nothing is changed, and nothing is taken over from what is being checked: rows are made anew from the
lines, and the tree's edge from the lines' bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import asyncpg
from msgspec import Struct

from service.domain.decider import Decider
from service.projections import Table
from service.store import sql
from service.tlog import tree
from service.verifying.found import WrongError
from service.verifying.lines import End, check_lines
from service.verifying.rows import Checked, check_built, check_rows
from service.verifying.trees import check_keys

__all__ = ["Report", "WrongError", "verify"]

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Advance: TypeAlias = Callable[[int], None]

TEXTS = 20


class Report(Struct, frozen=True, kw_only=True):
    """What was compared. `root` is the hash of the tree over the first `events` lines; `wrong` is empty where all fits.

    Several stand in `wrong` where the tree says that a line was changed, a tile which one, and a row which stream's.
    """

    events: int
    root: bytes
    streams: int
    rows: int
    texts: int
    wrong: tuple[WrongError, ...]


async def verify(
    connection: Connection,
    projections: Iterable[Table],
    inline: Iterable[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    advance: Advance = lambda _: None,
) -> Report:
    """Compare until the first difference. Rows of `inline` are those of the log's end, others' of what they reached.

    `advance` is told of each line twice: once in the order of the log, once in its stream.
    """
    projections = tuple(projections)
    ends = frozenset(projection.name for projection in inline)
    end: End | None = None
    checked, texts, wrong = Checked(), 0, list[WrongError]()
    try:
        end = await check_lines(connection, decoders, advance)
        # A line whose data was altered may read well: the tree says that one was, a row of its stream may say which.
        wrong += end.wrong
        await check_keys(connection)
        await check_built(connection, projections)
        await check_rows(connection, projections, ends, deciders, decoders, checked, advance)
        texts = await check_texts(connection)
    except WrongError as error:
        wrong.append(error)
    return Report(
        events=end.position if end else 0,
        root=tree.root(end.position, end.edge) if end else b"",
        streams=checked.streams,
        rows=checked.rows,
        texts=texts,
        wrong=tuple(wrong),
    )


async def check_texts(connection: Connection) -> int:
    """Each text against the hash that it is kept under, and each hash against the log; answers how many there are.

    A text that was captured by mistake may stay: its line stays too.
    """
    count, last = 0, b""
    while True:
        rows = await connection.fetch(sql("text_hashes"), last, TEXTS)
        for row in rows:
            if row["actual"] != row["sha256"]:
                raise WrongError(
                    "texts", row["sha256"].hex(), "body", None, f"the text's SHA-256 is {row['actual'].hex()}"
                )
        count += len(rows)
        if len(rows) < TEXTS:
            break
        last = rows[-1]["sha256"]
    if (left := await connection.fetchval(sql("text_left_over"))) is not None:
        raise WrongError("texts", left.hex(), "sha256", None, "no line of the log names a text with that SHA-256")
    return count
