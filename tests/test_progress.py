"""Progress: a bar on a terminal, plain lines elsewhere, and nothing that ends the work itself."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from service import output

SCRIPT = """
from service import output
with output.progress("copying", 2_000) as advance:
    for _ in range(20):
        advance(100)
"""
ROOT = Path(__file__).parents[1]


def test_elsewhere_it_is_a_line_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says how much is done, and of how much where that is known."""
    monkeypatch.setattr(output, "PLAIN", 0.0)
    with output.progress("copying", 2_000) as advance:
        advance(500)
        advance(1_500)
    with output.progress("reading", unit="bytes") as advance:
        advance(3_000_000)
    with output.progress("filling", 0) as advance:
        advance(0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "mengfu: copying: 500 of 2,000 lines (25 %)",
        "mengfu: copying: 2,000 of 2,000 lines (100 %)",
        "mengfu: reading: 3 MB",
        "mengfu: filling: 0 of 0 lines",
    ]


def test_what_takes_no_time_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A line every few seconds is none at all for what is quick."""
    with output.progress("copying", 2) as advance:
        advance(2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("stays", [True, False])
def test_on_a_terminal_it_is_a_bar(stays: bool) -> None:
    """Which ends full; a terminal that goes away takes nothing with it."""
    here, there = pty.openpty()
    command = [sys.executable, "-c", SCRIPT]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, stderr=there, cwd=ROOT, env=environment) as process:
        os.close(there)
        seen = b""
        if not stays:
            os.close(here)
        try:
            while stays and (read := os.read(here, 65_536)):
                seen += read
        except OSError:  # Linux says so where the other end was closed
            pass
        assert process.wait(timeout=30) == 0
    if stays:
        os.close(here)
        assert "2,000 of 2,000 lines (100 %)" in seen.decode()
        assert "━" in seen.decode()
