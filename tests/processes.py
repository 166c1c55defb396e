"""What runs on a home: for tests that start real processes, kill them, and must see that nothing stays behind."""

import contextlib
import socket
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it has no types of its own


def processes(home: Path) -> list[Any]:
    """The processes of a home (service, guards, PostgreSQL): they name its folder, or work in it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                words = [process.cwd(), *process.cmdline()]
                if any(f"{word}/".startswith(f"{home}/") for word in words) and process.name() != "sleep":
                    found.append(process)
    return found


def wait_for_nothing(home: Path, seconds: float = 15) -> None:
    """Wait until no process of the home is left; fail, naming them, when that takes too long."""
    end = time.monotonic() + seconds
    while left := processes(home):
        assert time.monotonic() < end, left
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])
