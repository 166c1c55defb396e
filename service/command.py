"""Where the command `mengfu` begins.

Until its own handlers are there, Ctrl-C ends it as signals end a process. Python's own way is an exception wherever the
program happens to be, and libraries that are being imported take it for a failure of theirs.
"""

import signal


def main() -> None:
    """Run the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from service.cli import main as run  # noqa: PLC0415 -- what is imported by it is what takes its time

    run()
