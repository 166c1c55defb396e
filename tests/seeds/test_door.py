"""Seed files through the one door: each once, whole or not at all, and the same from two processes at once."""

import asyncio
import hashlib
import re
from pathlib import Path

import msgspec

from service import seeding
from service.config import Settings, room
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.references import references
from service.domain.registry import SUBJECT
from service.registry import SEEDS, Order, Registry
from tests.conftest import Database

FILE = room("seeds") / "000_2b54accc30514206.toml"


async def lines(registry: Registry) -> list[bytes]:
    """Every line of the log."""
    return [line async for chunk in registry.lines() for line in chunk]


async def test_pending_files_are_seeded_once(registry: Registry) -> None:
    waiting = await seeding.pending(registry)
    assert waiting == sorted(room("seeds").glob("*.toml"))
    report, *others = await seeding.seed(registry, waiting)
    assert report.things == {
        "documents": 1,
        "title": 6,
        "date": 4,
        "segments": 1,
        "parts": 6,
        "credits": 6,
        "passed": 1,
        "parties": 50,
        "parent": 14,
        "aliases": 6,
        "places": 19,
        "members": 6,
        "proposed": 5,
        "holders": 17,
        "agreements": 4,
        "kinds": 16,
        "titles": 4,
        "declared": 1,
        "signed": 7,
        "signatories": 8,
        "signatures": 2,
        "clauses": 24,
        "obligation": 18,
        "performance": 3,
        "links": 33,
        "meetings": 2,
        "held": 2,
        "lasts": 1,
        "attendance": 20,
        "statements": 8,
        "kind": 8,
        "made": 8,
        "participants": 11,
        "topics": 13,
        "plans": 8,
        "adopted": 3,
        "issued": 2,
        "executing": 3,
        "bodies": 7,
        "items": 34,
        "targets": 4,
        "tasks": 2,
        "terms": 2,
        "units": 2,
        "reported_done": 2,
        "closed": 2,
        "projects": 12,
        "planned": 6,
        "operating": 1,
        "started": 1,
        "by": 3,
        "figures": 12,
        "called": 3,
        "period": 4,
        "concerned": 19,
        "claims": 18,
        "discrepancies": 3,
    }
    # The text, the parents of 20 parties and the kinds of an agreement and two meetings are told with
    # their registration, and the 7 claims of the discrepancies with theirs. One project is of two kinds. The words that
    # tell how long a meeting took, who started a project, and who proposed two zones attest each that it was so.
    # Of a figure's claim two sources tell more beside what they attest, and a third attests the words of both.
    assert report.events == sum(report.things.values()) + 1 + 20 + 3 + 7 + 1 + 4 + 3
    held = rf"{FILE.name}: {sum(report.things.values())} facts, {report.citations} citations"
    assert re.fullmatch(rf"{held}; {report.events} events recorded in [0-9]+\.[0-9] s", report.told())
    assert await seeding.pending(registry) == []
    for again in await seeding.seed(registry, waiting):
        assert again.events == 0
        assert "nothing new" in again.told()
    every = [msgspec.json.decode(line) for line in await lines(registry)]
    assert len(every) == sum(one.events + 1 for one in (report, *others))
    stored, rest = every[: report.events + 1], every[report.events + 1 :]
    assert {line["correlationid"] for line in stored} == {f"seeds/{FILE.name}"}
    assert {line["correlationid"] for line in rest} == {f"seeds/{path.name}" for path in waiting[1:]}
    assert {line["actor"] for line in stored} == {f"accounts/{SEEDS}"}
    assert stored[-1]["type"] == "registry.seeded"
    assert stored[-1]["subject"] == str(SUBJECT)
    assert stored[-1]["data"]["file"] == FILE.name


async def test_its_facts_sent_again_add_nothing(registry: Registry) -> None:
    await seeding.seed(registry, [FILE])
    head = await registry.head()
    wishes = [wish for wish in seeding.load(FILE).wishes if wish.ref.category != "documents"]
    await registry.execute(
        [Order(ref=wish.ref, command=wish.command, creates=wish.registers) for wish in wishes], actor=SEEDS
    )
    assert await registry.head() == head


async def test_two_processes_seed_at_once(database: Database, registry: Registry) -> None:
    other = await Registry.open(Settings(), database.service)
    try:
        reports = await asyncio.gather(seeding.seed(registry, [FILE]), seeding.seed(other, [FILE]))
    finally:
        await other.close()
    assert sorted(report.events > 0 for [report] in reports) == [False, True]
    assert len(await lines(registry)) == max(report.events for [report] in reports) + 1


def test_ids_follow_from_keys() -> None:
    seed = seeding.load(FILE)
    city = seeding.thing_id("parties", "聊城市")
    assert str(city) == "1ce118eb-b090-56cd-a7be-cbcd690eb12b"
    assert seed.names[f"parties/{city}"] == "parties/聊城市"
    agreement = seeding.thing_id("agreements", "济聊战略合作框架协议")
    clause = next(wish for wish in seed.wishes if wish.where.endswith("clauses 2"))
    assert clause.ref.id == agreement
    assert isinstance(clause.command, RecordClause)
    assert clause.command.parent == seeding.part_id(agreement, "一")


def test_things_come_before_what_names_them() -> None:
    made: set[object] = set()
    for wish in seeding.load(FILE).wishes:
        assert all(found in made for _, found in references(wish.command) if isinstance(found, Ref))
        if wish.registers:
            made.add(wish.ref)


async def test_texts_are_attached_by_their_hash(registry: Registry, tmp_path: Path) -> None:
    body = "\n\n一个城市与另一个城市签署协议。".encode()
    folder, seeds = tmp_path / "documents", tmp_path / "seeds"
    folder.mkdir()
    seeds.mkdir()
    (folder / "a.txt").write_bytes(body)
    (folder / "other.txt").write_bytes(b"other")
    with (folder / "disk.img").open("wb") as image:
        image.truncate(1 << 40)  # Nobody has the memory to read it.
    file = seeds / "900_test.toml"
    citation = seeding.cite(body.decode(), "签署协议")
    file.write_text(
        f"""
        [document]
        kind = "press"
        language = "zh"
        sha256 = "{hashlib.sha256(body).hexdigest()}"
        length = {len(body.decode())}
        basis = "curated"
        [[document.describe]]
        title = "x"
        cite = ["{citation}"]
        """
    )
    assert await seeding.attach(registry, folder) == []
    await seeding.seed(registry, [file])
    [told] = await seeding.attach(registry, folder)
    assert told.startswith("a.txt: held as the text of documents/")
    assert await seeding.attach(registry, folder) == []
    assert await registry.text(seeding.thing_id("documents", "900_test")) == body
