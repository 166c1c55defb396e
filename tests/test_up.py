"""The life of `mengfu up` as its user sees it: real processes on real homes, started, stopped, killed, refused.

How long anything takes is not asserted anywhere: waits have a limit, so that a hanging test ends.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psutil  # type: ignore[import-untyped] # it has no types of its own
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from service.config import Settings
from service.store import migrate
from tests.commands import CLEAN, LIMIT, MENGFU, PARTY, Service, begin, empty, mengfu, mode, post, running
from tests.conftest import Database, blank, open_folder
from tests.processes import free_port, processes, wait_for_nothing
from tests.soak import some

SCHEMA = Settings().schema


async def write_until_cut(service: Service, told: list[str], callers: int = 8) -> None:
    """Record parties until the service is gone; `told` gets the path of each that was acknowledged."""

    async def write(client: httpx.AsyncClient) -> None:
        with contextlib.suppress(httpx.TransportError):
            while (answer := await client.post("/api/parties", json=PARTY)).status_code == 201:
                told.append(answer.headers["location"])

    async with service.client() as client:
        await asyncio.gather(*(write(client) for _ in range(callers)))


async def grown(told: list[str], count: int) -> None:
    """Wait until so many were acknowledged."""
    async with asyncio.timeout(LIMIT):
        while len(told) < count:  # noqa: ASYNC110 - a list is watched here, and has no event
            await asyncio.sleep(0.01)


async def check_told(service: Service, told: list[str]) -> None:
    """Everything that was acknowledged is in the log, whose positions have no gap, and can be read."""
    async with service.client() as client:
        lines = (await client.get("/api/events")).text.splitlines()
        assert [f'"sequence":"{number:019}"' in line for number, line in enumerate(lines, 1)] == [True] * len(lines)
        subjects = "\n".join(lines)
        assert [path for path in told if f'"subject":"{path.removeprefix("/api/")}"' not in subjects] == []
        for path in (told[0], told[-1]):
            assert (await client.get(path)).json()["name"]["printed"] == PARTY["name"]["printed"]  # type: ignore[index]
        await post(client)


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A home that was started before: a first start takes longer than all the later ones."""
    with open_folder() as folder:

        async def start() -> None:
            async with running(folder / "home") as service, service.client() as client:
                await post(client)

        asyncio.run(start())
        yield folder / "home"


@pytest.fixture
def home(used: Path) -> Iterator[Path]:
    """That home, on which nothing may run after the test."""
    yield used
    wait_for_nothing(used)


async def test_the_first_start_and_the_second(place: Path) -> None:
    """In an empty folder all is made; SIGTERM and SIGINT end it in good order; what was written stays."""
    home = place / "home"
    async with running(home) as service:
        assert service.told == [
            f"Mengfu is serving on {service.address}\n",
            f"The administrator's key is in {home}/key\n",
        ]
        key, signing = (home / "key").read_bytes(), (home / "signing.pem").read_bytes()
        assert mode(home / "key") == mode(home / "signing.pem") == 0o600
        assert isinstance(load_pem_private_key(signing, None), Ed25519PrivateKey)
        async with service.client() as client, service.client("") as stranger:
            path = await post(client)
            assert (await client.get(path)).status_code == 200
            assert (await stranger.get(path)).status_code == 200
            assert (await stranger.get("/health/ready")).json()["status"] == "ready"
            assert (await stranger.post("/api/parties", json=PARTY)).status_code == 401
            ended = await service.end(signal.SIGTERM)  # with connections open
        assert (ended.code, ended.err) == (0, "")
        assert service.key not in ended.out
        assert processes(place) == []
    async with running(home) as service:
        assert ((home / "key").read_bytes(), (home / "signing.pem").read_bytes()) == (key, signing)
        await check_told(service, [path])
        ended = await service.end(signal.SIGINT)
        assert (ended.code, ended.err) == (0, "")
    assert processes(place) == []


async def test_in_an_empty_folder_the_home_is_there(place: Path) -> None:
    """Without --home it is .mengfu in the folder of the caller; stopped at any moment it leaves nothing running."""
    for moment in (0.05, 0.4, 0.8, 1.2):
        process = await begin(place, "up", "--no-seed", "--port", str(free_port()))
        await asyncio.sleep(moment)
        process.send_signal(signal.SIGTERM if moment < 1 else signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), LIMIT)
        number = signal.SIGTERM if moment < 1 else signal.SIGINT
        # Before Python has come to the command's own code, the signal itself ends it: the same to a shell.
        assert process.returncode in {128 + number, -number}, (moment, err.decode())
        assert err.decode() in {"", "mengfu: stopped\n"}
        await asyncio.to_thread(wait_for_nothing, place)
    async with running(place / ".mengfu") as service:
        assert mode(service.home / "key") == 0o600


async def test_on_a_terminal_the_new_key_is_shown(home: Path) -> None:
    """Once: when it is made."""
    (home / "key").unlink()
    ours, theirs = os.openpty()
    for shown in (True, False):
        process = await asyncio.create_subprocess_exec(
            MENGFU, "up", "--no-seed", "--home", home, "--port", str(free_port()), stdout=theirs, env=CLEAN
        )
        told = b""
        while b"The administrator's key is in" not in told or not told.endswith(b"\n"):
            told += await asyncio.to_thread(os.read, ours, 4096)
        process.terminate()
        assert await process.wait() == 0
        assert ((home / "key").read_bytes().strip() in told) is shown
    os.close(ours)
    os.close(theirs)


async def test_killed_while_writing(home: Path) -> None:
    """After kill -9 of the service its PostgreSQL ends as well, and a new start has all that was acknowledged."""
    told: list[str] = []
    async with running(home) as service:
        writing = asyncio.create_task(write_until_cut(service, told))
        await grown(told, 100)
        assert (await service.end(signal.SIGKILL)).code == -signal.SIGKILL
        await writing
    wait_for_nothing(home)
    async with running(home) as service:
        await check_told(service, told)


@pytest.mark.parametrize("victim", some(["postmaster", "backend", "guard"], 2))
async def test_postgresql_killed_while_writing(home: Path, victim: str) -> None:
    """Without its PostgreSQL the service ends by itself and says so; a killed backend it survives."""
    told: list[str] = []
    async with running(home) as service:
        writing = asyncio.create_task(write_until_cut(service, told))
        await grown(told, 100)
        postmaster = psutil.Process(int((home / "postgres/data/postmaster.pid").read_text().split()[0]))
        if victim == "backend":
            next(one for one in postmaster.children() if "mengfu_service" in " ".join(one.cmdline())).kill()
            await grown(told, len(told) + 100)  # PostgreSQL restarts all its backends, the service waits for that
            await service.end()
        else:
            (postmaster if victim == "postmaster" else postmaster.parent()).kill()
            (await service.ended()).refused(1, "its PostgreSQL has ended; start again, what was acknowledged is kept")
        await writing
    wait_for_nothing(home)
    async with running(home) as service:
        await check_told(service, told)


async def test_a_home_or_port_in_use_is_refused(home: Path, place: Path) -> None:
    """The second is refused with a clear message, and the first goes on."""
    async with running(home) as service:
        again = await mengfu(place, "up", "--no-seed", "--home", str(home), "--port", str(free_port()))
        again.refused(1, f"Another mengfu is running on {home}", "--home")
        port = service.address.rpartition(":")[2]
        taken = await mengfu(place, "up", "--no-seed", "--port", port)
        taken.refused(2, f"cannot listen on 127.0.0.1:{port}", "--port")
        assert empty(place)
        async with service.client() as client:
            await post(client)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("MENGFU_PORT", "abc"),
        ("MENGFU_PORT", "70000"),
        ("MENGFU_NAME", "X Y"),
        ("MENGFU_SCHEMA", "a; drop"),
        ("MENGFU_SCHEMA", "pg_mine"),
        ("MENGFU_SCHEMA", "information_schema"),
        ("MENGFU_PUBLIC_READ", "maybe"),
        ("MENGFU_QUEUE", "0"),
        ("MENGFU_LOG_LEVEL", "loud"),
    ],
)
async def test_bad_settings_are_refused_by_name(place: Path, variable: str, text: str) -> None:
    """With the usage's exit code, whatever the command, before anything is made."""
    for command in (("up", "--no-seed"), ("serve",)):
        ended = await mengfu(place, *command, **{variable: text})
        ended.refused(2, variable)
    assert empty(place)


@pytest.fixture
async def bare() -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """Makes databases with nothing in them, in an encoding."""
    async with contextlib.AsyncExitStack() as stack:
        yield lambda encoding: stack.enter_async_context(blank(encoding))


Bare = Callable[[str], Awaitable[Database]]


async def test_a_database_of_ones_own(bare: Bare, place: Path) -> None:
    """Without the owner's address an empty one is refused; with it, it is migrated, and named for ever."""
    database = await bare("UTF8")
    home = str(place / "home")
    service = {"MENGFU_DATABASE_URL": database.service}
    both = service | {"MENGFU_OWNER_DATABASE_URL": database.owner}
    for words in (("up", "--no-seed", "--home", home), ("serve",), ("keys", "list")):
        ended = await mengfu(place, *words, **service)
        ended.refused(2, "stands at nothing", "`mengfu migrate` with MENGFU_OWNER_DATABASE_URL")
    (await mengfu(place, "migrate", **service)).refused(2, "MENGFU_OWNER_DATABASE_URL is not set")
    async with running(place / "home", **both, MENGFU_NAME="city.registry-1") as up, up.client() as client:
        await post(client)
        assert '"source":"urn:mengfu:city.registry-1"' in (await client.get("/api/events")).text
        key = up.key
    assert not (place / "home/postgres").exists()
    for _ in range(2):
        ended = await mengfu(place, "migrate", **both)
        assert (ended.code, ended.out) == (0, f"The schema stands at {migrate.newest()}\n")
    for words in (("up", "--no-seed", "--home", home), ("serve",)):
        ended = await mengfu(place, *words, **service, MENGFU_NAME="city.registry-2")
        ended.refused(2, "MENGFU_NAME", "city.registry-1", "for ever")
    async with running(place / "home", **service) as up:
        assert up.key == key
    owner = await migrate.connect(database.owner, SCHEMA)
    await owner.execute("update alembic_version set version_num = '9999'")
    await owner.close()
    for words in (("up", "--no-seed", "--home", home), ("serve",), ("migrate",)):
        (await mengfu(place, *words, **both)).refused(2, "9999", "run a newer mengfu")


async def test_a_database_that_is_not_utf8_is_refused(bare: Bare, place: Path) -> None:
    """Before anything is made in it."""
    database = await bare("SQL_ASCII")
    both = {"MENGFU_DATABASE_URL": database.service, "MENGFU_OWNER_DATABASE_URL": database.owner}
    for words in (("up", "--no-seed"), ("serve",), ("migrate",)):
        (await mengfu(place, *words, **both)).refused(2, "SQL_ASCII", "UTF8")
    owner = await migrate.connect(database.owner, "pg_catalog")
    assert await owner.fetchval("select to_regclass('mengfu.head')") is None
    await owner.close()


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(place: Path) -> None:
    """And with the exit code of a wrong setting."""
    port = free_port()
    url = f"postgresql://somebody:secret@127.0.0.1:{port}/nothing"
    both = {"MENGFU_DATABASE_URL": url, "MENGFU_OWNER_DATABASE_URL": url}
    for words in (("up", "--no-seed"), ("serve",), ("migrate",)):
        ended = await mengfu(place, *words, **both)
        ended.refused(2, f"cannot connect to the database postgresql://somebody@127.0.0.1:{port}/nothing")
        assert "secret" not in ended.err
    (await mengfu(place, "serve")).refused(2, "MENGFU_DATABASE_URL is not set")


async def test_serve_and_its_keys(database: Database, place: Path, tmp_path: Path) -> None:
    """Without its keys it refuses; API keys are made, listed and revoked beside the running service."""
    env = {"MENGFU_DATABASE_URL": database.service, "MENGFU_SIGNING_KEY": str(tmp_path / "key.pem")}
    (await mengfu(place, "serve", **env)).refused(2, "mengfu keys create --role administrator")
    (await mengfu(place, "keys", "create", "--label", " ", "--role", "reader", **env)).refused(2, "label")
    made = await mengfu(place, "keys", "create", "--label", "the first", "--role", "administrator", **env)
    assert made.code == 0
    (await mengfu(place, "keys", "signing", "show", **env)).refused(1, "no signing key yet")
    (await mengfu(place, "serve", **env)).refused(2, "there is no signing key", "mengfu keys signing create")
    signing = await mengfu(place, "keys", "signing", "create", **env)
    assert (signing.code, mode(tmp_path / "key.pem")) == (0, 0o600)
    (await mengfu(place, "keys", "signing", "create", **env)).refused(2, "this log is signed by")
    await check_keys(place, "serve", made.out.strip(), env)
    assert empty(place)


async def test_keys_beside_the_embedded_postgresql(home: Path, place: Path) -> None:
    """The same by --home, while the service runs and while it doesn't."""
    words = ("--home", str(home))
    made = await mengfu(place, "keys", "create", "--label", "while nothing runs", "--role", "reader", *words)
    assert made.code == 0, made.err
    wait_for_nothing(home)
    await check_keys(home.parent, "up", (home / "key").read_text().strip(), {}, *words)


async def check_keys(folder: Path, command: str, first: str, env: dict[str, str], *words: str) -> None:
    """A registrar's key lives, is listed without its secret, and dies."""
    async with running(folder / "home", command=command, **env, MENGFU_PUBLIC_READ="false") as service:
        made = await mengfu(folder, "keys", "create", "--label", "王", "--role", "registrar", *words, **env)
        assert made.code == 0, made.err
        key = made.out.strip()
        UUID(made.err.removeprefix("account ").strip())
        prefix, secret = key.split("_", 2)[1:]
        listed = await mengfu(folder, "keys", "list", *words, **env)
        assert listed.code == 0
        assert [line.split()[1] for line in listed.out.splitlines() if line.startswith(prefix)] == ["registrar"]
        assert secret not in listed.out
        assert first.split("_")[1] in listed.out
        async with service.client(key) as client:
            path = await post(client)
            revoked = await mengfu(folder, "keys", "revoke", prefix, *words, **env)
            assert revoked.code == 0, revoked.err
            async with asyncio.timeout(LIMIT):
                while (answer := await client.get(path)).status_code != 401:
                    assert answer.status_code == 200
                    await asyncio.sleep(0.05)
        again = await mengfu(folder, "keys", "revoke", prefix, *words, **env)
        again.refused(1, prefix)
        listed = await mengfu(folder, "keys", "list", *words, **env)
        assert [("revoked" in line) for line in listed.out.splitlines() if line.startswith(prefix)] == [True]
        async with service.client(first) as client:
            assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("host", "public_read", "status"),
    some(
        [
            ("localhost", None, 200),
            ("127.0.0.1", "false", 401),
            ("0.0.0.0", None, 401),  # noqa: S104 - that is what is tried
            ("127.0.0.1", None, 200),
            ("0.0.0.0", "true", 200),  # noqa: S104 - as above
        ],
        3,
    ),
)
async def test_who_may_read_without_a_key(
    database: Database, place: Path, host: str, public_read: str | None, status: int
) -> None:
    """On the loopback everybody, unless told otherwise; elsewhere nobody, unless told otherwise."""
    env = {"MENGFU_DATABASE_URL": database.service, "MENGFU_HOST": host}
    if public_read is not None:
        env["MENGFU_PUBLIC_READ"] = public_read
    async with running(place / "home", **env) as service, service.client("") as stranger:
        assert (await stranger.get("/api/parties")).status_code == status
        assert (await stranger.get("/health/ready")).status_code == 200
        async with service.client() as client:
            assert (await client.get("/api/parties")).status_code == 200
