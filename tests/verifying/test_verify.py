"""Whatever is altered behind the registry's back is named: table, key, field, position. One thing at a time."""

import datetime as dt
import hashlib
from typing import Any

import asyncpg
import pytest
from msgspec import Struct

from service.config import Settings
from service.domain.agreement.amendments import AmendClause
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.header import Describe
from service.domain.agreement.life import Sign
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Correct, Ref
from service.domain.values import Citation, Locator, UncertainDate
from service.projections.following import PROJECTIONS
from service.projections.inline import INLINE
from service.registry import DECODERS, Registry, writer
from service.verifying import Report, verify
from tests.conftest import Database
from tests.registry.test_door import TEXT, a_document, a_party, agreement, do, make

SIGNED = UncertainDate.day(dt.date(2020, 1, 2))


class Told(Struct):
    """What was recorded, as far as the tests alter it."""

    agreement: Ref
    party: Ref
    clause: int
    corrected: int
    head: int


async def recorded(registry: Registry) -> Told:
    """A party with a code, a document with its text, an agreement with all that fills the tables."""
    party, source = await a_party(registry), await a_document(registry)
    await registry.keep_text(source.id, TEXT.encode())
    ref = await make(registry, "agreements", agreement())
    await do(registry, ref, Describe(kinds=("supply",)))
    await do(registry, ref, AddSignatory(party=party.id, side="甲方"))
    await do(registry, ref, Sign(effective=SIGNED))
    first = await do(registry, ref, RecordClause(text="alpha"))
    event: Any = first.events[-1].event
    tomorrow = UncertainDate.day(Registry.today() + dt.timedelta(days=1))
    await do(registry, ref, AmendClause(clause=event.clause, text="beta", effective=tomorrow))
    again = await do(registry, ref, RecordClause(text="gamma"))
    told: Any = again.events[-1].event
    fixed = type(told)(clause=told.clause, text="delta")
    last = await do(registry, ref, Correct(corrects=again.sequence, reason="misread", event=fixed))
    return Told(ref, party, first.sequence, last.sequence, await registry.head())


async def check(database: Database) -> Report:
    """What verify says, as the service role."""
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    try:
        return await verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS)
    finally:
        await connection.close()


async def alter(database: Database, *statements: str) -> None:
    """What nobody but a superuser can do."""
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    try:
        await connection.execute("set session_replication_role = replica")
        for statement in statements:
            assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}, statement
    finally:
        await connection.close()


def edit(position: int | str, before: str, after: str) -> str:
    """The statement that replaces some text in a line."""
    return (
        f"update events set line = convert_to(replace(convert_from(line, 'UTF8'), '{before}', '{after}'), 'UTF8') "
        f"where position = {position} and position('{before}' in convert_from(line, 'UTF8')) > 0"
    )


def id_of(position: int | str, id: str) -> str:
    """The statement that gives a line another id."""
    return f"update events set line = overlay(line placing {id}::bytea from 28) where position = {position}"


async def test_what_nobody_altered_is_all_right(database: Database, registry: Registry) -> None:
    """With the counts, and the root of the tree."""
    told = await recorded(registry)
    done: list[int] = []
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    report = await verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS, done.append)
    rows = [await connection.fetchval(f"select count(*) from {p.table}") for p in PROJECTIONS]
    await connection.close()
    assert report.wrong == ()
    assert (report.events, report.streams, report.texts) == (told.head, 3, 1)
    assert report.rows == sum(rows)
    assert sum(done) == 2 * told.head
    assert report.root == (await check(database)).root


async def test_an_empty_registry_is_all_right(database: Database) -> None:
    """There is nothing to be wrong."""
    report = await check(database)
    assert (report.wrong, report.events, report.rows) == ((), 0, 0)
    assert report.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # RFC 6962, 2.1


OF_THE_LOG: dict[str, tuple[str, str]] = {
    "update events set version = 90 where position = {clause}": ("events", "version"),
    "update events set type = 'agreement.signed' where position = {clause}": ("events", "type"),
    "update events set time = time + interval '1 microsecond' where position = {clause}": ("events", "time"),
    "update events set effective = '2020-01-01' where position = {clause}": ("events", "effective"),
    "update events set actor = gen_random_uuid() where position = {clause}": ("events", "actor"),
    "update events set correction = true where position = {clause}": ("events", "correction"),
    "update events set stream = gen_random_uuid() where position = {clause}": ("events", "stream"),
    "update events set line = 'x' where position = {clause}": ("events", "line"),
    "update events set line = line || ' '::bytea where position = {clause}": ("events", "line"),
    "delete from events where position = {clause}": ("events", "position"),
    edit("{clause}", '"streamversion":', '"streamversion": '): ("events", "line"),
    edit("{clause}", '"subject":"agreements/', '"subject":"parties/'): ("events", "line"),
    edit("{clause}", '"type":"agreement.clause_recorded"', '"type":"agreement.clause_reworded"'): ("events", "line"),
    # What an import would refuse, too
    edit("{clause}", '"data":{', '"data":{ '): ("events", "line"),
    edit("{clause}", '"alpha"', '"\\u0061lpha"'): ("events", "line"),
    edit("{clause}", '"source":"urn:mengfu:test"', '"source":"urn:mengfu:NO NAME"'): ("events", "line"),
    edit("{clause}", '"text":"alpha"', '"text":""'): ("events", "line"),
    edit("{clause}", '"actor":"', '"effective":"2020-01-01","actor":"').replace(
        "set line", "set effective = '2020-01-01', line"
    ): ("events", "line"),
    id_of("{clause}", "'ffffffff-ffff-4fff-8fff-ffffffffffff'"): ("events", "line"),
    id_of("{clause}", "(select substring(line from 28 for 36) from events where position = 1)"): ("events", "line"),
}


@pytest.mark.parametrize("statement", OF_THE_LOG)
async def test_a_line_and_its_columns(database: Database, registry: Registry, statement: str) -> None:
    """Each is named with its position."""
    told = await recorded(registry)
    await alter(database, statement.replace("{clause}", str(told.clause)))
    report = await check(database)
    found = report.wrong[-1]
    assert (found.table, found.field) == OF_THE_LOG[statement]
    assert (found.key, found.position) == (str(told.clause), told.clause)
    assert f"position {told.clause}" in str(found)


async def test_a_letter_in_a_line(database: Database, registry: Registry) -> None:
    """The tree knows that a line is not what it was; the state of its stream says where."""
    told = await recorded(registry)
    await alter(database, edit(told.clause, '"text":"alpha"', '"text":"alphb"'))
    edge, row = (await check(database)).wrong
    assert (edge.table, edge.field, edge.position) == ("head", "edge", told.head)
    assert (row.table, row.field, row.position) == ("p_states", "body/text", told.corrected)
    assert f"stream={told.agreement.id} part=clauses/" in row.key
    assert row.problem == "stored 'alpha', the log says 'alphb'"


async def test_a_correction_of_something_else(database: Database, registry: Registry) -> None:
    """It can only be of an earlier line of its own stream."""
    told = await recorded(registry)
    await alter(database, edit(told.corrected, f'"corrects":"{told.corrected - 1:019d}"', f'"corrects":"{1:019d}"'))
    edge, line = (await check(database)).wrong
    assert (edge.table, edge.field) == ("head", "edge")
    assert (line.table, line.key, line.field) == ("events", str(told.corrected), "line")
    assert "`corrects` is 1" in line.problem


async def test_an_attestation_of_something_else(database: Database, registry: Registry) -> None:
    """It can only be of an earlier line of its own stream, too."""
    told = await recorded(registry)
    source = Citation(document=(await a_document(registry)).id, locator=Locator(page="1"))
    [event] = (await do(registry, told.agreement, Sign(effective=SIGNED, citations=(source,)))).events
    assert isinstance(event.event, Attested)
    await alter(database, edit(event.sequence, f'"attests":{event.event.attests}', '"attests":1'))
    edge, line = (await check(database)).wrong
    assert (edge.table, edge.field) == ("head", "edge")
    assert (line.table, line.key, line.field) == ("events", str(event.sequence), "line")
    assert "`attests` is 1" in line.problem


OF_THE_HEAD: dict[str, tuple[str, str, str]] = {
    "update head set edge = sha256('x')": ("head", "", "edge"),
    "update head set edge = overlay(edge placing '\\x00'::bytea from 3)": ("head", "", "edge"),
    "update head set time = time + interval '1 second'": ("head", "", "time"),
    "update head set position = position - 1": ("head", "", "position"),
    "update streams set version = version + 1 where id = '{agreement}'": ("streams", "{agreement}", "version"),
    "update streams set category = 'parties' where id = '{agreement}'": ("streams", "{agreement}", "category"),
    "delete from streams where id = '{agreement}'": ("streams", "{agreement}", "id"),
    "update texts set body = body || 'x'": ("texts", "{text}", "body"),
    "insert into texts values (sha256('left over'), 'left over')": (
        "texts",
        hashlib.sha256(b"left over").hexdigest(),
        "sha256",
    ),
    "update p_projections set fingerprint = 'x' where name = 'kinds'": ("p_projections", "kinds", "fingerprint"),
    "drop table p_kinds": ("p_projections", "kinds", "fingerprint"),
    "update p_projections set goal = 99999999 where name = 'kinds_known'": ("p_projections", "kinds_known", "goal"),
    "update p_projections set position = 99999999 where name = 'kinds_known'": (
        "p_projections",
        "kinds_known",
        "position",
    ),
    "update p_projections set stopped = 'event 1: test data' where name = 'kinds_known'": (
        "p_projections",
        "kinds_known",
        "stopped",
    ),
    "update p_kinds set kind = 'project'": ("p_kinds", "stream={agreement} kind=supply", "stream"),
    "update p_agreements set status = 'expired'": ("p_agreements", "stream={agreement} segment=0", "status"),
    "update p_agreements set summary = convert_to(replace(convert_from(summary, 'UTF8'), '甲方', '乙方'), 'UTF8')": (
        "p_agreements",
        "stream={agreement} segment=0",
        "summary/signatories/0/side",
    ),
    "update p_signings set ends = '2021-01-01'": ("p_signings", "stream={agreement} party={party} segment=0", "ends"),
}


@pytest.mark.parametrize("statement", OF_THE_HEAD)
async def test_what_is_made_of_the_lines(database: Database, registry: Registry, statement: str) -> None:
    """The head, the streams, texts and rows."""
    told = await recorded(registry)
    [text] = await registry.pool.fetch("select sha256 from texts")
    names = {"{agreement}": told.agreement.id, "{party}": told.party.id, "{text}": text["sha256"].hex()}

    def named(words: str) -> str:
        for name, value in names.items():
            words = words.replace(name, str(value))
        return words

    await alter(database, named(statement))
    [found] = (await check(database)).wrong
    table, key, field = OF_THE_HEAD[statement]
    assert (found.table, found.key, found.field) == (table, named(key), field)


@pytest.mark.parametrize("name", [projection.name for projection in INLINE])
async def test_a_row_too_few_and_too_many(database: Database, registry: Registry, name: str) -> None:
    """In each table: a missing row, one of a stream that the log doesn't have; where there is none, that one alone."""
    await recorded(registry)
    [projection] = [one for one in INLINE if one.name == name]
    table = projection.table
    rows = await registry.pool.fetch(f"select * from {table}")
    await alter(
        database,
        f"create table kept as select * from {table}",
        *([f"delete from {table} where stream = '{rows[0]['stream']}'"] if rows else []),
    )
    found = (await check(database)).wrong
    assert [(one.table, one.field, one.problem) for one in found] == (
        [(table, "stream", "the row is missing")] if rows else []
    )
    values = {"uuid": "gen_random_uuid()", "text": "'x'", "date": "'2020-01-01'", "bytea": "'x'"}
    values |= {"bool": "true", "boolean": "true"}
    own = ", ".join(
        "'00000000-0000-0000-0000-000000000000'"
        if column == "stream"
        else values.get(kind.removesuffix(" not null"), "0")
        for column, kind in projection.columns
    )
    await alter(
        database,
        *([f"truncate {table}", f"insert into {table} select * from kept"] if rows else []),
        f"insert into {table} values ({own})",
    )
    [extra] = (await check(database)).wrong
    assert (extra.table, extra.field, extra.position) == (table, "stream", None)
    assert extra.problem == "the log has no line of that stream"
    assert extra.key.startswith("stream=00000000-0000-0000-0000-000000000000")


async def test_a_stream_that_the_log_does_not_have(database: Database, registry: Registry) -> None:
    """Its id is taken for ever, for nothing."""
    await recorded(registry)
    await alter(database, "insert into streams values ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'parties', 1)")
    [found] = (await check(database)).wrong
    assert (found.table, found.key) == ("streams", "ffffffff-ffff-ffff-ffff-ffffffffffff")


async def test_rows_are_those_of_the_day_on_which_a_stream_last_moved(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing happens at midnight: neither to a table, nor to what it is compared with; nor does a rebuild see it."""
    now = dt.datetime(2026, 1, 10, 15, 59, tzinfo=dt.UTC)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return now.astimezone(tz)

    monkeypatch.setattr(writer, "datetime", Clock)
    registry = await Registry.open(Settings(), database.service)
    both = [await make(registry, "agreements", agreement()) for _ in range(2)]
    later = UncertainDate.day(dt.date(2026, 1, 11))
    for ref in both:
        await do(registry, ref, Sign(effective=later))
        await do(registry, ref, RecordClause(text="alpha", effective=later))
    now += dt.timedelta(minutes=2)  # the next day in Shanghai
    await do(registry, both[0], RecordClause(text="beta"))
    assert (await check(database)).wrong == ()
    before = await dump(registry)
    await registry.pool.execute("update p_projections set fingerprint = 'of other code'")
    await registry.close()
    registry = await Registry.open(Settings(), database.service)
    assert await dump(registry) == before
    assert {row["part"] for row in before["p_states"] if row["stream"] == both[0].id and row["part"][0] == "."} == {"."}
    assert any(row["part"].startswith(".later/") for row in before["p_states"] if row["stream"] == both[1].id)
    assert (await check(database)).wrong == ()
    await registry.close()


async def dump(registry: Registry) -> dict[str, list[Any]]:
    """Every row of every table of an inline projection."""
    return {
        projection.table: sorted(map(tuple_of, await registry.pool.fetch(f"select * from {projection.table}")), key=str)
        for projection in INLINE
    }


def tuple_of(row: Any) -> dict[str, Any]:
    """A row that can be compared."""
    return dict(row)
