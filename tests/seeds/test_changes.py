"""An altered seed file: new facts are commands, altered ones corrections, missing ones voided, others' work stays."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from service import seeding
from service.config import room
from service.domain.agreement.amendments import AmendClause
from service.domain.agreement.life import Terminate
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
sorts = ["short"]
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
    altered = altered.replace('manner = "mutual"\n', "")
    report = await shipped.seed(altered)
    assert (report.events, report.corrected, report.voided, report.left) == (4, 2, 1, ())
    new = await shipped.new(head)
    assert Counter((line["type"], line["cause"]) for line in new) == {
        ("party.alias_recorded", "change"): 1,
        ("party.voided", "correction"): 1,
        ("agreement.clause_recorded", "correction"): 1,
        ("agreement.obligation_recorded", "correction"): 1,
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
    assert (added.events, added.corrected, added.voided) == (5, 0, 0)
    gone = await small.seed(DOCUMENT + PAIR)
    assert (gone.events, gone.corrected, gone.voided) == (5, 0, 5)
    assert (await state(small.registry, "agreements", "甲乙协议")).header is None
    again = await small.seed(DOCUMENT + PAIR + PACT)
    assert (again.events, again.voided) == (5, 0)
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
    assert (report.events, report.voided) == (1, 1)
    [clause] = (await state(small.registry, "agreements", "甲乙协议")).clauses.values()
    assert (clause.text, clause.obligors) == ("互通有无", ())
    report = await small.seed(removed.partition("[[agreement]]")[0])
    assert [line.partition(", ")[2].partition(":")[0] for line in report.left] == [
        "agreement.clause_recorded",
        "agreement.registered",
    ]
    assert report.voided == 2


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
    new = [line["type"] for line in await small.new(head)]
    assert new == ["document.registered", "document.text_captured", *["party.attested"] * 3]
    assert report.events == 5
    header = (await state(small.registry, "parties", "甲市")).header
    documents = [citation.document for source in header.sources for citation in source.citations]
    assert documents == [seeding.thing_id("documents", key) for key in ("900_small", "901_second")]
    # The second file's citation altered, then one dropped; the first file's facts stand.
    moved = DOCUMENT + PAIR.replace("1-3", "41-43").replace("5-6", "35-36").replace("7-9", "37-39")
    report = await second.seed(moved)
    assert (report.events, report.corrected) == (1, 1)
    header = (await state(small.registry, "parties", "甲市")).header
    starts = [citation.start for source in header.sources for citation in source.citations]
    assert starts == [1, 41]
    report = await second.seed(DOCUMENT)
    assert (report.events, report.voided, report.left) == (3, 3, ())
    header = (await state(small.registry, "parties", "甲市")).header
    assert [citation.start for source in header.sources for citation in source.citations] == [1]


async def test_what_another_file_says_too_is_not_voided(small: File, second: File) -> None:
    await small.seed(DOCUMENT + PAIR)
    await second.seed(DOCUMENT + PAIR.replace("1-3", "31-33").replace("5-6", "35-36").replace("7-9", "37-39"))
    report = await small.seed(
        DOCUMENT
        + PAIR.replace('[[party.aliases]]\nalias = "甲"\nsorts = ["short"]', "[[party.aliases]]\nalias = '甲城'")
    )
    assert (report.events, report.voided) == (1, 0)
    [left] = report.left
    assert "party.alias_recorded: the file says it no more, but event" in left
    assert set((await state(small.registry, "parties", "甲市")).aliases) == {"甲", "甲城"}


async def test_what_is_told_besides_is_told_alone(small: File) -> None:
    await small.seed(DOCUMENT + PAIR + PACT.replace('obligation = { obligors = ["甲市"] }\n', ""))
    ref = Ref("agreements", seeding.thing_id("agreements", "甲乙协议"))
    await correct(small.registry, ref, "agreement.clause_recorded", {"text": "互通有无"})
    parted = PAIR.replace('name = "乙市"', 'name = "乙市"\nparent = "甲市"')
    report = await small.seed(DOCUMENT + parted + PACT.replace('title = "协议"', 'title = "协议"\nkinds = ["supply"]'))
    assert (report.events, report.corrected, report.voided, len(report.left)) == (3, 0, 0, 1)
    agreement = await state(small.registry, "agreements", "甲乙协议")
    assert set(agreement.kinds) == {"supply"}
    [clause] = agreement.clauses.values()
    assert (clause.text, clause.obligors) == ("互通有无", (seeding.thing_id("parties", "甲市"),))
    assert (await state(small.registry, "parties", "乙市")).header.parent == seeding.thing_id("parties", "甲市")
    assert (await small.seed(DOCUMENT + PAIR + PACT)).voided == 2


async def test_fields_told_apart_are_matched_by_what_they_tell(small: File) -> None:
    apart = (
        DOCUMENT
        + f"""
    [document.segments]
    parts = [{{ key = "1", spans = ["0-9"] }}]
    [[document.parts]]
    key = "1"
    genre = "report"
    title = {{ is = "题", cite = "1-2 {HASH}" }}
    date = {{ is = 2020-01-01, cite = "3-4 {HASH}" }}
    """
    )
    await small.seed(apart)
    moved = apart.replace("3-4", "5-6").replace(f'title = {{ is = "题", cite = "1-2 {HASH}" }}', "")
    report = await small.seed(moved)
    assert (report.events, report.corrected, report.voided) == (2, 1, 1)
    [part] = (await state(small.registry, "documents", "900_small")).parts.values()
    assert (part.title, part.genre) == (None, "report")
    assert [citation.start for source in part.sources for citation in source.citations] == [5]


async def test_a_fact_told_twice_in_a_file_is_recorded_and_attested(small: File) -> None:
    twice = (
        PAIR
        + f"""
    [[party.aliases]]
    alias = "乙"
    cite = ["20-21 {HASH}"]
    [[party.aliases]]
    alias = "乙"
    cite = ["22-23 {HASH}"]
    """
    )
    report = await small.seed(DOCUMENT + twice)
    assert report.events == 7
    assert (await small.seed(DOCUMENT + twice + "# read again")).events == 0
    report = await small.seed(DOCUMENT + twice.replace("22-23", "24-25"))
    assert (report.events, report.corrected) == (1, 1)
    [source, attested] = (await state(small.registry, "parties", "乙市")).aliases["乙"].sources
    assert attested.attests == source.sequence
    assert [citation.start for citation in attested.citations] == [24]


RESTATED = (Path(__file__).parent / "data" / "901_restated.toml").read_text(encoding="utf-8")


async def test_what_the_shipped_file_says_is_attested_and_learnt_by_another(shipped: File, second: File) -> None:
    await shipped.seed(SHIPPED)
    head = await shipped.registry.head()
    report = await second.seed(RESTATED)
    new = await shipped.new(head)
    assert Counter(line["type"] for line in new) == {
        "document.registered": 1,
        "document.text_captured": 1,
        "party.attested": 5,
        "party.alias_recorded": 2,
        "party.identified": 1,
        "party.member_described": 1,
        "party.office_holder_seen": 1,
        "agreement.attested": 3,
        "agreement.described": 1,
        "agreement.clause_described": 1,
        "agreement.obligation_recorded": 1,
    }
    assert report.events == len(new)
    assert all(line["cause"] == "change" for line in new)
    city = await state(shipped.registry, "parties", "聊城市")
    assert [source.basis for source in city.header.sources] == ["stated", "stated", "inferred", "stated"]
    assert set(city.aliases) == {"聊城", "江北水城"}
    committee = await state(shipped.registry, "parties", "济南市委")
    assert sum(holder.person.name.printed == "王敏" for holder in committee.holders.values()) == 2
    region = await state(shipped.registry, "parties", "西部经济隆起带")
    [member] = region.members.values()
    assert member.role == "成员市"
    agreement = await state(shipped.registry, "agreements", "济聊战略合作框架协议")
    assert agreement.header.instruments == 2
    clause = agreement.clauses[str(seeding.part_id(seeding.thing_id("agreements", "济聊战略合作框架协议"), "四.1"))]
    assert (clause.label, clause.due.printed) == ("第十一条", "2015年底前")
    assert len(clause.obligors) == 2


async def test_a_restating_file_altered_leaves_the_other_ones_facts(shipped: File, second: File) -> None:
    await shipped.seed(SHIPPED)
    await second.seed(RESTATED)
    assert (await second.seed(RESTATED + "\n# read again\n")).events == 0
    assert (await shipped.seed(SHIPPED + "\n# read again\n")).events == 0
    altered = RESTATED.replace("instruments = 2", "instruments = 3").replace("20-26", "21-27")
    report = await second.seed(altered)
    # The parent, the name and the code rest on the same words.
    assert (report.events, report.corrected, report.voided, report.left) == (4, 4, 0, ())
    agreement = await state(shipped.registry, "agreements", "济聊战略合作框架协议")
    assert agreement.header.instruments == 3
    report = await second.seed(RESTATED.partition("[[party]]")[0])
    assert (report.events, report.voided, report.left) == (16, 16, ())
    header = (await state(shipped.registry, "parties", "聊城市")).header
    assert [source.basis for source in header.sources] == ["stated", "inferred"]


async def test_more_is_told_of_a_party_renamed_meanwhile(shipped: File, second: File) -> None:
    await shipped.seed(SHIPPED)
    ref = Ref("parties", seeding.thing_id("parties", "聊城市"))
    renamed = Rename(name=PrintedName(printed="聊州市"), basis="curated")
    await shipped.registry.execute([Order(ref=ref, command=renamed)], actor=SOMEBODY)
    await second.seed(RESTATED.replace('kind = "city"\nname = "聊城市"\nparent = "山东省"\n', ""))
    party = await state(shipped.registry, "parties", "聊城市")
    assert party.header.name.printed == "聊州市"
    assert set(party.aliases) == {"聊城", "江北水城"}
    report = await shipped.seed(SHIPPED.replace('alias = "聊城"\n', 'alias = "聊城"\nbasis = "restored"\n'))
    assert (report.events, report.corrected, report.left) == (1, 1, ())
    assert (await state(shipped.registry, "parties", "聊城市")).header.name.printed == "聊州市"


async def test_what_came_to_its_end_meanwhile_is_still_corrected(small: File) -> None:
    await small.seed(DOCUMENT + PAIR + PACT)
    ref = Ref("agreements", seeding.thing_id("agreements", "甲乙协议"))
    await small.registry.execute([Order(ref=ref, command=Terminate(basis="curated"))], actor=SOMEBODY)
    report = await small.seed(DOCUMENT + PAIR + PACT.replace('text = "互通"', 'text = "相通"'))
    assert (report.events, report.corrected, report.left) == (1, 1, ())


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
    instrument_part = "clauses/一"
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
    assert clause.amending_part == f"clauses/{seeding.part_id(amending, '一')}"
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
    told = RecordAlias(alias=PrintedName(printed="乙"), sorts=("short",), basis="curated")
    await small.registry.execute([Order(ref=ref, command=told)], actor=SOMEBODY)
    head = await small.registry.head()
    alias = f'aliases = [{{ alias = "乙", sorts = ["short"] }}]\ncite = ["7-9 {HASH}"]'
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
