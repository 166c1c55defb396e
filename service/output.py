"""What the command says, on streams that may be closed, full or gone; and what a signal does before there is a loop.

It is imported before everything else, and imports little itself.
"""

import contextlib
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TextIO, cast

STOPPED = "mengfu: stopped"
PLAIN, DRAWN = 5.0, 0.1
"""Seconds between two plain lines of progress, and between two pictures of the bar."""


def begin() -> None:
    """Make the process fit to speak and to be stopped, before it does anything else."""
    open_standard_streams()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def stop(number: int, _: FrameType | None) -> None:
    """End with a signal's exit code, by an exception that nothing but the interpreter's end catches."""
    with contextlib.suppress(OSError):
        os.write(2, f"{STOPPED}\n".encode())  # not by a stream: the signal may have come while one was being written
    raise SystemExit(128 + number)


def open_standard_streams() -> None:
    """Put /dev/null on the files 0, 1 and 2 that are closed: a socket or a database's file would get the number.

    What must be written to a closed standard output still fails: it stands open for reading there.
    """
    for file, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        null = os.open(os.devnull, flags)
        try:
            os.fstat(file)
        except OSError:
            os.dup2(null, file)
        if getattr(sys, name) is None:  # Python saw that it was closed; the number may be another file's by now
            mode = "r" if file == 0 else "w"
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.dup(null), mode), write_through=True))
        if null != file:
            os.close(null)


def tell(text: str, *, err: bool = False) -> None:
    """Print a line that nothing depends on: where it can't be written, whatever else is going on goes on."""
    stream = sys.stderr if err else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except (OSError, ValueError):
        give_up(stream)


def give_up(stream: TextIO) -> None:
    """Lead a stream that can't be written to nowhere, together with what Python would try again to write at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(null, stream.fileno())
    os.close(null)
    with contextlib.suppress(OSError, ValueError):
        stream.flush()


@contextlib.contextmanager
def progress(what: str, total: int | None = None, unit: str = "lines") -> Iterator[Callable[[int], None]]:
    """Show on standard error how far something long has come: `advance(count)` says that so many more are done.

    A bar on a terminal; elsewhere a line every few seconds, none for what takes less. `what` is what is being done
    (`exporting`), `total` how many there are to do, where that is known.
    """
    if sys.stderr.isatty():
        with bar(what, total, unit) as drawing:
            yield drawing
        return
    done, told = 0, time.monotonic()

    def advance(count: int) -> None:
        nonlocal done, told
        done += count
        if time.monotonic() - told >= PLAIN:
            told = time.monotonic()
            tell(f"mengfu: {what}: {amount(done, total, unit)}", err=True)

    yield advance


@contextlib.contextmanager
def bar(what: str, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
    """The bar: no thread of its own draws it, and a terminal that has gone ends nothing."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeElapsedColumn(),
        *(() if total is None else (TimeRemainingColumn(),)),
    )
    shown = Progress(*columns, console=Console(stderr=True), auto_refresh=False)
    task = shown.add_task(what, total=total, amount="")
    done, drawn = 0, 0.0

    def draw(still: Callable[[], object]) -> None:
        try:
            shown.update(task, completed=done, amount=amount(done, total, unit))
            still()
        except OSError:
            give_up(sys.stderr)

    def advance(count: int) -> None:
        nonlocal done, drawn
        done += count
        if time.monotonic() - drawn >= DRAWN:
            drawn = time.monotonic()
            draw(shown.refresh)

    draw(shown.start)
    try:
        yield advance
    finally:
        draw(shown.refresh)
        draw(shown.stop)


def amount(done: int, total: int | None, unit: str) -> str:
    """`1,000 of 4,000 lines (25 %)`; bytes in MB."""
    if unit == "bytes":
        told = f"{done / 1e6:,.0f}" + (f" of {total / 1e6:,.0f} MB" if total is not None else " MB")
    else:
        told = f"{done:,}" + (f" of {total:,} {unit}" if total is not None else f" {unit}")
    return f"{told} ({100 * done // total} %)" if total else told


class Log:
    """Where the log goes: a standard error that can't be written to loses lines, and disturbs nobody."""

    def write(self, text: str) -> None:
        """Write, if that is possible."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, if that is possible."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def log_to_stderr(level: str) -> None:
    """Log from that level on, for people; tracebacks without local variables, which hold addresses with passwords."""
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Log())),
    )
    # It tells of every vain attempt to connect again, with a traceback; health and the writer's log tell it already.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
