"""What the command says, on streams that may be closed, full or gone; and what a signal does before there is a loop.

It is imported before everything else, and imports little itself: from then on Ctrl-C meets no traceback.
"""

import contextlib
import io
import os
import signal
import sys
from types import FrameType, TracebackType
from typing import TextIO, cast

STOPPED = "mengfu: stopped"


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


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while the program is still being imported is no error: Python then ends as by the signal itself."""
    if issubclass(kind, KeyboardInterrupt):
        tell(STOPPED, err=True)
    else:
        sys.__excepthook__(kind, error, trace)


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


sys.excepthook = uncaught
