"""An altered seed file: new facts are commands, altered ones corrections, missing ones voided, others' work stays."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from service import seeding
from service.config import room
from service.domain.agreement.clauses import AmendClause
from service.domain.decider import Correct, Ref
from service.domain.party.identity import RecordAlias, Rename
from service.domain.values import PrintedName
from service.registry import DECODERS, Order, Registry
from service.store.line import decode

NAME = "000_2b54accc30514206.toml"
SHIPPED = (room("seeds") / NAME).read_text(encoding="utf-8")
SOMEBODY = uuid4()
HASH = "0" * 64
DOCUMENT = f"""
[document]
kind = "press"
language = "zh"
sha256 = "{HASH}"
length = 1000
basis = "curated"
"""
PAIR = f"""
[[party]]
key = "甲市"
kind = "city"
name = "甲市"
cite = ["1-3 {HASH}"]

[[party.aliases]]
alias = "甲"
sort = "short"
cite = ["5-6 {HASH}"]

[[party]]
key = "乙市"
kind = "city"
name = "乙市"
cite = ["7-9 {HASH}"]
"""
PACT = f"""
[[agreement]]
key = "甲乙协议"
title = "协议"
signatories = [{{ party = "甲市" }}, {{ party = "乙市" }}]
cite = ["10-12 {HASH}"]

[[agreement.clauses]]
id = "一"
text = "互通"
obligation = {{ obligors = ["甲市"] }}
cite = ["12-14 {HASH}"]
"""


class File:
    """A seed file that a test writes anew."""

    def __init__(self, folder: Path, registry: Registry, name: str) -> None:
        self.path = folder / name
        self.registry = registry

    async def seed(self, text: str) -> seeding.Report:
        """Seed the file with that text."""
        self.path.write_text(text, encoding="utf-8")
        [report] = await seeding.seed(self.registry, [self.path])
        return report

    async def new(self, after: int) -> list[dict[str, Any]]:
        """The lines after a position, the file's own record aside."""
        found = [line async for chunk in self.registry.lines(after=after) for line in chunk]
        decoded = [msgspec.json.decode(line) for line in found]
        return [line for line in decoded if line["type"] != "registry.seeded"]


@pytest.fixture
def shipped(tmp_path: Path, registry: Registry) -> File:
    """The file that ships."""
    return File(tmp_path, registry, NAME)


@pytest.fixture
def small(tmp_path: Path, registry: Registry) -> File:
    """A small file."""
    return File(tmp_path, registry, "900_small.toml")


@pytest.fixture
def second(tmp_path: Path, registry: Registry) -> File:
    """Another file."""
    return File(tmp_path, registry, "901_second.toml")


async def state(registry: Registry, category: str, key: str) -> Any:
    """A thing's state now, by its key."""
    ref = Ref(category, seeding.thing_id(category, key))
    return (await registry.read([ref]))[ref].base


async def test_the_shipped_file_altered(shipped: File) -> None:
    await shipped.seed(SHIPPED)
    head = await shipped.registry.head()
    altered = SHIPPED.replace("两市统一电话区号和移动网络。", "两市的电话区号与移动网络合而为一。")
    altered = altered.replace('alias = "银座"', 'alias = "银座商城"')
    altered = altered.replace('owed = "each"\n', "")
    report = await shipped.seed(altered)
    assert (report.events, report.corrected, report.voided, report.left) == (4, 2, 1, ())
    new = await shipped.new(head)
    assert Counter((line["type"], line["cause"]) for line in new) == {
        ("party.alias_recorded", "change"): 1,
        ("party.voided", "correction"): 1,
        ("agreement.clause_recorded", "correction"): 2,
    }
    assert all(line["reason"] for line in new if line["cause"] == "correction")
    party = await state(shipped.registry, "parties", "山东银座商城股份有限公司")
    assert list(party.aliases) == ["银座商城"]
    agreement = await state(shipped.registry, "agreements", "济聊战略合作框架协议")
    texts = {clause.text for clause in agreement.clauses.values()}
    assert "两市的电话区号与移动网络合而为一。" in texts
    assert len(agreement.clauses) == 21
    back = await shipped.seed(SHIPPED)
    assert (back.corrected, back.voided, back.events) == (2, 1, 4)
    assert list((await state(shipped.registry, "parties", "山东银座商城股份有限公司")).aliases) == ["银座"]


async def test_a_comment_changes_no_fact(shipped: File) -> None:
    await shipped.seed(SHIPPED)
    head = await shipped.registry.head()
    report = await shipped.seed(SHIPPED + "\n# read again\n")
    assert report.events == 0
    assert await shipped.new(head) == []
    assert await shipped.registry.head() == head + 1  # The file's new hash.


async def test_things_added_and_taken_away(small: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    added = await small.seed(DOCUMENT + PAIR + PACT)
    assert (added.events, added.corrected, added.voided) == (4, 0, 0)
    gone = await small.seed(DOCUMENT + PAIR)
    assert (gone.events, gone.corrected, gone.voided) == (4, 0, 4)
    assert (await state(small.registry, "agreements", "甲乙协议")).header is None
    again = await small.seed(DOCUMENT + PAIR + PACT)
    assert (again.events, again.voided) == (4, 0)
    assert len((await state(small.registry, "agreements", "甲乙协议")).signatories) == 2


async def test_a_new_citation_alone_is_a_correction(small: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    report = await small.seed((DOCUMENT + PAIR).replace(f'["5-6 {HASH}"]', f'["5-6 {HASH}", "20-21 {HASH}"]'))
    assert (report.events, report.corrected) == (1, 1)
    [source] = (await state(small.registry, "parties", "甲市")).aliases["甲"].sources
    assert [citation.start for citation in source.citations] == [5, 20]


async def correct(registry: Registry, ref: Ref, type: str, command: Any) -> None:
    """Somebody corrects the stream's event of that type by what `command` makes of it."""
    lines = [line async for chunk in registry.lines(subject=ref) for line in chunk]
    record = next(found for found in (decode(line, DECODERS)[2] for line in lines) if found.event.type == type)
    event = msgspec.structs.replace(record.event, **command)
    correction = Correct(corrects=record.sequence, reason="known better", event=event)
    await registry.execute([Order(ref=ref, command=correction)], actor=SOMEBODY)


async def test_what_somebody_else_corrected_is_left_alone(small: File) -> None:
    await small.seed(DOCUMENT + PAIR + PACT)
    ref = Ref("agreements", seeding.thing_id("agreements", "甲乙协议"))
    await correct(small.registry, ref, "agreement.clause_recorded", {"text": "互通有无"})
    head = await small.registry.head()
    altered = (
        (DOCUMENT + PAIR + PACT).replace('text = "互通"', 'text = "相通"').replace('alias = "甲"', 'alias = "甲城"')
    )
    report = await small.seed(altered)
    assert [line["type"] for line in await small.new(head)] == ["party.voided", "party.alias_recorded"]
    [left] = report.left
    assert "900_small.toml: [agreement] 甲乙协议, clauses 1" in left
    assert str(SOMEBODY) in left
    assert "left alone" in report.told()
    [clause] = (await state(small.registry, "agreements", "甲乙协议")).clauses.values()
    assert clause.text == "互通有无"
    removed = altered.partition("[[agreement.clauses]]")[0]
    report = await small.seed(removed)
    assert len(report.left) == 1
    assert report.events == 0


async def test_what_somebody_else_changed_since_holds_on(small: File) -> None:
    await small.seed(DOCUMENT + PAIR + PACT)
    key = "甲乙协议"
    ref = Ref("agreements", seeding.thing_id("agreements", key))
    amend = AmendClause(clause=seeding.part_id(ref.id, "一"), text="互通有无", basis="curated")
    await small.registry.execute([Order(ref=ref, command=amend)], actor=SOMEBODY)
    altered = PACT.replace('text = "互通"', 'text = "相通"\nheading = "往来"')
    report = await small.seed(DOCUMENT + PAIR + altered)
    assert report.corrected == 1
    [left] = report.left
    assert "clauses 1: agreement.clause_amended of accounts/" in left
    [clause] = (await state(small.registry, "agreements", key)).clauses.values()
    assert (clause.text, clause.heading) == ("互通有无", "往来")


async def test_what_somebody_else_built_on_is_not_voided(small: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    ref = Ref("parties", seeding.thing_id("parties", "乙市"))
    renamed = Rename(name=PrintedName(printed="乙州"), basis="curated")
    await small.registry.execute([Order(ref=ref, command=renamed)], actor=SOMEBODY)
    report = await small.seed(DOCUMENT + PAIR.partition('[[party]]\nkey = "乙市"')[0])
    assert report.events == 0
    [left] = report.left
    assert "parties/乙市" in left or str(ref.id) in left
    assert (await state(small.registry, "parties", "乙市")).header.name.printed == "乙州"


async def test_a_second_file_attests(small: File, second: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    head = await small.registry.head()
    report = await second.seed(DOCUMENT + PAIR.replace("1-3", "31-33").replace("5-6", "35-36").replace("7-9", "37-39"))
    assert [line["type"] for line in await small.new(head)] == ["document.registered", *["party.attested"] * 3]
    assert report.events == 4
    header = (await state(small.registry, "parties", "甲市")).header
    documents = [citation.document for source in header.sources for citation in source.citations]
    assert documents == [seeding.thing_id("documents", key) for key in ("900_small", "901_second")]
    # The second file's citation altered, then one dropped; the first file's facts stand.
    moved = DOCUMENT + PAIR.replace("1-3", "41-43").replace("5-6", "35-36").replace("7-9", "37-39")
    report = await second.seed(moved)
    assert (report.events, report.voided) == (2, 1)
    header = (await state(small.registry, "parties", "甲市")).header
    starts = [citation.start for source in header.sources for citation in source.citations]
    assert starts == [1, 41]
    report = await second.seed(DOCUMENT)
    assert (report.events, report.voided, report.left) == (3, 3, ())
    header = (await state(small.registry, "parties", "甲市")).header
    assert [citation.start for source in header.sources for citation in source.citations] == [1]


async def test_more_about_a_thing_of_another_file(small: File, second: File) -> None:
    await small.seed(DOCUMENT + PAIR + PACT)
    more = f"""
    [[party]]
    key = "甲市"
    [[party.aliases]]
    alias = "甲州"
    cite = ["50-52 {HASH}"]
    [[agreement]]
    key = "甲乙协议"
    [[agreement.amend_clause]]
    clause = "一"
    text = "互通互联"
    effective = 2020-01-02
    instrument = "补充协议"
    instrument_clause = "一"
    cite = ["52-54 {HASH}"]
    [[agreement]]
    key = "补充协议"
    title = "补充协议"
    links = [{{ relation = "amends", target = "agreements/甲乙协议" }}]
    clauses = [{{ id = "一", text = "改第一条" }}]
    cite = ["54-58 {HASH}"]
    """
    await second.seed(DOCUMENT + more)
    [clause] = (await state(small.registry, "agreements", "甲乙协议")).clauses.values()
    amending = seeding.thing_id("agreements", "补充协议")
    assert (clause.text, clause.amended_by) == ("互通互联", amending)
    assert clause.amending_clause == seeding.part_id(amending, "一")
    report = await second.seed(DOCUMENT + more.replace("互通互联", "联通"))
    assert (report.events, report.corrected) == (1, 1)
    [clause] = (await state(small.registry, "agreements", "甲乙协议")).clauses.values()
    assert clause.text == "联通"
    report = await second.seed(DOCUMENT + more.partition("[[agreement]]")[0])
    assert report.voided == 4
    [clause] = (await state(small.registry, "agreements", "甲乙协议")).clauses.values()
    assert clause.text == "互通"


async def test_a_fact_that_somebody_else_told_too_is_not_told_twice(small: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    ref = Ref("parties", seeding.thing_id("parties", "乙市"))
    told = RecordAlias(alias=PrintedName(printed="乙"), sort="short", basis="curated")
    await small.registry.execute([Order(ref=ref, command=told)], actor=SOMEBODY)
    head = await small.registry.head()
    alias = f'aliases = [{{ alias = "乙", sort = "short" }}]\ncite = ["7-9 {HASH}"]'
    report = await small.seed(DOCUMENT + PAIR.replace(f'cite = ["7-9 {HASH}"]', alias))
    assert [line["type"] for line in await small.new(head)] == ["party.attested"]
    assert report.events == 1
    assert (await small.seed(DOCUMENT + PAIR)).voided == 1


async def test_all_or_nothing(small: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    head = await small.registry.head()
    wrong = PACT.replace('party = "甲市"', 'party = "丙市"')
    with pytest.raises(seeding.SeedError, match="丙市 is nowhere"):
        await small.seed(DOCUMENT + PAIR.replace('alias = "甲"', 'alias = "甲城"') + wrong)
    assert await small.registry.head() == head
