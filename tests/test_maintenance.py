"""`mengfu rebuild` and `mengfu verify` as an operator runs them: on a home, whether a service runs there or not."""

from pathlib import Path

import asyncpg

from service.config import Settings
from service.projections.following import PROJECTIONS
from service.store import migrate
from service.store.embedded import Embedded, running_url
from tests.commands import mengfu, post, running
from tests.conftest import Database

NAMES = ", ".join(projection.name for projection in PROJECTIONS)


async def test_beside_a_running_service(place: Path) -> None:
    """Both work on its database, as does the service meanwhile; what differs is named, and mended by a rebuild."""
    home = str(place / "home")
    async with running(place / "home") as service, service.client() as client:
        paths = [await post(client) for _ in range(3)]
        done = await mengfu(place, "rebuild", "--home", home)
        assert (done.code, done.out, done.err) == (0, f"Rebuilt from 3 lines: {NAMES}\n", "")
        paths.append(await post(client))
        listed = (await client.get("/api/parties")).json()["items"]
        assert {item["id"] for item in listed} == {path.rpartition("/")[2] for path in paths}
        good = await mengfu(place, "verify", "--home", home)
        assert (good.code, good.err) == (0, "")
        first, second = good.out.splitlines()
        assert first.startswith("All as the log says: 4 lines, 4 streams, ")
        assert second.startswith("Root of the tree over the lines: ")
        connection = await migrate.connect(running_url(place / "home"), Settings().schema)
        await connection.execute("update p_parties set status = 'dissolved' where stream = $1", paths[0][-36:])
        await connection.close()
        wrong = await mengfu(place, "verify", "--home", home)
        assert (wrong.code, wrong.out) == (1, "")
        assert wrong.err == (
            f"mengfu: wrong: table p_parties, key stream={paths[0][-36:]} segment=0, field status, position 1: "
            "stored 'dissolved', the log says 'active'\n"
        )
        mended = await mengfu(place, "rebuild", "parties", "--home", home)
        assert (mended.code, mended.out) == (0, "Rebuilt from 4 lines: parties\n")
        assert (await mengfu(place, "verify", "--home", home)).out == good.out
    stopped = await mengfu(place, "verify", "--home", home)
    assert (stopped.code, stopped.out) == (0, good.out)
    again = await mengfu(place, "rebuild", "states", "parties", "--home", home)
    assert (again.code, again.out) == (0, "Rebuilt from 4 lines: states, parties\n")


async def test_a_home_of_an_older_program_is_left_as_it_is(place: Path) -> None:
    """Who only looks, or rebuilds what was looked at, migrates nothing; the next `up` does."""
    home = place / "home"
    async with running(home) as service, service.client() as client:
        await post(client)

    async def revision(statement: str) -> str:
        embedded = await Embedded.start(home)
        connection = await migrate.connect(embedded.owner_url, Settings().schema)
        found: str = await connection.fetchval(statement)
        await connection.close()
        await embedded.stop()
        return found

    await revision("update alembic_version set version_num = '0000' returning version_num")
    for command in ("verify", "rebuild", "export"):
        words = (command, "log.ndjson") if command == "export" else (command,)
        ended = await mengfu(place, *words, "--home", str(home))
        ended.refused(2, "stands at 0000", f"needs {migrate.newest()}", f"`mengfu up --home {home}`")
        assert await revision("select version_num from alembic_version") == "0000", command
    assert not (place / "log.ndjson").exists()
    await revision(f"update alembic_version set version_num = '{migrate.newest()}' returning version_num")  # noqa: S608
    assert (await mengfu(place, "verify", "--home", str(home))).code == 0
    assert (await mengfu(place, "export", "log.ndjson", "--home", str(home))).code == 0


async def test_what_is_not_there_is_told(database: Database, place: Path) -> None:
    """A projection of that name, a registry, a table, a schema."""
    env = {"MENGFU_DATABASE_URL": database.service}
    unknown = await mengfu(place, "rebuild", "kinds", "sums", **env)
    unknown.refused(2, "there is no projection 'sums'", NAMES)
    for command in ("rebuild", "verify"):
        (await mengfu(place, command)).refused(2, "no registry in .mengfu", "mengfu up")
        (await mengfu(place, command, MENGFU_SCHEMA="nowhere", **env)).refused(2, "mengfu migrate")
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    await connection.execute("drop table p_kinds")
    await connection.close()
    missing = await mengfu(place, "verify", **env)
    missing.refused(1, "p_projections", "kinds", "the table is missing", "mengfu rebuild kinds")
    assert (await mengfu(place, "rebuild", "kinds", **env)).code == 0
    assert (await mengfu(place, "verify", **env)).code == 0
