"""The parent of an embedded PostgreSQL: it ends PostgreSQL when the service is gone, whatever ended the service.

`embedded.py` runs this file by its path, as `python -I -S embedded_guard.py UID GID PROGRAM ARGUMENT...`, and holds the
other end of the socket that is file 0 here. Why a parent and that socket:

- The kernel closes a dead process's files, so a service killed by SIGKILL ends the stream as surely as one that asks
  politely. No other means is both portable and free of races with reused process ids.
- A parent alone learns how its child ended; the exit code goes back through the same socket.
- A guard that is itself killed takes PostgreSQL along on Linux, by PR_SET_PDEATHSIG. Elsewhere the next start does it.

It lives in a session of its own, so that Ctrl-C in a terminal reaches the service alone, which stops in its own order.
"""

import ctypes
import os
import select
import signal
import sys
import time

PATIENCE = (
    60.0  # seconds for a fast shutdown, before PostgreSQL is told to drop everything (which is safe, only less tidy)
)
LOG_LIMIT = 8 << 20  # bytes
TICK = 1.0  # seconds
INSIST = 0.1  # seconds
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Runs the program to its end, or to the end of the service; its exit code goes to the service, if there is one."""
    user, group, *command = sys.argv[1:]
    service, guard = os.getppid(), os.getpid()
    child = os.fork()
    if child == 0:
        become(int(user), int(group), guard, command)
    wakes, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: told.append(number))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ending: float | None = None
    while True:
        watched, pause = ([wakes, 0], TICK) if ending is None else ([wakes], INSIST)
        ready = select.select(watched, [], [], pause)[0]
        if wakes in ready:
            os.read(wakes, 512)
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            try:
                os.write(0, b"%d" % os.waitstatus_to_exitcode(status))
            except OSError:
                return 0  # nobody is left to be told
            return 0
        # The parent is asked for as well: a process forked from the service may keep the socket open after it.
        if ending is None and (told or 0 in ready or os.getppid() != service):
            ending = time.monotonic()
        if ending is not None:
            # Again and again: before the program has its own handlers, or is even executed, a signal can be lost. One
            # that has understood ignores the others.
            os.kill(child, signal.SIGINT if time.monotonic() < ending + PATIENCE else signal.SIGQUIT)
        bound_log()


def become(user: int, group: int, guard: int, command: list[str]) -> None:
    """Turns this process, the fork, into the program; never returns. A user of -1 means: stay who you are."""
    try:
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and exec would hand that on
        os.umask(0o077)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)  # else PostgreSQL would hold the guard's end of the socket
        if user >= 0:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
        if sys.platform == "linux":  # after setuid, which clears it
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() == guard:
            os.execv(command[0], command)  # noqa: S606 - there is no shell, and none is wanted
    except BaseException as error:  # noqa: BLE001, RUF100 - the fork must not fall back into the guard's own code
        os.write(2, f"{command[0]} cannot be run: {error!r}\n".encode())
    os._exit(127)


def bound_log() -> None:
    """Drops the older half of a log (file 2, opened to append) that has grown too long."""
    size = os.fstat(2).st_size
    if size > LOG_LIMIT:
        newer = os.pread(2, LOG_LIMIT // 2, size - LOG_LIMIT // 2)
        os.ftruncate(2, 0)
        os.write(2, newer)


if __name__ == "__main__":
    sys.exit(main())
