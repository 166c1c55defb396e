"""Lines from a file or a pipe, up to where they are wanted, and how they are told of."""

import asyncio
import base64
import os
import re
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
import rich_click as click
from msgspec import Meta, Struct

from service.config import ConfigError
from service.store.line import LIMIT, LineError, instant

BLOCK = 1 << 20
"""Bytes read at a time."""

Chunks = AsyncGenerator[list[bytes], None]


class Source(NamedTuple):
    """Bytes that hold lines, and how many there are, where that is known."""

    pieces: AsyncIterator[bytes]
    size: int | None


# --- From bytes to lines ----------------------------------------------------------------------------------------------


async def lines(pieces: AsyncIterator[bytes], longest: int = LIMIT) -> Chunks:
    """The lines without their LF. Raises LineError for one that is too long to be any, and where the last one has none.

    No more than a piece and a line are held at a time.
    """
    count, rest = 0, b""
    async for piece in pieces:
        *chunk, rest = (rest + piece).split(b"\n")
        count += len(chunk)
        yield chunk
        if len(rest) > longest:
            raise LineError(count + 1, f"it has more than the {longest:,} bytes that a line has at most")
    if rest:
        raise LineError(count + 1, "it ends without LF, so the file may have been cut off there")


# --- Up to where ------------------------------------------------------------------------------------------------------


_SEQUENCE = msgspec.json.Decoder(Annotated[int, Meta(ge=1, le=2**63 - 1)])
_TIME = msgspec.json.Decoder(Annotated[datetime, Meta(tz=True)])


class Until(click.ParamType[int | datetime]):
    """A position in the log, or a time with its zone."""

    name = "SEQ|TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | datetime:
        """The sequence or the time."""
        text = str(value)
        try:
            if text.isascii() and text.isdecimal():
                sequence: int = _SEQUENCE.decode(text.lstrip("0"))
                return sequence
            time: datetime = _TIME.decode(msgspec.json.encode(text))
        except msgspec.DecodeError:
            wrong = f"{text!r} is no sequence (1 or above) and no time with its zone, such as 2026-11-21T08:00:00Z"
            self.fail(wrong, param, ctx)
        return time


class Root(click.ParamType[bytes]):
    """The root of a tree, in hexadecimal digits."""

    name = "HEX"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """The root's bytes."""
        if not re.fullmatch(r"[0-9a-fA-F]{64}", str(value)):
            self.fail(f"{value!r} is no root: that has 64 hexadecimal digits", param, ctx)
        return bytes.fromhex(value)


class _Place(Struct):
    """What a line says of its place."""

    sequence: str
    time: Annotated[datetime, Meta(tz=True)]


_PLACE = msgspec.json.Decoder(_Place)


def sequence(line: bytes) -> int:
    """A stored line's sequence."""
    return int(_PLACE.decode(line).sequence)


def time(line: bytes) -> datetime:
    """A stored line's time."""
    return _PLACE.decode(line).time


def past(line: bytes, until: datetime) -> bool:
    """Whether a line was recorded after a time. One that cannot be read was not: whoever checks it refuses it."""
    try:
        return time(line) > until
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


async def bounded(chunks: Chunks, until: int | datetime) -> Chunks:
    """The lines up to a sequence, or recorded up to a time. Raises ConfigError where they do not reach that far."""
    count, last = 0, b""
    async for chunk in chunks:
        if isinstance(until, int):
            kept = chunk[: until - count]
        elif chunk and past(chunk[-1], until):
            kept = [line for line in chunk if not past(line, until)]
        else:
            kept = chunk
        count += len(kept)
        last = kept[-1] if kept else last
        yield kept
        if count == until or len(kept) < len(chunk):
            break
    else:
        if count != until and (isinstance(until, int) or not last or time(last) < until):
            raise ConfigError(beyond(until, count, last))
    if not count:
        raise ConfigError(early(until))


async def begun(chunks: Chunks) -> Chunks:
    """The same chunks, the first two of them read when this returns: a file that is short is read to its end."""
    ahead: list[list[bytes]] = []
    async for chunk in chunks:
        ahead.append(chunk)
        if len(ahead) == 2:
            break

    async def all_of_them() -> Chunks:
        for chunk in ahead:
            yield chunk
        async for chunk in chunks:
            yield chunk

    return all_of_them()


def early(until: int | datetime) -> str:
    """That the log begins later."""
    return f"nothing was recorded up to {said(until)}: choose a later --until"


def beyond(until: int | datetime, count: int, last: bytes) -> str:
    """That the log ends earlier, and where."""
    if not count:
        return "there are no lines"
    return (
        f"--until {said(until)} lies beyond the end: the last line is {count}, of {said(time(last))}. "
        f"`--until {count}` is all of it"
    )


def said(until: int | datetime) -> str:
    """A sequence or a time, as it is given to `--until`."""
    return str(until) if isinstance(until, int) else instant(until)


def told(count: int, until: datetime | None, root: bytes) -> str:
    """How many lines there are, up to when, and the root of their tree, in hexadecimal digits and Base64 (RFC 4648)."""
    upto = f", the last one of {said(until)}" if until is not None else ""
    lines_upto = f"{count:,} line{'' if count == 1 else 's'}{upto}"
    return f"{lines_upto}\nroot of their tree: {root.hex()} (Base64: {base64.b64encode(root).decode()})"


# --- Files and pipes --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def file(name: str) -> AsyncIterator[Source]:
    """What stands in a file, or comes through standard input where the name is `-`."""
    opened = 0 if name == "-" else os.open(name, os.O_RDONLY)
    try:
        about = os.fstat(opened)
        yield Source(read(opened), about.st_size if stat.S_ISREG(about.st_mode) else None)
    finally:
        if opened:
            os.close(opened)


async def read(opened: int) -> AsyncIterator[bytes]:
    """The bytes of an open file, block by block.

    A pipe or a terminal is waited for in the loop: a thread that waits for it could not be ended by a signal.
    """
    loop = asyncio.get_running_loop()
    waits = not stat.S_ISREG(os.fstat(opened).st_mode)
    while True:
        if waits:
            ready = loop.create_future()
            with suppress(OSError):  # what cannot be waited for, such as /dev/null, has its bytes at once
                loop.add_reader(opened, ready.set_result, None)
                try:
                    await ready
                finally:
                    loop.remove_reader(opened)
        if not (block := await asyncio.to_thread(os.read, opened, BLOCK)):
            return
        yield block
