"""A mirror is the same registry elsewhere: two real processes, cut connections, kills, and a source that lies."""

import asyncio
import contextlib
import hashlib
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec import Struct

from service import signing
from service.config import Settings
from service.registry import Registry
from service.store import credentials
from service.tlog import tree
from service.tlog.note import Signer
from tests.commands import PARTY, Service, mengfu, running
from tests.conftest import Database, clone
from tests.logs import in_chunks, synthetic, write
from tests.processes import free_port
from tests.registry.invariants import check
from tests.soak import some

PATIENCE = 40.0


class World(Struct):
    """Databases of a source and of its mirror, the source's key, and a folder for files."""

    source: Database
    mirror: Database
    folder: Path
    key: str
    token: str

    def settings(self, database: Database, name: str) -> dict[str, str]:
        """The settings of a process on one of them."""
        return {
            "MENGFU_DATABASE_URL": database.service,
            "MENGFU_OWNER_DATABASE_URL": database.owner,
            "MENGFU_SIGNING_KEY": str(self.folder / "signing.pem"),
            "MENGFU_HOME": str(self.folder / name),
            "MENGFU_PUBLIC_READ": "true",
            "MENGFU_REMIND_AT": "off",
            "MENGFU_ORIGIN": "mengfu/test",
        }

    def serving(self, *words: str) -> contextlib.AbstractAsyncContextManager[Service]:
        """The source."""
        return running(self.folder / "source", *words, command="serve", **self.settings(self.source, "source"))

    def following(self, url: str, *words: str) -> contextlib.AbstractAsyncContextManager[Service]:
        """The mirror."""
        given = (url, "--key", self.key, *words)
        settings = self.settings(self.mirror, "mirror")
        return running(self.folder / "mirror", *given, command="follow", **settings)

    async def lines(self, database: Database) -> list[bytes]:
        """What is stored."""
        connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
        try:
            return [row["line"] for row in await connection.fetch("select line from events order by position")]
        finally:
            await connection.close()

    async def superuser(self, *statements: str) -> None:
        """What nobody else can do to the source."""
        connection = await asyncpg.connect(self.source.superuser, server_settings={"search_path": "mengfu"})
        try:
            await connection.execute("set session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def world(folder: Path, lines: int) -> AsyncIterator[World]:
    """A source with so many lines of test data, with 0 those that hold all that a log can hold."""
    async with clone() as source, clone() as mirror:
        registry = await Registry.open(Settings(), source.service)
        if lines:
            await registry.copy(in_chunks(list(synthetic(lines)), 1_000))
        else:
            await write(registry)
        key = str(await signing.Signing(registry.pool, folder / "signing.pem", "mengfu/test").create())
        token, _ = await credentials.create(registry.pool, "test", ["administrator"])
        await registry.close()
        yield World(source, mirror, folder, key, token)


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[World]:
    """A source of 600 lines."""
    async with world(tmp_path, 600) as made:
        yield made


async def health(service: Service) -> dict[str, Any]:
    """What a mirror says of itself."""
    async with service.client("") as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def until(service: Service, size: int) -> dict[str, Any]:
    """Wait until a mirror has so many lines, and nothing is missing."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = await health(service)
            if told["position"] >= size and told["mirror"]["lag"] == 0:
                return told
            assert told["mirror"]["stopped"] is None, told
            await asyncio.sleep(0.05)


async def stopped(service: Service) -> str:
    """Wait until a mirror follows no more; answers why."""
    async with asyncio.timeout(PATIENCE):
        while (why := (await health(service))["mirror"]["stopped"]) is None:  # noqa: ASYNC110 -- another process
            await asyncio.sleep(0.05)
    return str(why)


async def record(source: Service, world: World, count: int) -> None:
    """That many further lines."""
    async with source.client(world.token) as client:
        for answer in await asyncio.gather(*(client.post("/api/parties", json=PARTY) for _ in range(count))):
            assert answer.status_code == 201, answer.text


async def note(client: httpx.AsyncClient) -> str:
    """The checkpoint of now."""
    return (await client.get("/log/checkpoint")).text


# --- A faithful copy --------------------------------------------------------------------------------------------------

READS = (
    *(f"/api/{name}?limit=1000" for name in ("agreements", "parties", "documents", "meetings", "plans", "tasks")),
    *(f"/api/{name}?limit=1000" for name in ("statements", "projects", "figures", "discrepancies")),
    "/api/ledger",
    "/api/commitments?due_to=2030-01-01",
    "/api/search?q=合作",
    "/api/network",
    "/api/pipeline",
    "/api/events",
    "/api/events?type=agreement.registered",
    "/log/keys",
    "/log/checkpoint",
    "/log/tile/0/000",
    "/log/tile/entries/000",
    "/log/proof/inclusion?sequence=7&size=300",
    "/log/proof/consistency?from=100&to=300",
    "/log/bundle?sequence=9",
)


async def test_all_reads_are_those_of_the_source_and_writes_are_refused(tmp_path: Path) -> None:
    async with world(tmp_path, 0) as made, made.serving() as source, made.following(source.address) as mirror:
        [*_, last] = await made.lines(made.source)
        size = int(last.partition(b'"sequence":"')[2][:19])
        await until(mirror, size)
        await record(source, made, 20)
        await until(mirror, size + 20)
        assert await made.lines(made.mirror) == await made.lines(made.source)
        async with source.client("") as one, mirror.client("") as other:
            for path in READS:
                wait = {"mengfu-after": str(size + 20)} if path.startswith(("/api/search", "/api/network")) else {}
                want, found = await one.get(path, headers=wait), await other.get(path, headers=wait)
                assert want.status_code == 200, (path, want.text)
                assert (found.status_code, found.text) == (200, want.text), path
            agreement = (await one.get("/api/agreements?limit=1")).json()["items"][0]["id"]
            for path in ("", "/events", "/history", "/bundle", "?as_of=2020-01-01&known_at=200"):
                where = f"/api/agreements/{agreement}{path}"
                assert (await other.get(where)).text == (await one.get(where)).text, where
            metrics = (await other.get("/metrics")).text
            assert "mengfu_mirror_lag_events 0.0" in metrics
            assert "mengfu_mirror_stopped 0.0" in metrics
        async with mirror.client(made.token) as client:
            for refused in (
                await client.post("/api/parties", json=PARTY),
                await client.post("/api/transactions", json={"commands": []}),
                await client.post("/api/webhooks", json={}),
                await client.put(f"/api/documents/{agreement}/text", content=b"text"),
            ):
                assert (refused.status_code, refused.json()["type"]) == (403, "urn:mengfu:problem:mirrored")
                assert source.address in refused.json()["detail"]
        again = await mengfu(tmp_path, "verify", **made.settings(made.mirror, "mirror"))
        assert again.code == 0, again.err
        audit = ("audit", mirror.address, "--key", made.key, "--state", "seen")
        assert (await mengfu(tmp_path, *audit)).code == 0
        ended = await mirror.end()
        assert (ended.code, ended.err) == (0, "")
        for words in (("up",), ("seed",), ("remind",), ("keys", "signing", "rotate"), ("import", "/dev/null")):
            refused_too = await mengfu(tmp_path, *words, **made.settings(made.mirror, "mirror"))
            refused_too.refused(2, "is a mirror of the registry at http://127.0.0.1:")


async def test_texts_come_beside_the_log(small: World) -> None:
    body = "测试文本,共十个字。".encode()
    async with small.serving() as source, source.client(small.token) as client:
        sha256 = hashlib.sha256(body).hexdigest()
        document = {"kind": "press", "title": {"printed": "测试"}, "sha256": sha256, "length": len(body.decode())}
        made = await client.post("/api/documents", json=document)
        assert made.status_code == 201, made.text
        where = f"{made.headers['location']}/text"
        async with small.following(source.address) as mirror, mirror.client("") as reader:
            await until(mirror, 601)
            assert (await reader.get(where)).status_code == 404
            put = await client.put(where, content=body, headers={"content-type": "text/plain"})
            assert put.status_code in {200, 201, 204}, put.text
            async with asyncio.timeout(PATIENCE):
                while (found := await reader.get(where)).status_code == 404:  # noqa: ASYNC110 -- another process
                    await asyncio.sleep(0.2)
            assert found.content == body


async def test_a_new_key_of_the_source_is_followed(small: World) -> None:
    """What the old one has named; a mirror that began with the old key tells its readers both."""
    settings = small.settings(small.source, "source")
    async with small.serving() as source, small.following(source.address) as mirror, mirror.client("") as reader:
        await until(mirror, 600)
        assert (await mengfu(small.folder, "keys", "signing", "rotate", **settings)).code == 0
        await record(source, small, 3)
        await until(mirror, 603)
        async with source.client("") as client:
            keys = (await client.get("/log/keys")).json()
            assert len(keys["keys"]) == 2
            assert (await reader.get("/log/keys")).json() == keys
            assert await note(reader) == await note(client)
        audit = ("audit", mirror.address, "--key", small.key, "--state", "seen")
        assert (await mengfu(small.folder, *audit)).code == 0


async def test_a_mirror_can_be_mirrored(small: World, place: Path) -> None:
    async with clone() as third, small.serving() as source, small.following(source.address) as mirror:
        await until(mirror, 600)
        settings = small.settings(third, "third")
        words = (mirror.address, "--key", small.key)
        async with running(place / "third", *words, command="follow", **settings) as last:
            await until(last, 600)
            await record(source, small, 5)
            await until(last, 605)
            assert await small.lines(third) == await small.lines(small.source)


async def test_what_cannot_become_a_mirror(small: World) -> None:
    async with small.serving() as source:
        key = str(Signer("mengfu/test", signing.made()[0]).key)
        cases = [
            (2, "begins with the log's public key", small.mirror, (source.address,)),
            (2, "600 events of its own", small.source, (source.address, "--key", small.key)),
            (2, "is no address of a registry", small.mirror, ("nowhere", "--key", small.key)),
            (2, "is no address of a registry", small.mirror, ("http://me:secret@127.0.0.1", "--key", small.key)),
            (2, "cannot be read", small.mirror, (f"http://127.0.0.1:{free_port()}", "--key", small.key)),
            (1, "none of the keys has signed it", small.mirror, (source.address, "--key", key)),
        ]
        for code, words, database, given in cases:
            settings = small.settings(database, "refused")
            port = str(free_port())
            refused = await mengfu(small.folder, "follow", *given, "--port", port, **settings)
            refused.refused(code, words)
        assert await small.lines(small.mirror) == []


# --- Cuts -------------------------------------------------------------------------------------------------------------


class Proxy:
    """Leads connections to a port, and cuts each of them after some random bytes or seconds, until it is `kind`."""

    def __init__(self, port: int, seed: int) -> None:
        """`port` is where it leads."""
        self.port = free_port()
        self.cuts = 0
        self.kind = False
        self._target = port
        self._random = random.Random(seed)  # noqa: S311 -- so that a run can be repeated
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its address, as long as it is open."""
        server = await asyncio.start_server(self._lead, "127.0.0.1", self.port)
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        left = [self._random.choice((0, 300, 5_000, 100_000, 1_000_000))]
        lasts = self._random.uniform(0.05, 2)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while piece := await source.read(1_000):
                left[0] -= len(piece)
                if left[0] < 0 and not self.kind:
                    return
                target.write(piece)
                await target.drain()

        carrying = [asyncio.create_task(carry(reader, back)), asyncio.create_task(carry(there, writer))]
        try:
            await asyncio.wait(carrying, timeout=None if self.kind else lasts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.cuts += 1
            for each in carrying:
                each.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)
            writer.transport.abort()
            back.transport.abort()


@pytest.fixture
def seed() -> int:
    """Of a run's cuts; printed where the test fails."""
    chosen = random.SystemRandom().randrange(1 << 32)
    print(f"seed {chosen}")
    return chosen


@pytest.mark.parametrize("lines", some([10_000, 600], 1))
async def test_cuts_and_kills_on_either_side_cost_nothing_but_time(tmp_path: Path, seed: int, lines: int) -> None:
    """The long one is taken in whole at first. Meanwhile much is recorded, and each of the processes is killed."""
    async with world(tmp_path, lines) as made:
        size = lines

        async with made.serving() as source:
            where = source.address.rpartition(":")[2]
            proxy = Proxy(int(where), seed)
            async with proxy.open() as through:
                proxy.kind = True  # the first look must succeed: a mirror that begins says at once what is wrong
                async with made.following(through) as mirror:
                    proxy.kind = False
                    for _ in range(8):
                        await record(source, made, 20)
                        await asyncio.sleep(0.1)
                    size += 160
                    mirror.process.kill()
                    await mirror.process.wait()
                async with made.following(through) as mirror:
                    for _ in range(8):
                        await record(source, made, 20)
                        await asyncio.sleep(0.1)
                    size += 160
                    source.process.send_signal(signal.SIGKILL)
                    await source.process.wait()
                    async with made.serving("--port", where) as again:
                        await record(again, made, 20)
                        size += 20
                        await asyncio.sleep(2)
                        proxy.kind = True
                        await until(mirror, size)
                        async with again.client("") as one, mirror.client("") as other:
                            assert await note(other) == await note(one)
                    assert proxy.cuts > 3
        assert len(await made.lines(made.source)) == size
        assert await made.lines(made.mirror) == await made.lines(made.source)
        await check(made.mirror.service)


# --- A source that lies -----------------------------------------------------------------------------------------------


async def resealed(world: World) -> str:
    """The statement that makes the head that of the lines as they stand now, as if they had always been these."""
    lines = await world.lines(world.source)
    edge = b"".join(tree.append(0, [], map(tree.leaf_hash, lines)))
    return f"update head set position = {len(lines)}, edge = '\\x{edge.hex()}'"  # noqa: S608 -- of a test's own


EDIT = (
    "update events set line = convert_to("
    "replace(convert_from(line, 'UTF8'), 'Test agreement', 'Best agreement'), 'UTF8') where position = 201; "
    "delete from tiles"
)


@pytest.mark.parametrize("when", ["while it follows", "while it is away"])
async def test_a_rewritten_history_ends_it(small: World, when: str) -> None:
    """Also where the source signs what it has now. The first line that is another is named; what was here stays."""
    before = await small.lines(small.source)
    async with contextlib.AsyncExitStack() as stack:
        source = await stack.enter_async_context(small.serving())
        mirror = await stack.enter_async_context(small.following(source.address))
        await until(mirror, 600)
        if when == "while it is away":
            assert (await mirror.end()).code == 0
        await small.superuser(EDIT)
        await small.superuser(await resealed(small))
        await record(source, small, 3)
        if when == "while it is away":
            mirror = await stack.enter_async_context(small.following(source.address))
        why = await stopped(mirror)
        assert "line 201 is the first that is another than it was" in why
        assert await small.lines(small.mirror) == before
        async with mirror.client("") as client:
            assert (await client.get("/api/agreements?limit=3")).status_code == 200
            assert "\n600\n" in await note(client)
            assert "mengfu_mirror_stopped 1.0" in (await client.get("/metrics")).text
        ended = await mirror.end()
        assert ended.code == 1
        assert "is followed no more" in ended.err
        assert "line 201" in ended.err
    await check(small.mirror.service)


async def test_a_log_that_was_cut_off_ends_it(small: World) -> None:
    """As after an old backup was restored: the mirror has what the source has lost, and keeps it."""
    async with small.serving() as source, small.following(source.address) as mirror:
        await until(mirror, 600)
        await small.superuser("delete from events where position > 590", "delete from tiles")
        await small.superuser(await resealed(small))
        why = await stopped(mirror)
        assert "line 591 is the first that is gone" in why
        assert len(await small.lines(small.mirror)) == 600
        assert (await mirror.end()).code == 1


async def test_lines_that_were_not_signed_are_not_stored(small: World) -> None:
    """The tree says one thing, the lines another: the source's disk is damaged, or somebody has changed a line."""
    await small.superuser(EDIT)
    async with small.serving() as source, small.following(source.address) as mirror:
        why = await stopped(mirror)
        assert "are not those that were signed" in why
        assert await small.lines(small.mirror) == []
        assert (await mirror.end()).code == 1
