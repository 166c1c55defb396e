"""A whole log into an empty registry: the same bytes and the same root, or nothing and the line that is wrong."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service import seeding
from service.config import Settings
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.projections.inline import INLINE
from service.registry import DECODERS, Registry, copying
from service.registry.copying import LineError, NotEmpty
from service.store import credentials, sql
from service.store.checking import Checker
from service.store.line import Line
from service.tlog import tree
from tests.conftest import Database, clone
from tests.logs import in_chunks, synthetic, whole, write
from tests.registry.invariants import check
from tests.registry.test_door import a_party

Log = list[bytes]


@pytest.fixture(scope="module")
def log() -> Log:
    """A log with all that a log can hold."""

    async def made() -> Log:
        async with clone() as database:
            registry = await Registry.open(Settings(), database.service)
            await write(registry)
            lines = await whole(registry)
            await registry.close()
            return lines

    return asyncio.run(made())


@pytest.fixture(scope="module")
def empty() -> Iterator[Database]:
    """A database that stays empty, whatever is tried on it."""
    with contextlib.ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        opened = clone()
        database = runner.run(opened.__aenter__())
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))
        yield database


async def connect(url: str) -> Any:
    """A connection to a registry."""
    return await asyncpg.connect(url, server_settings={"search_path": "mengfu"})


async def attempt(url: str, log: Log) -> None:
    """Copy into a database without a registry around it."""
    connection = await connect(url)
    try:
        await copying.copy(connection, in_chunks(log, 20), DECODERS, DECIDERS, INLINE)
    finally:
        await connection.close()


async def nothing(url: str) -> bool:
    """Whether a registry holds nothing."""
    connection = await connect(url)
    tables = ["events", "streams", *(projection.table for projection in INLINE)]
    counts = [await connection.fetchval(f"select count(*) from {table}") for table in tables]  # noqa: S608  # our own
    head = await connection.fetchrow("select position, edge from head")
    await connection.close()
    return not any(counts) and tuple(head) == (0, b"")


# --- A good log -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_bytes_positions_and_root_are_kept(database: Database, registry: Registry, log: Log, size: int) -> None:
    """However the lines come in; and all that the database holds of them is what it would be had they been written."""
    copied = await registry.copy(in_chunks(log, size))
    edge = tree.append(0, [], map(tree.leaf_hash, log))
    assert copied.position == len(log) == await registry.head()
    assert copied.root == tree.root(len(log), edge)
    assert await registry.tree() == (len(log), edge)
    assert await whole(registry) == log
    await check(database.service)


async def test_what_follows_can_be_had_at_once(database: Database, registry: Registry, log: Log) -> None:
    """Without anybody who follows the log; whoever does goes on from there."""
    await registry.copy(in_chunks(log))
    assert {one.position for one in await registry.progress.told()} == {0}
    await registry.catch_up()
    assert {(one.lag, one.building) for one in await registry.progress.told()} == {(0, False)}
    await a_party(registry)
    registry.follower.start()
    await registry.progress.reached(registry.follower.tables, len(log) + 1)
    await check(database.service)


async def test_the_registry_writes_on_in_its_own_name(database: Database, registry: Registry, log: Log) -> None:
    """Without a gap; what was seeded is not seeded again; other processes that were open write on as well."""
    other = await Registry.open(Settings(), database.service)
    assert await other.read([Ref("parties", uuid4())]) == {}
    await registry.copy(in_chunks(log))
    assert await seeding.pending(registry) == []
    for opened in (registry, other):
        city = await a_party(opened)
        assert city in await registry.read([city])
    known = json.loads(log[-1])["subject"]
    assert Ref.of(known) in await other.read([Ref.of(known)])
    await other.close()
    sources = [json.loads(line)["source"] for line in await whole(registry)]
    assert sources == [*["urn:mengfu:test"] * len(log), *[f"urn:mengfu:{registry.name}"] * 2]
    await check(database.service)


async def test_lines_keep_the_name_that_they_were_written_in(database: Database, registry: Registry) -> None:
    lines = list(synthetic(8, name="elsewhere"))
    await registry.copy(in_chunks(lines))
    assert await whole(registry) == lines
    await check(database.service)


async def test_who_writes_meanwhile_waits_and_decides_anew(database: Database, registry: Registry, log: Log) -> None:
    """A command that came during the copying is recorded behind it."""
    begun = asyncio.Event()
    writing: list[asyncio.Task[Any]] = []

    async def slowly() -> AsyncIterator[list[bytes]]:
        async for chunk in in_chunks(log):
            yield chunk
            if not writing:
                writing.append(asyncio.create_task(a_party(registry)))
                begun.set()
                await asyncio.sleep(0.2)

    copier = await Registry.open(Settings(), database.service)
    await copier.copy(slowly())
    await copier.close()
    await writing[0]
    assert await registry.head() == len(log) + 1
    await check(database.service)


async def test_who_waits_at_the_end_of_the_log_is_told(registry: Registry, log: Log) -> None:
    """Followers see the copied lines as they see recorded ones."""
    waiting = asyncio.create_task(registry.tail.beyond(0, 30))
    await asyncio.sleep(0)
    await registry.copy(in_chunks(log))
    assert await waiting == len(log)


async def test_versions_of_many_streams_are_kept_in_their_table(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many are remembered at a time; a wrong version of one that was let go is seen all the same."""
    monkeypatch.setattr(copying, "STREAMS", 10)
    lines = list(synthetic(400))
    wrong = [*lines[:-1], lines[-1].replace(b'"streamversion":', b'"streamversion":1')]
    with pytest.raises(LineError, match=r"line 400: its streamversion is 1\d+, and its stream stands at"):
        await registry.copy(in_chunks(wrong))
    assert await nothing(database.service)
    await registry.copy(in_chunks(lines))
    await check(database.service)


async def test_more_lines_than_a_partition_holds(database: Database, registry: Registry) -> None:
    """The partitions that are needed are made, each with its own refusal of changes."""
    connection = await connect(database.owner)
    await connection.execute("update registry set span = 64, covered = 0")
    await connection.execute("drop table events_0000000000000000001")
    await connection.close()
    await registry.copy(in_chunks(synthetic(200)))
    service = await connect(database.service)
    parts = await service.fetch("select inhrelid::regclass::text from pg_inherits where inhparent = 'events'::regclass")
    assert len(parts) == 4
    for part in parts:
        with pytest.raises(asyncpg.PostgresError):
            await service.execute(f"delete from {part[0]}")  # noqa: S608  # a partition's name
    await service.close()
    await check(database.service)


async def test_no_lines_are_a_log_too(database: Database, registry: Registry) -> None:
    """That of an empty registry, which stays one."""
    copied = await registry.copy(in_chunks([]))
    assert (copied.position, copied.root) == (0, tree.root(0, []))
    assert await nothing(database.service)
    await a_party(registry)


async def test_only_an_empty_registry_takes_a_log(database: Database, registry: Registry, log: Log) -> None:
    """Keys and texts do not count; one event does."""
    await credentials.create(registry.pool, "somebody", ["reader"])
    connection = await connect(database.service)
    await connection.execute("insert into texts values (sha256('text'), 'text')")
    await connection.close()
    await registry.copy(in_chunks(log))
    before = await check(database.service)
    with pytest.raises(NotEmpty, match=f"{len(log):,} events.*--home"):
        await registry.copy(in_chunks(log))
    assert await check(database.service) == before


async def test_a_replay_takes_nothing_at_the_one_door(registry: Registry, log: Log) -> None:
    """Whoever stands before it: it can be read, and that is all."""
    copied = await registry.copy(in_chunks(log))
    registry.replayed = copied.position
    with pytest.raises(errors.ReadOnly, match=f"up to event {len(log)}"):
        await a_party(registry)
    with pytest.raises(errors.ReadOnly):
        await registry.keep_text(uuid4(), b"")
    assert await whole(registry) == log


async def test_a_source_that_breaks_off_leaves_nothing(database: Database, registry: Registry, log: Log) -> None:
    """Whatever it raises, and when the copying is cancelled."""

    async def broken() -> AsyncIterator[list[bytes]]:
        yield log[:100]
        raise OSError("the disk is gone")

    async def silent() -> AsyncIterator[list[bytes]]:
        yield log[:100]
        await asyncio.Event().wait()

    with pytest.raises(OSError, match="the disk is gone"):
        await registry.copy(broken())
    assert await nothing(database.service)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(registry.copy(silent()), 0.5)
    assert await nothing(database.service)
    await registry.copy(in_chunks(log))


async def test_the_id_stands_where_it_is_looked_for(log: Log) -> None:
    """The statement that looks for two lines with one id takes it from its place."""
    [(first, length)] = re.findall(r"from (\d+) for (\d+)", sql("same_id"))
    start = int(first) - 1
    assert [line[start : start + int(length)].decode() for line in log] == [json.loads(line)["id"] for line in log]


# --- What is refused --------------------------------------------------------------------------------------------------

Change = Callable[[Log], Log]


def number(log: Log, type: str, **said: Any) -> int:
    """The last line with that type (or its end) and those keys."""
    found = [
        index
        for index, line in enumerate(log, 1)
        if (told := json.loads(line))["type"].endswith(type) and told.items() >= said.items()
    ]
    return found[-1]


def written(told: dict[str, Any]) -> bytes:
    """A line as lines are written."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def keys(at: int, **changed: Any) -> Change:
    """Line `at` with other keys; those that are `None` are taken out."""

    def change(log: Log) -> Log:
        told = {name: changed.get(name, value) for name, value in json.loads(log[at - 1]).items()}
        told = {name: value for name, value in told.items() if value is not None}
        return [*log[: at - 1], written(told), *log[at:]]

    return change


def of(type: str, **changed: Any) -> Change:
    """The last line of a type with other keys. A callable gets the line's own and answers the key's value."""

    def change(log: Log) -> Log:
        at = number(log, type)
        told = json.loads(log[at - 1])
        given = {name: value(told) if callable(value) else value for name, value in changed.items()}
        merged = {**told, **given}
        kept = {name: merged[name] for name in ORDER if merged.get(name) is not None}
        return [*log[: at - 1], written(kept), *log[at:]]

    return change


ORDER = Line.__struct_fields__


def as_bytes(at: int, old: bytes, new: bytes) -> Change:
    """Line `at` with other bytes."""

    def change(log: Log) -> Log:
        assert old in log[at - 1]
        return [*log[: at - 1], log[at - 1].replace(old, new, 1), *log[at:]]

    return change


def data(type: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """The last line of a type with other data."""
    return of(type, data=lambda told: change(told["data"]))


def place(sequence: int) -> str:
    """A sequence as lines write it."""
    return f"{sequence:019}"


REFUSED: dict[str, tuple[Change, str]] = {
    # Bytes
    "not UTF-8": (as_bytes(30, "城".encode(), b"\xe5\x9f"), "line 30: .*UTF-8|line 30: .*utf-8"),
    "too long": (keys(30, correlationid="x" * 65_000), "line 30: it has [0-9,]+ bytes, and a line has 65,535 at most"),
    "not JSON": (lambda log: [*log[:29], log[29][:200], *log[30:]], "line 30: it is not JSON"),
    "nothing": (lambda log: [*log[:29], b"", *log[29:]], "line 30: it is empty"),
    "behind it": (lambda log: [*log[:29], log[29] + b" x", *log[30:]], "line 30: it is not JSON: .*trailing"),
    "CR LF": (lambda log: [line + b"\r" for line in log], r"line 1: it is not written as lines are.*has '\\r'"),
    "a byte order mark": (lambda log: [b"\xef\xbb\xbf" + log[0], *log[1:]], "line 1: it is not JSON"),
    "an array": (lambda log: [b"[" + b",".join(log[:9]) + b"]"], "line 1: it is no event"),
    "deeply nested": (as_bytes(30, b'"data":{', b'"data":{"x":' + b"[" * 60_000), "line 30: it is not JSON"),
    # The one way of writing it
    "blanks": (as_bytes(30, b'","type":', b'", "type":'), "line 30: it is not written as lines are"),
    "blanks in the data": (as_bytes(30, b'"data":{', b'"data":{ '), "line 30: it is not written as lines are"),
    "keys in another order": (
        lambda log: [*log[:29], written(dict(sorted(json.loads(log[29]).items()))), *log[30:]],
        "line 30: it is not written as lines are",
    ),
    "data in another order": (
        data("party.registered", lambda told: dict(sorted(told.items(), reverse=True))),
        "it is not written as lines are",
    ),
    "escapes": (as_bytes(30, "城".encode(), b"\\u57ce"), r"line 30: it is not written as lines are.*has '\\\\u57ce"),
    "a null": (as_bytes(30, b'"cause":', b'"corrects":null,"cause":'), "line 30: it is not written as lines are"),
    "a key twice": (as_bytes(30, b'"cause":', b'"cause":"correction","cause":'), "line 30: it is not written as"),
    # Keys
    "an unknown key": (as_bytes(30, b'"cause":', b'"colour":"red","cause":'), "line 30: it is no event: .*`colour`"),
    "a key missing": (keys(30, id=None), "line 30: it is no event: .*missing.*`id`"),
    "another specversion": (keys(30, specversion="2.0"), "line 30: it is no event: .*specversion"),
    "an id that is none": (keys(30, id="x"), "line 30: its id 'x' is no UUID"),
    "an id of another version": (keys(30, id=str(uuid4())), "line 30: its id .* is no UUID of version 7"),
    "an id in capitals": (
        of("titled", id=lambda told: told["id"].upper()[:-1] + "F"),
        "is no UUID of version 7 in lower",
    ),
    "an id twice": (
        lambda log: keys(60, id=json.loads(log[29])["id"])(log),
        "line 60: it has the id of line 30",
    ),
    "another source": (keys(30, source="https://example.org"), "line 30: its source .*urn:mengfu"),
    "another actor": (keys(30, actor="accounts/somebody"), "line 30: its actor 'accounts/somebody'"),
    "an actor of another kind": (keys(30, actor=f"people/xx{uuid4()}"), "line 30: its actor"),
    "another cause": (keys(30, cause="mistake"), "line 30: it is no event: .*mistake.*cause"),
    "an unknown type": (
        keys(30, type="party.sold", dataschema="urn:mengfu:schema:party.sold:1"),
        "line 30: this program does not know the type party.sold. Was it written by a newer mengfu",
    ),
    "an unknown shape": (
        of("party.registered", dataschema="urn:mengfu:schema:party.registered:9"),
        "does not know the shape urn:mengfu:schema:party.registered:9. Was it written by a newer mengfu",
    ),
    "the shape of another type": (
        of("party.registered", dataschema="urn:mengfu:schema:party.renamed:1"),
        "'urn:mengfu:schema:party.renamed:1' names no shape of a party.registered",
    ),
    "data of another type": (data("party.registered", lambda _: {"clause": str(uuid4())}), "its data is no party.reg"),
    "data that is unsound": (data("clause_recorded", lambda told: told | {"basis": "stated"}), "cites the words"),
    "a reason of two rows and a bell": (of("voided", reason="a\x07"), "it is no event: .*reason"),
    # Place
    "a line missing": (lambda log: log[:29] + log[30:], "line 30: its sequence is '0+31', and 0+30 comes here"),
    "a line twice": (lambda log: [*log[:30], *log[29:]], "line 31: its sequence is '0+30', and 0+31 comes here"),
    "the beginning missing": (lambda log: log[1:], "line 1: its sequence is '0+2', and 0+1 comes here"),
    "a sequence in short": (keys(30, sequence="30"), "line 30: its sequence is '30'"),
    "a version too many": (of("titled", streamversion=99), "its streamversion is 99, and its stream stands at"),
    "a version again": (of("voided", streamversion=1), "its streamversion is 1, and its stream stands at"),
    "another category": (
        of("party.registered", subject=lambda told: told["subject"].replace("parties/", "agreements/")),
        "is no subject of a party.registered: that is parties/<uuid>",
    ),
    "no stream": (of("party.registered", subject="parties/1"), "'parties/1' is no subject"),
    "an id of two categories": (
        lambda log: of("party.registered", subject=f"parties/{json.loads(log[-2])['subject'].split('/')[1]}")(log),
        "is that of agreements/.* already",
    ),
    # Times
    "time goes back": (of("voided", time="2020-01-01T00:00:00.000000Z"), "lies before .*, that of the line before"),
    "time in short": (keys(30, time="2026-11-21T08:00:00Z"), "line 30: its time '2026-11-21T08:00:00Z'"),
    "time elsewhere": (keys(30, time="2026-11-21T08:00:00.000000+00:00"), "line 30: its time"),
    "time that is none": (keys(30, time="2026-13-21T08:00:00.000000Z"), "line 30: its time"),
    "effective is another day": (
        of("agreement.signed", effective="2020-01-01"),
        "effective is 2020-01-01, but the event's own says 2020-03-04",
    ),
    "effective is missing": (of("agreement.signed", effective=None), "effective is None, but"),
    # Corrections and attestations
    "no reason": (of("voided", reason=None), "it is a correction, and has no reason"),
    "nothing corrected": (of("voided", corrects=None), "it is a correction, and has no corrects"),
    "no correction": (of("agreement.signed", cause="change", reason=None), "names what it corrects, and its cause is"),
    "a voiding that is no correction": (of("voided", cause="change", corrects=None, reason=None), "is a correction"),
    "corrects in short": (of("voided", corrects="7"), "corrects is '7', and not a sequence of 19 digits"),
    "corrects itself": (
        of("voided", corrects=lambda told: told["sequence"]),
        "corrects or attests event .* no earlier",
    ),
    "corrects what comes": (of("voided", corrects=place(9_999)), "corrects or attests event 9999, .* no earlier one"),
    "corrects another stream": (of("voided", corrects=place(1)), "corrects or attests event 1, .* no earlier one"),
    "attests another stream": (
        data("agreement.attested", lambda told: told | {"attests": 1}),
        "attests event 1, .* no",
    ),
    "attests what comes": (data("agreement.attested", lambda told: told | {"attests": 9_999}), "attests event 9999"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_wrong_line_is_named_and_leaves_nothing(empty: Database, log: Log, name: str) -> None:
    """Its number, what is wrong with it, what to do."""
    change, said = REFUSED[name]
    wrong = change(log)
    assert wrong != log
    with pytest.raises(LineError, match=said) as refused:
        await attempt(empty.service, wrong)
    assert str(refused.value).startswith("line ")
    assert str(refused.value).endswith(("Export the log again, whole and unaltered", "Import it with one"))
    assert await nothing(empty.service)


async def test_after_a_refusal_the_registry_can_be_seeded(database: Database, registry: Registry, log: Log) -> None:
    """It is as empty as it was."""
    for change, _ in (REFUSED["an id twice"], REFUSED["corrects another stream"]):
        with pytest.raises(LineError):
            await registry.copy(in_chunks(change(log)))
    assert await nothing(database.service)
    await seeding.seed(registry, await seeding.pending(registry))
    await check(database.service)


async def test_data_of_an_earlier_shape_is_taken_as_it_stands(log: Log) -> None:
    """It is read by its own decoder, and cannot be written again: what is left to look at is the line around it."""
    name = "urn:mengfu:schema:agreement.registered:"
    [line] = synthetic(1)
    old = line.replace(b"agreement.registered:1", b"agreement.registered:7").replace(b'"title"', b'"called"')

    class Upcaster:
        @staticmethod
        def decode(data: bytes) -> Any:
            return DECODERS[name + "1"].decode(bytes(data).replace(b'"called"', b'"title"'))

    with pytest.raises(LineError, match="line 1: this program does not know the shape"):
        Checker(DECODERS).check(old)
    Checker({**DECODERS, name + "7": Upcaster}).check(old)
    for wrong in (old.replace(b'","type":', b'", "type":'), old.replace(b'"actor":', b'"actor": ')):
        with pytest.raises(LineError, match="line 1: it is not written as lines are"):
            Checker({**DECODERS, name + "7": Upcaster}).check(wrong)
