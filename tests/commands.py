"""The command `mengfu` as a process of its own, for tests of what its user sees."""

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.processes import free_port

MENGFU = Path(sys.executable).with_name("mengfu")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("MENGFU_")}
PARTY = {"kind": "city", "name": {"printed": "Test City"}}
LIMIT = 60.0


class Ended:
    """How a command ended, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        """Both outputs as text."""
        self.code, self.out, self.err = code, out, err

    def refused(self, code: int, *words: str) -> None:
        """It ended with that code, one message that has the words, and no traceback."""
        assert self.code == code, (self.code, self.out, self.err)
        for word in words:
            assert word in self.err, self.err
        assert "Traceback" not in self.err, self.err
        assert "RuntimeWarning" not in self.err, self.err


class Service:
    """A running `mengfu`, and where it serves."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, told: list[str], home: Path) -> None:
        """`told` is what it has printed so far."""
        self.process, self.address, self.told, self.home = process, address, told, home

    @property
    def key(self) -> str:
        """The first administrator's key, from its file."""
        return (self.home / "key").read_text("ascii").strip()

    def client(self, key: str | None = None) -> httpx.AsyncClient:
        """A client with that key: the first one, unless another is given; none with an empty one."""
        token = self.key if key is None else key
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=30, trust_env=False)

    async def end(self, number: int = signal.SIGTERM) -> Ended:
        """Send a signal, and wait for the end."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> Ended:
        """Wait for its end."""
        out, err = await asyncio.wait_for(self.process.communicate(), LIMIT)
        assert self.process.returncode is not None
        return Ended(self.process.returncode, "\n".join(self.told) + out.decode(), err.decode())


async def begin(folder: Path, *words: str, **env: str) -> asyncio.subprocess.Process:
    """Start the command in a folder, with those settings and no others."""
    return await asyncio.create_subprocess_exec(
        MENGFU,
        *words,
        cwd=folder,
        env={**CLEAN, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def mengfu(folder: Path, *words: str, **env: str) -> Ended:
    """Run the command to its end."""
    process = await begin(folder, *words, **env)
    try:
        out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


WAIT = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024)
"""


def peak(*words: str, folder: Path | None = None, env: dict[str, str]) -> int:
    """The most memory that a command needed, in bytes (the resident set, as the kernel counted it).

    A small process starts it: of a process the kernel counts what its parent held when it was started too.
    """
    told = subprocess.check_output([sys.executable, "-c", WAIT, MENGFU, *words], cwd=folder, env={**CLEAN, **env})
    code, most = map(int, told.split())
    assert code == 0
    return most


@contextlib.asynccontextmanager
async def running(home: Path, *words: str, command: str = "up", **env: str) -> AsyncIterator[Service]:
    """`mengfu up` (or serve, or follow) on a free port, until the block ends, if it has not ended before."""
    port = int(words[words.index("--port") + 1]) if "--port" in words else free_port()
    given = {"up": ("--home", str(home), "--no-seed"), "follow": ("--home", str(home))}.get(command, ())
    process = await begin(home.parent, command, *given, "--port", str(port), *words, **env)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        told: list[str] = []
        async with asyncio.timeout(LIMIT):
            while not any(line.startswith("The administrator's key") for line in told):
                line = (await process.stdout.readline()).decode()
                if not line:
                    raise AssertionError(told, (await process.stderr.read()).decode())
                told.append(line)
                if command != "up" and line.startswith("Mengfu is serving"):
                    break
        yield Service(process, f"http://127.0.0.1:{port}", told, home)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), LIMIT)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise


def empty(folder: Path) -> bool:
    """Whether nothing was made there."""
    return not list(folder.iterdir())


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


async def post(client: httpx.AsyncClient) -> str:
    """Record a party; answers its path."""
    answer = await client.post("/api/parties", json=PARTY)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])
