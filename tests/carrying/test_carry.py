"""`mengfu export` and `import` as their user sees them: the same bytes and the same root, or nothing and the reason."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from service.registry import Registry
from service.tlog import tree
from tests.commands import CLEAN, LIMIT, MENGFU, begin, mengfu, peak, post, running
from tests.conftest import Database
from tests.logs import synthetic
from tests.processes import free_port, wait_for_nothing
from tests.registry.invariants import check

FIRST = "events_0000000000000000001"
"""The log's first partition."""


def content(path: Path) -> bytes:
    """What stands in a file."""
    return path.read_bytes()


def names(folder: Path) -> list[str]:
    """The files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def split(path: Path) -> list[bytes]:
    """The lines of a file."""
    return path.read_bytes().splitlines()


def root(path: Path) -> str:
    """The root of the tree over a file's lines, as the commands print it."""
    leaves = [tree.leaf_hash(line) for line in split(path)]
    return tree.root(len(leaves), tree.append(0, [], leaves)).hex()


# --- There and back ---------------------------------------------------------------------------------------------------


async def test_export_import_export_gives_the_same_bytes_and_root(place: Path, log: Path) -> None:
    """Into a home that is not there, and out of it again, with and without a service on it."""
    lines = split(log)
    taken = await mengfu(place, "import", "--home", "home", str(log))
    assert (taken.code, taken.err) == (0, "")
    exported = await mengfu(place, "export", "--home", "home", "back.ndjson")
    assert (exported.code, exported.err) == (0, "")
    assert (place / "back.ndjson").read_bytes() == content(log)
    assert taken.out == exported.out
    assert f"{len(lines):,} lines, the last one of {json.loads(lines[-1])['time']}" in taken.out
    assert root(log) in taken.out
    wait_for_nothing(place / "home")
    async with running(place / "home", MENGFU_REMIND_AT="off") as service:
        async with service.client() as client:
            assert (await client.get("/api/events")).content == content(log)
            await post(client)
            own = json.loads((await client.get("/api/events", params={"after": len(lines)})).text)
        beside = await mengfu(place, "export", "--home", "home", "-")
        again = await mengfu(place, "import", "--home", "home", str(log))
    assert own["sequence"] == f"{len(lines) + 1:019}"
    assert own["source"] not in content(log).decode()
    assert beside.out.encode().splitlines()[:-1] == lines
    assert "root of their tree" in beside.err
    again.refused(1, "nothing was imported", f"{len(lines) + 1:,} events", "an empty one", "--home")


async def test_up_seeds_nothing_that_the_log_has(place: Path, log: Path) -> None:
    """An imported log knows which files were taken in."""
    await mengfu(place, "import", "--home", "home", str(log))
    process = await begin(place, "up", "--home", "home", "--port", str(free_port()), MENGFU_REMIND_AT="off")
    assert process.stdout is not None
    first = await asyncio.wait_for(process.stdout.readline(), LIMIT)
    process.terminate()
    await asyncio.wait_for(process.wait(), LIMIT)
    assert first.startswith(b"Mengfu is serving")
    exported = await mengfu(place, "export", "--home", "home", "-")
    assert exported.out.encode() == content(log)


async def test_through_pipes(database: Database, tmp_path: Path, log: Path) -> None:
    """Standard input and output, a named pipe, /dev/null; on a database of one's own."""
    env = {"MENGFU_DATABASE_URL": database.service}
    nothing = await mengfu(tmp_path, "import", "/dev/null", **env)
    assert (nothing.code, nothing.out.splitlines()[0]) == (0, "0 lines")
    script = f'cat {log} | "$M" import - && "$M" export - >out.ndjson'
    process = await asyncio.create_subprocess_shell(script, cwd=tmp_path, env={**CLEAN, "M": str(MENGFU), **env})
    assert await asyncio.wait_for(process.wait(), LIMIT) == 0
    assert (tmp_path / "out.ndjson").read_bytes() == content(log)
    closed = '"$M" export - 2>told | head -c 1 >/dev/null; "$M" export - >/dev/full 2>>told; echo $?'
    process = await asyncio.create_subprocess_shell(
        closed, cwd=tmp_path, env={**CLEAN, "M": str(MENGFU), **env}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), LIMIT)
    assert out == b"1\n"
    assert "Traceback" not in (tmp_path / "told").read_text("utf-8")
    await check(database.service)


# --- export -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def filled(database: Database, registry: Registry, log: Path) -> dict[str, str]:
    """The settings of a registry with the log in it."""

    async def chunks() -> AsyncIterator[list[bytes]]:
        yield split(log)

    await registry.copy(chunks())
    return {"MENGFU_DATABASE_URL": database.service}


async def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path, log: Path, filled: dict[str, str]) -> None:
    """An existing one is replaced only when that is asked for; what is no file is never."""
    made = tmp_path / "log.ndjson"
    made.write_text("an earlier one")
    (tmp_path / "link.ndjson").symlink_to(made)
    for name in ("log.ndjson", "link.ndjson"):
        (await mengfu(tmp_path, "export", name, **filled)).refused(2, str(made), "exists", "--force")
    (await mengfu(tmp_path, "export", "--force", "/dev/null", **filled)).refused(2, "no ordinary file")
    (await mengfu(tmp_path, "export", "nowhere/log.ndjson", **filled)).refused(2, "there is no folder")
    assert made.read_text() == "an earlier one"
    assert (await mengfu(tmp_path, "export", "--force", "link.ndjson", **filled)).code == 0
    assert (tmp_path / "link.ndjson").is_symlink()
    assert content(made) == content(log)
    assert names(tmp_path) == ["link.ndjson", "log.ndjson"]


async def test_a_log_is_written_out_up_to_where_it_is_wanted(tmp_path: Path, log: Path, filled: dict[str, str]) -> None:
    """A sequence or a time; one that the log has not reached is refused, with its end."""
    lines = split(log)
    last = json.loads(lines[-1])["time"]
    part = await mengfu(tmp_path, "export", "part", "--until", "100", **filled)
    assert (tmp_path / "part").read_bytes() == b"".join(line + b"\n" for line in lines[:100])
    assert root(tmp_path / "part") in part.out
    upto = json.loads(lines[-4])["time"]
    assert (await mengfu(tmp_path, "export", "past", "--until", upto, **filled)).code == 0
    assert split(tmp_path / "past") == [line for line in lines if json.loads(line)["time"] <= upto]
    assert (await mengfu(tmp_path, "export", "all", "--until", last, **filled)).code == 0
    assert split(tmp_path / "all") == lines
    for until in (str(len(lines) + 1), "2999-01-01T00:00:00+08:00"):
        refused = await mengfu(tmp_path, "export", "none", "--until", until, **filled)
        refused.refused(2, "lies beyond the end", f"the last line is {len(lines)}, of {last}")
    early = await mengfu(tmp_path, "export", "none", "--until", "1999-01-01T00:00:00Z", **filled)
    early.refused(2, "nothing was recorded up to 1999-01-01T00:00:00.000000Z")
    for until in ("0", "-1", "yesterday", "2026-11-21", "2026-11-21T08:00:00", "9" * 30):
        assert (await mengfu(tmp_path, "export", "none", "--until", until, **filled)).code == 2
    assert not (tmp_path / "none").exists()


async def test_a_log_that_was_altered_is_not_written_out(
    database: Database, tmp_path: Path, filled: dict[str, str]
) -> None:
    """Where somebody with every right has changed a line, the tree's root says so, and no file is made."""
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await connection.execute("set session_replication_role = replica")
    other = "convert_to(replace(convert_from(line, 'UTF8'), '城', '域'), 'UTF8')"
    assert await connection.execute(f"update events set line = {other} where position = 30") == "UPDATE 1"  # noqa: S608
    (await mengfu(tmp_path, "export", "log.ndjson", **filled)).refused(1, "not exported", "tree")
    await connection.execute("delete from events where position = 30")
    (await mengfu(tmp_path, "export", "log.ndjson", **filled)).refused(1, "at position 30 stands a line")
    await connection.close()
    assert names(tmp_path) == []


async def test_an_empty_registry_has_a_log_too(database: Database, tmp_path: Path) -> None:
    """An empty file, which goes into an empty registry."""
    env = {"MENGFU_DATABASE_URL": database.service}
    exported = await mengfu(tmp_path, "export", "empty", **env)
    assert (tmp_path / "empty").read_bytes() == b""
    assert (await mengfu(tmp_path, "import", "empty", **env)).out == exported.out
    (await mengfu(tmp_path, "export", "none", "--until", "1", **env)).refused(2, "there are no lines")


# --- import -----------------------------------------------------------------------------------------------------------


async def test_a_wrong_file_is_refused_whole(database: Database, tmp_path: Path, log: Path) -> None:
    """With the line that is wrong; the registry stays empty and takes the right file."""
    env = {"MENGFU_DATABASE_URL": database.service}
    whole_log, lines = content(log), split(log)
    wrong = {
        "cut off": (whole_log[:-1], f"line {len(lines)}: it ends without LF"),
        "cut in a line": (whole_log[:-100], f"line {len(lines)}: it ends without LF"),
        "more behind it": (whole_log + b"# the end\n", f"line {len(lines) + 1}: it is not JSON"),
        "an empty line": (whole_log + b"\n", f"line {len(lines) + 1}: it is empty"),
        "no lines at all": (b"\x00" * 3_000_000, "line 1: it has more than the 65,535 bytes"),
    }
    for name, (other, said) in wrong.items():
        (tmp_path / name).write_bytes(other)
        (await mengfu(tmp_path, "import", name, **env)).refused(1, "nothing was imported", said)
    assert (await mengfu(tmp_path, "import", str(log), **env)).code == 0
    await check(database.service)


async def test_a_file_cut_between_two_lines_is_noticed(database: Database, tmp_path: Path, log: Path) -> None:
    """It is a good log, only a shorter one: whoever noted the root, or the number of lines, is told."""
    env = {"MENGFU_DATABASE_URL": database.service}
    lines = split(log)
    (tmp_path / "cut").write_bytes(b"".join(line + b"\n" for line in lines[:-10]))
    whole_root, size, fewer = root(log), str(len(lines)), f"{len(lines) - 10:,}"
    for words, told in (
        (("--root", whole_root), (f"over the {fewer} lines is {root(tmp_path / 'cut')}, and {whole_root} was said",)),
        (("--size", size), (f"there are {fewer} lines, and {len(lines):,} were said", "cut off")),
        (("--root", whole_root, "--size", size), (f"there are {fewer} lines",)),
    ):
        (await mengfu(tmp_path, "import", "cut", *words, **env)).refused(1, "nothing was imported", *told)
    for wrong in ("", "0" * 63, "x" * 64, "0" * 65):
        (await mengfu(tmp_path, "import", "cut", "--root", wrong, **env)).refused(2, "64 hexadecimal digits")
    taken = await mengfu(tmp_path, "import", str(log), "--root", whole_root.upper(), "--size", size, **env)
    assert (taken.code, taken.err) == (0, "")
    await check(database.service)


async def test_a_file_that_cannot_be_read_makes_no_home(place: Path) -> None:
    """Nothing is begun before there is something to read."""
    (place / "folder").mkdir()
    for name in ("nowhere.ndjson", "folder"):
        assert (await mengfu(place, "import", "--home", "home", name)).code == 2
    assert not (place / "home").exists()


async def begun(url: str) -> None:
    """Wait until lines have been stored that no other session sees yet."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "mengfu"})
    async with asyncio.timeout(LIMIT):
        while not await connection.fetchval(f"select pg_relation_size('{FIRST}')"):  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.02)
    assert await connection.fetchval("select count(*) from events") == 0
    await connection.close()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["KILL", "TERM", "INT"]
)
async def test_an_import_that_is_ended_in_the_middle_leaves_nothing(
    database: Database, tmp_path: Path, log: Path, number: int, code: int
) -> None:
    """However it is ended: the next one finds the registry empty."""
    env = {"MENGFU_DATABASE_URL": database.service}
    process = await asyncio.create_subprocess_exec(
        MENGFU, "import", "-", env={**CLEAN, **env}, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(b"".join(line + b"\n" for line in synthetic(4_000)))
        await process.stdin.drain()
    await begun(database.superuser)
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), LIMIT) == code
    with contextlib.suppress(ConnectionError):
        process.stdin.close()
        await process.stdin.wait_closed()
    assert (await mengfu(tmp_path, "import", str(log), **env)).code == 0
    await check(database.service)


async def test_a_killed_import_into_a_home_leaves_an_empty_registry(place: Path, log: Path) -> None:
    """And its PostgreSQL ends by itself."""
    process = await asyncio.create_subprocess_exec(
        MENGFU, "import", "--home", "home", "-", cwd=place, env=CLEAN, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(b"".join(line + b"\n" for line in synthetic(8_000)))
        await process.stdin.drain()  # all but what a pipe holds has been read by then
    process.kill()
    await process.wait()
    wait_for_nothing(place / "home", 60)
    assert (await mengfu(place, "import", "--home", "home", str(log))).code == 0


# --- Memory -----------------------------------------------------------------------------------------------------------


async def test_memory_does_not_grow_with_the_log(database: Database, tmp_path: Path) -> None:
    """Whoever held this log twice, as bytes and as lines, would need more than is granted; a piece of it is held."""
    env = {"MENGFU_DATABASE_URL": database.service}
    path = tmp_path / "long.ndjson"
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in synthetic(12_000, text="双方建立联席会议制度。" * 500))
    assert 2 * path.stat().st_size > 300_000_000
    for words in (("import", "long.ndjson"), ("export", "again.ndjson")):
        assert await asyncio.to_thread(peak, *words, folder=tmp_path, env=env) < 160 << 20
    assert root(path) == root(tmp_path / "again.ndjson")
