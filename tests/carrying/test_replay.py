"""`mengfu replay`: an earlier state, as a registry that had been stopped there shows it, for reading alone."""

import asyncio
import contextlib
import fcntl
import json
import signal
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.config import Settings
from service.registry import Registry
from tests.api.conftest import connect
from tests.commands import CLEAN, LIMIT, MENGFU, begin, mengfu, running
from tests.conftest import clone
from tests.processes import free_port, processes, wait_for_nothing

UNTIL = 150
"""A sequence in the middle of the log."""


def split(path: Path) -> list[bytes]:
    """The lines of a file."""
    return path.read_bytes().splitlines()


def left(folder: Path) -> list[str]:
    """What of a replay is left in the folder for temporary ones."""
    return [path.name for path in folder.iterdir() if path.name.startswith("mengfu")]


class Replay:
    """A running replay."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient, told: str) -> None:
        """`told` is what it has printed."""
        self.process, self.client, self.told = process, client, told


@contextlib.asynccontextmanager
async def replaying(folder: Path, *words: str, **env: str) -> AsyncIterator[Replay]:
    """`mengfu replay` on a free port, until the block ends; temporary files are made in the folder."""
    port = free_port()
    process = await begin(folder, "replay", *words, "--port", str(port), TMPDIR=str(folder), **env)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        told = ""
        async with asyncio.timeout(LIMIT):
            for _ in range(2):
                line = (await process.stdout.readline()).decode()
                assert line, (told, (await process.stderr.read()).decode())
                told += line
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            yield Replay(process, client, told)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), LIMIT)


async def stopped_at(lines: list[bytes], paths: list[str]) -> dict[str, Any]:
    """What a registry answers that has taken in these lines and no others."""

    async def chunks() -> AsyncIterator[list[bytes]]:
        yield lines

    async with clone() as database:
        registry = await Registry.open(Settings(public_read=True), database.service)
        await registry.copy(chunks())
        async with connect(registry, None) as client:
            answers = {path: (await client.get(path)) for path in paths}
        await registry.close()
    return {path: (answer.status_code, answer.content) for path, answer in answers.items()}


def paths(lines: list[bytes]) -> list[str]:
    """Everything that can be asked of a log: each thing in it, each list, the log itself."""
    subjects = {json.loads(line)["subject"] for line in lines}
    things = [f"/api/{subject}?expand=citations,parties" for subject in sorted(subjects) if "registry/" not in subject]
    names = [subject for subject in sorted(subjects) if subject.startswith("parties/")]
    lists = [
        "/api/agreements?limit=1000",
        "/api/parties?limit=1000",
        "/api/documents?limit=1000",
        "/api/agreements?q=合作",
    ]
    return [*things, *lists, *(f"/api/{name}/agreements" for name in names), "/api/events"]


async def same(replay: Replay, lines: list[bytes], count: int) -> None:
    """Every answer is that of a registry that was stopped there."""
    asked = paths(lines)
    want = await stopped_at(lines[:count], asked)
    for path in asked:
        answer = await replay.client.get(path)
        assert (answer.status_code, answer.content) == want[path], path


async def test_a_file_is_opened_as_it_stood(place: Path, log: Path) -> None:
    """At a sequence; it says that it is a replay, and up to where; nothing of it is left."""
    lines = split(log)
    async with replaying(place, str(log), "--until", str(UNTIL)) as replay:
        time = json.loads(lines[UNTIL - 1])["time"]
        assert f"A replay up to {UNTIL}, of {time}" in replay.told
        for path in ("/health/live", "/health/ready"):
            assert (await replay.client.get(path)).json()["replay"] == UNTIL
        assert (await replay.client.get("/health/ready")).json()["position"] == UNTIL
        await same(replay, lines, UNTIL)
        async with asyncio.timeout(LIMIT):
            # It is followed to its end meanwhile.
            while (found := await replay.client.get("/api/parties", params={"known_at": UNTIL})).status_code == 503:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert found.headers["mengfu-position"] == str(UNTIL), found.text
        assert left(place) != []
    assert replay.process.returncode == 0
    assert left(place) == []


async def test_every_write_is_refused(place: Path, log: Path) -> None:
    """With a problem of its own, in both languages, before the body is read; a key makes no difference."""
    subjects = [json.loads(line)["subject"] for line in split(log)[:UNTIL]]
    told = {"en": f"a replay of a log up to event {UNTIL}", "zh": f"第 {UNTIL} 个事件的回放"}
    kinds = {subject.partition("/")[0]: subject for subject in subjects}
    async with replaying(place, str(log), "--until", str(UNTIL)) as replay:
        agreement, party, document = (f"/api/{kinds[kind]}" for kind in ("agreements", "parties", "documents"))
        writes = [
            ("POST", "/api/agreements"),
            ("POST", "/api/parties?dry_run=true"),
            ("POST", "/api/transactions"),
            ("POST", f"{agreement}/clauses"),
            ("POST", f"{agreement}:void"),
            ("POST", f"{party}:rename"),
            ("PUT", f"{document}/text"),
        ]
        for method, path in writes:
            for language, words in told.items():
                headers = {"accept-language": language, "authorization": "Bearer mengfu_x"}
                answer = await replay.client.request(method, path, headers=headers, content=b"{}")
                assert answer.status_code == 403, (path, answer.text)
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["type"] == "urn:mengfu:problem:read-only"
                assert words in answer.json()["detail"]
        assert (await replay.client.get("/health/ready")).json()["position"] == UNTIL
        assert (await replay.client.get(agreement, headers={"authorization": "Bearer mengfu_x"})).status_code == 200


async def test_another_registry_is_opened_as_it_stood(place: Path, log: Path) -> None:
    """At a time; by its address or that of its events; with a key from a file, where it asks for one."""
    lines = split(log)
    time = json.loads(lines[-4])["time"]
    count = sum(json.loads(line)["time"] <= time for line in lines)
    await mengfu(place, "import", "--home", "home", str(log))
    async with running(place / "home", MENGFU_PUBLIC_READ="false", MENGFU_REMIND_AT="off") as service:
        key = str(place / "home/key")
        address = f"{service.address}/api/events"
        async with replaying(place, address, "--until", time, "--key-file", key) as replay:
            assert (await replay.client.get("/health/ready")).json()["replay"] == count
            await same(replay, lines, count)
        refused = await mengfu(place, "replay", service.address, "--until", "7", "--port", str(free_port()))
        refused.refused(1, address, "--key-file", "MENGFU_KEY_FILE", "401")
        end = await mengfu(
            place, "replay", service.address, "--until", "9999", "--port", str(free_port()), MENGFU_KEY_FILE=key
        )
        end.refused(2, "--until 9999 lies beyond the end", f"the last line is {len(lines)}")
        other = await mengfu(place, "replay", f"{service.address}/health/live", "--until", "7", "--key-file", key)
        other.refused(1, "/health/live/api/events answers 404")
    gone = await mengfu(place, "replay", service.address, "--until", "7", "--port", str(free_port()))
    gone.refused(1, address, "cannot be read")


async def test_what_cannot_be_opened_is_refused(place: Path, log: Path) -> None:
    """And leaves nothing behind."""
    lines = split(log)
    last = json.loads(lines[-1])["time"]
    (place / "wrong").write_bytes(b"".join(line + b"\n" for line in [*lines[:9], *lines[10:]]))
    (place / "empty").write_bytes(b"")
    (place / "no key").write_bytes(b"\xff")
    cases: list[tuple[int, str, tuple[str, ...]]] = [
        (
            2,
            f"--until 9999 lies beyond the end: the last line is {len(lines)}, of {last}",
            (str(log), "--until", "9999"),
        ),
        (2, "lies beyond the end", (str(log), "--until", "2999-01-01T00:00:00Z")),
        (2, "nothing was recorded up to", (str(log), "--until", "1999-01-01T00:00:00Z")),
        (2, "there are no lines", ("empty", "--until", "1")),
        (1, "line 10: its sequence is", ("wrong", "--until", "50")),
        (2, "there is no file nowhere", ("nowhere", "--until", "1")),
        (2, "is no address of a registry", ("http://", "--until", "1")),
        (2, "is no address of a registry", ("http://127.0.0.1/api/events?type=x", "--until", "1")),
        (2, "cannot be read", ("http://127.0.0.1:9", "--until", "1", "--key-file", "no key")),
        (2, "open to everybody", (str(log), "--until", "1", "--host", "0.0.0.0")),  # noqa: S104 -- refused
        (2, "Missing option", (str(log),)),
    ]
    for code, said, words in cases:
        refused = await mengfu(place, "replay", *words, "--port", str(free_port()), TMPDIR=str(place))
        refused.refused(code, said)
    assert left(place) == []
    wait_for_nothing(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_nothing_goes_on_behind_a_replay(place: Path, log: Path, number: int) -> None:
    """However it is ended. What a kill leaves is a folder among the temporary ones."""
    async with replaying(place, str(log), "--until", "3") as replay:
        assert processes(place) != []
        replay.process.send_signal(number)
        code = await asyncio.wait_for(replay.process.wait(), LIMIT)
    assert code == (-9 if number == signal.SIGKILL else 0)
    wait_for_nothing(place, 60)
    assert (left(place) == []) == (number != signal.SIGKILL)


@pytest.mark.parametrize("count", [0, 2])
async def test_a_replay_that_is_interrupted_while_it_reads(place: Path, log: Path, count: int) -> None:
    """Ends at once, also where it waits for lines: for the first ones, and when its database is there already."""
    process = await asyncio.create_subprocess_exec(
        MENGFU,
        *("replay", "-", "--until", "3", "--port", str(free_port())),
        cwd=place,
        env={**CLEAN, "TMPDIR": str(place)},
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    for piece in [*(line + b"\n" for line in split(log)[:count]), b"{"]:
        process.stdin.write(piece)
        await taken(process.stdin)
    async with asyncio.timeout(LIMIT):
        while count and not left(place):  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.02)
    assert (left(place) == []) is (count == 0)
    process.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(process.communicate(), LIMIT)
    *before, last = err.splitlines()
    assert (process.returncode, last) == (143, b"mengfu: stopped")
    assert all(line.startswith(b"mengfu: reading: ") for line in before), err
    assert left(place) == []
    wait_for_nothing(place)


async def taken(pipe: asyncio.StreamWriter) -> None:
    """Wait until the reader of a pipe has taken all that is in it."""
    await pipe.drain()
    descriptor = pipe.get_extra_info("pipe").fileno()
    async with asyncio.timeout(LIMIT):
        while int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder):  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.02)
