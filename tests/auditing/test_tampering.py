# ruff: noqa: S608 -- statements of test data alone
"""Whoever changes the history behind the registry's back is noticed: by verify, by an audit, by who saw it earlier.

A superuser acts with triggers off, in one way a case, on a log of 600 lines whose full tiles are stored, and which an
auditor has seen. Each case says who notices it, and how the first bad line is named.
"""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from msgspec import Struct

from service import signing
from service.auditing.audits import BrokenError, look
from service.auditing.source import Source
from service.auditing.state import State
from service.domain.catalogue import DECIDERS
from service.projections.following import PROJECTIONS
from service.projections.inline import INLINE
from service.registry import DECODERS
from service.tlog import tree
from service.tlog.note import Key, Signer
from service.verifying import verify
from tests.api.conftest import Client
from tests.conftest import Database
from tests.tlog.test_note import LOG

SIZE = 600
REST = "stream, version, type, time, effective, actor, correction, line"


class World(Struct, kw_only=True):
    """A registry, its key, and the auditor who has seen it."""

    client: Client
    database: Database
    key: Key
    state: Path

    async def superuser(self, *statements: str) -> None:
        """What nobody else can do."""
        connection = await asyncpg.connect(self.database.superuser, server_settings={"search_path": "mengfu"})
        try:
            await connection.execute("set session_replication_role = replica")
            for statement in statements:
                assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}, statement
        finally:
            await connection.close()

    async def verified(self) -> list[str]:
        """What verify finds."""
        connection = await asyncpg.connect(self.database.service, server_settings={"search_path": "mengfu"})
        try:
            report = await verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS)
        finally:
            await connection.close()
        return [str(wrong) for wrong in report.wrong]

    async def audited(self, state: str = "seen", *, again: bool = False) -> str:
        """What the auditor finds who has seen the log; or who sees it for the first time, by another state."""
        kept = State(self.state.with_name(state))
        try:
            await look(Source("http://registry", self.client), kept, [self.key], again=again)
        except BrokenError as error:
            return str(error)
        return ""

    async def more(self, count: int) -> None:
        """Further lines: parties."""
        commands = [
            {"path": "/api/parties", "body": {"kind": "city", "name": {"printed": f"市{number}"}}}
            for number in range(count)
        ]
        answer = await self.client.post("/api/transactions", json={"commands": commands})
        assert answer.status_code == 200, answer.text

    async def head(self, position: int) -> None:
        """Set the log's head back to a position, as if it had always ended there."""
        rows = await self.client.registry.pool.fetch(
            "select line, time from events where position <= $1 order by position", position
        )
        edge = b"".join(tree.append(0, [], [tree.leaf_hash(row["line"]) for row in rows]))
        await self.superuser(
            f"update head set position = {position}, edge = '\\x{edge.hex()}', time = '{rows[-1]['time']}'"
        )


@pytest.fixture
async def world(client: Client, database: Database, tmp_path: Path) -> World:
    """600 lines, two full tiles, and an auditor who has seen them."""
    client.app.state.signing = signing.Signing(client.registry.pool, tmp_path / "signing.pem", "example.org/log")
    made = World(client=client, database=database, key=await client.app.state.signing.create(), state=tmp_path / "seen")
    await made.more(300)
    await made.more(300)
    await client.registry.tiles.store()
    assert await made.audited() == ""
    return made


def edit(position: int) -> str:
    """The statement that puts another character into a line, which stays one that could stand there."""
    return (
        "update events set line = convert_to(replace(convert_from(line, 'UTF8'), '市', '县'), 'UTF8') "
        f"where position = {position}"
    )


def says(found: list[str], *words: str) -> bool:
    """Whether one of the findings has all these words."""
    return any(all(word in one for word in words) for one in found)


async def test_nothing(world: World) -> None:
    assert await world.verified() == []
    assert await world.audited() == ""
    assert await world.audited(again=True) == ""
    await world.more(3)
    assert await world.audited() == ""
    assert await world.audited("anew") == ""


async def test_a_changed_byte(world: World) -> None:
    await world.superuser(edit(300))
    found = await world.verified()
    assert says(found, "table head", "a line from 1 to 512 is not what it was")
    assert says(found, "table tiles", "key 0/001", "position 300", "the first line that is not what it was")
    assert "line 300 is the first that is not the one that was signed" in await world.audited("anew")
    assert "line 300 is another than it was when it was seen" in await world.audited(again=True)


async def test_a_changed_byte_in_the_last_lines(world: World) -> None:
    """No tile is full there yet: verify tells between which lines, and whoever has seen them, which."""
    await world.superuser(edit(598))
    assert says(await world.verified(), "table head", "a line from 593 to 600 is not what it was")
    assert "the checkpoint signs something else" in await world.audited("anew")
    assert "line 598 is another than it was when it was seen" in await world.audited(again=True)


async def test_a_deleted_line(world: World) -> None:
    await world.superuser("delete from events where position = 300")
    assert says(await world.verified(), "position 300", "there is no line")
    assert "line 300: its sequence is '0000000000000000301', and 0000000000000000300 comes" in await world.audited(
        "anew"
    )
    assert "line 300: its sequence" in await world.audited(again=True)


async def test_an_inserted_line(world: World) -> None:
    await world.superuser(
        "create temporary table moved as select * from events where position >= 300",
        "delete from events where position >= 300",
        f"insert into events select position + 1, {REST} from moved",
        "insert into events select * from moved where position = 300",
    )
    await world.head(601)
    assert says(await world.verified(), "position 301", "its sequence is '0000000000000000300'")
    assert "line 301: its sequence" in await world.audited("anew")


async def test_two_lines_in_each_others_place(world: World) -> None:
    await world.superuser(
        "create temporary table moved as select * from events where position in (300, 301)",
        "delete from events where position in (300, 301)",
        f"insert into events select 601 - position, {REST} from moved",
    )
    assert says(await world.verified(), "position 300", "its sequence is '0000000000000000301'")
    assert "line 300: its sequence" in await world.audited("anew")
    assert "line 300: its sequence" in await world.audited(again=True)


async def test_a_cut_tail(world: World) -> None:
    await world.superuser("delete from events where position > 590")
    assert says(await world.verified(), "table head", "stored 600")
    assert "line 591 is missing: the checkpoint is of 600 lines" in await world.audited("anew")
    assert "line 591 is missing" in await world.audited(again=True)


async def test_a_head_that_is_set_back(world: World) -> None:
    await world.head(590)
    assert says(await world.verified(), "table head", "stored 590, the log says 600")
    assert "the log has 590 lines, and had 600" in (found := await world.audited())
    assert "line 591 is the first that is gone" in found
    assert await world.audited("anew") == ""  # who sees it for the first time cannot know


async def test_an_old_backup(world: World) -> None:
    """All is as it was then, and right in itself: only who holds a newer checkpoint knows of what came after."""
    await set_back(world, 400)
    assert await world.verified() == []
    assert await world.audited("anew") == ""
    assert (
        "the log has 400 lines, and had 600: it was cut off or set back, line 401 is the first" in await world.audited()
    )
    await world.more(300)
    found = await world.audited()
    assert "does not go on from the one of 600 lines that was seen" in found
    assert "line 401 is the first that is another than it was" in found


async def set_back(world: World, position: int) -> None:
    """The database as it was when the log ended there."""
    pool = world.client.registry.pool
    await world.head(position)
    gone = f"in (select stream from events where position > {position})"
    tables = [table.table for table in PROJECTIONS]
    filled = [table for table in tables if await pool.fetchval(f"select count(*) from {table} where stream {gone}")]
    await world.superuser(
        *(f"delete from {table} where stream {gone}" for table in filled),
        f"delete from streams where id {gone}",
        f"delete from events where position > {position}",
        "delete from tiles where index > 0",
    )


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("update p_names set name = 'X' where name = '市7'", ("table p_names", "name=市7", "the row is missing")),
        ("update p_parties set kind = 'county' where name = '市7'", ("table p_parties", "field kind")),
        ("delete from p_parties where name = '市7'", ("table p_parties", "the row is missing")),
    ],
)
async def test_a_changed_row(world: World, what: str, words: tuple[str, ...]) -> None:
    await world.superuser(what)
    assert says(await world.verified(), *words)
    assert await world.audited(again=True) == ""  # the log is what it was


async def test_a_changed_tile(world: World) -> None:
    await world.superuser("update tiles set hashes = overlay(hashes placing '\\xff' from 33) where index = 1")
    assert says(await world.verified(), "table tiles", "key 0/001", "position 258")
    assert await world.audited(again=True) == ""
    await world.superuser("update tiles set root = sha256('') where index = 1")
    await world.more(300)
    assert "does not go on from the one of 600 lines that was seen" in await world.audited()


async def test_a_missing_tile(world: World) -> None:
    await world.superuser("delete from tiles where index = 0")
    assert says(await world.verified(), "table tiles", "key 0/000", "later ones are there")


async def test_a_tile_of_lines_that_are_not_there(world: World) -> None:
    await world.superuser("insert into tiles select 0, 2, hashes, root from tiles where index = 1")
    assert says(await world.verified(), "table tiles", "key 0/002", "the log has 600 lines")


async def test_everything_rewritten_at_once(world: World) -> None:
    """Line, tiles, edge and rows fit together again, and are signed: who has seen the log before knows."""
    await world.superuser(edit(300), "delete from tiles")
    await world.head(SIZE)
    await world.client.registry.tiles.store()
    assert await world.audited("anew") == ""
    found = await world.audited()
    assert "does not go on from the one of 600 lines that was seen: two trees of 600 leaves" in found
    assert "line 300 is the first that is another than it was" in found


async def test_another_key(world: World, tmp_path: Path) -> None:
    other = signing.Signing(world.client.registry.pool, tmp_path / "other.pem", "example.org/log")
    signing.write(tmp_path / "other.pem", signing.made()[1])
    await other.ready(lost=True)
    world.client.app.state.signing = other
    assert "the checkpoint is not to be trusted: none of the keys has signed it" in await world.audited()


async def test_a_rotated_key(world: World) -> None:
    for _ in range(3):
        await world.client.app.state.signing.rotate()
    await world.more(1)
    assert await world.audited() == ""
    await world.client.app.state.signing.rotate()
    assert await world.audited() == ""


async def test_a_key_that_was_replaced_is_trusted_no_more(world: World) -> None:
    """Whoever has stolen it and sets the database's list of keys back signs for nobody who saw the new one."""
    file = world.state.with_name("signing.pem")
    stolen = file.read_bytes()
    new = await world.client.app.state.signing.rotate()
    kept = State(world.state.with_name("seen"))
    registry = Source("http://registry", world.client)
    await look(registry, kept, [])
    await world.superuser(f"delete from signing_keys where key = '{new}'")
    signing.write(file, stolen)
    with pytest.raises(BrokenError, match="none of the keys has signed it"):
        await look(registry, kept, [])


async def test_tiles_are_stored_up_to_a_missing_line(world: World) -> None:
    await world.more(400)
    await world.superuser("delete from events where position = 700", "delete from tiles where index > 0")
    assert await world.client.registry.tiles.store() == 512
    assert await world.client.registry.tiles.store() == 512


async def test_a_tile_of_an_empty_log(client: Client, database: Database) -> None:
    world = World(client=client, database=database, key=LOG.key, state=Path())
    await world.superuser("insert into tiles values (0, 0, decode(repeat('00', 8192), 'hex'), sha256(''))")
    assert says(await world.verified(), "table tiles", "key 0/000", "the log has 0 lines")


async def test_a_changed_key(world: World) -> None:
    new = await world.client.app.state.signing.rotate()
    await world.superuser(f"update signing_keys set endorsement = null where key = '{new}'")
    assert await world.verified() == []
    assert "none of the keys has signed it" in await world.audited()
    forged: Any = signing.endorsed(Signer("example.org/log", signing.made()[0]), new)
    await world.superuser(f"update signing_keys set endorsement = $q${forged}$q$ where key = '{new}'")
    assert says(await world.verified(), "table signing_keys", "none of the keys has signed it")
    assert "none of the keys has signed it" in await world.audited()
