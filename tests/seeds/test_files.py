"""Reading seed files: what is wrong is told with its file, table and key, and what to do; short forms; `cite`."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from service import seeding
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.compensation import SetCompensation
from service.domain.agreement.term import SetTerm
from service.domain.decider import Ref
from service.domain.document.parts import PassOver
from service.domain.values import Magnitude, Period, UncertainDate
from service.registry import Registry
from service.seeding.file import short_citation

HASH = "0" * 64
DOCUMENT = f"""
[document]
kind = "press"
language = "zh"
sha256 = "{HASH}"
length = 1000
basis = "curated"
"""
PARTY = f"""
[[party]]
key = "甲市"
kind = "city"
name = "甲市"
cite = ["1-3 {HASH}"]
"""


def write(folder: Path, text: str) -> Path:
    """A seed file."""
    path = folder / "900_small.toml"
    path.write_text(text, encoding="utf-8")
    return path


WRONG = [
    ("[document", ["900_small.toml: this is not TOML", "at end of document"]),
    ("x = 1", ["[document] is missing"]),
    (DOCUMENT.replace("language", "langage"), ["[document]", "no field langage; did you mean language?"]),
    (DOCUMENT.replace('kind = "press"', ""), ["[document] 900_small: kind is missing"]),
    (DOCUMENT.replace('"press"', '"pres"'), ["[document] 900_small, kind: Invalid enum value 'pres'"]),
    (DOCUMENT.replace("length = 1000\n", ""), ["sha256 and length"]),
    (DOCUMENT.replace('basis = "curated"', ""), ["[document] 900_small: a fact without basis needs cite"]),
    ('basis = "sure"' + DOCUMENT, ["900_small.toml: basis: there is no basis sure; there are curated"]),
    (DOCUMENT + "[[partie]]", ["[partie]: there is no table partie; did you mean party?"]),
    (DOCUMENT + "[[party]]\nname = 1", ["[[party]] 1: a thing needs a key"]),
    (DOCUMENT + PARTY + PARTY, ["[party] 甲市: two tables have this key"]),
    (DOCUMENT + PARTY.replace("1-3", "3-1"), ["[party] 甲市", "start lies before end"]),
    (DOCUMENT + PARTY.replace("1-3", "1-130"), ["[party] 甲市", "more than 120 code points says why"]),
    (DOCUMENT + PARTY.replace(HASH, "12"), ["[party] 甲市, cite: '1-3 12': cite is START-END SHA256"]),
    (DOCUMENT + PARTY.replace("1-3", "77:1-3"), ["which document is '77'? the files are 900_small"]),
    (DOCUMENT + PARTY + "parent = 3", ["[party] 甲市, parent: a key is a text in quotes, not 3"]),
    (DOCUMENT + PARTY + 'aliases = [{ alais = "甲" }]', ["甲市, aliases 1, alais: there is no field alais; did you"]),
    (DOCUMENT + PARTY + "aliases = [{ alias = 3 }]", ["甲市, aliases 1, alias: 3 stands where a table is needed"]),
    (DOCUMENT + PARTY + "aliases = [3]", ["甲市, aliases 1: 3 stands where a table is needed"]),
    (
        DOCUMENT + PARTY.replace('name = "甲市"', 'name = { is = "甲市" }'),
        ["甲市: name is missing", "甲市, name: there is no field told apart by `is` name"],
    ),
    (DOCUMENT + PARTY + 'parent = { is = 3, basis = "inferred" }', ["甲市, parent, parent: a key is a text in quotes"]),
    (
        DOCUMENT + PARTY + 'members = [{ member = "乙", role = { is = 3 } }]',
        ["members 1, role, role: Expected `str | null`"],
    ),
    (DOCUMENT + '[[passed]]\nat = "x"\nreason = "rhetoric"', ["[[passed]] 1, at: 'x': a span is START-END"]),
    (DOCUMENT + '[[passed]]\nreason = "rhetoric"', ["[[passed]] 1: a span is missing"]),
    (DOCUMENT + '[[passed]]\nat = "1-2"\nreason = "bored"', ["[[passed]] 1: Invalid enum value 'bored'"]),
    ('passed = "x"' + DOCUMENT, ["[[passed]] 1: this is 'x', not a table"]),
    ("passed = [3]" + DOCUMENT, ["[[passed]] 1: this is 3, not a table"]),
    ('basis = ["stated"]' + DOCUMENT, ["900_small.toml: basis: there is no basis ['stated']; did you mean stated?"]),
    ('on_conflict = ["propose"]' + DOCUMENT, ["on_conflict: ['propose'] is neither refuse nor propose"]),
    (
        DOCUMENT
        + """
        [[discrepancy]]
        key = "名称"
        what = "x"
        claims = [
            { subject = "parties/甲市", subject_part = "header", field = ["name"], value = "甲" },
            { subject = "parties/甲市", text = "乙" },
        ]
        """,
        ["[discrepancy] 名称, claims[0].field: Expected `str | null`, got `array`"],
    ),
    (DOCUMENT + '[[waiting]]\nat = "1-2"\nfor = "plan"', ["[waiting]: there is no table waiting; there are"]),
    (
        DOCUMENT
        + f"""
        [[agreement]]
        key = "协议"
        kinds = ["supply"]
        title = "协议"
        cite = ["1-2 {HASH}"]
        clauses = [{{ id = "一", text = "x" }}, {{ id = "一", text = "y" }}]
        links = [{{ relation = "implements", target = "甲市" }}]
        """,
        ["clauses 2: two clauses have the id '一'", "links 1, target: '甲市': name a thing as agreements/KEY"],
    ),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(seeding.SeedError) as caught:
        seeding.load(write(tmp_path, text))
    for words in told:
        assert words in str(caught.value)
    assert all(line.startswith("900_small.toml: ") for line in str(caught.value).splitlines())


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "900_small.toml"
    path.write_bytes(b"[document]\n\xff")
    with pytest.raises(seeding.SeedError, match="byte 11 is not UTF-8"):
        seeding.load(path)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(seeding.SeedError) as caught:
        seeding.load(write(tmp_path, DOCUMENT + PARTY.replace('"city"', '"town"') + "[[partie]]"))
    assert len(str(caught.value).splitlines()) == 2


async def test_refusals_are_told_in_the_files_words(registry: Registry, tmp_path: Path) -> None:
    async def refused(text: str) -> str:
        with pytest.raises(seeding.SeedError) as caught:
            await seeding.seed(registry, [write(tmp_path, DOCUMENT + text)])
        return str(caught.value)

    misspelt = PARTY + PARTY.replace("甲市", "乙县") + 'parent = "甲是"'
    assert "[party] 乙县: parties/甲是 is nowhere: did you mean 甲市?" in await refused(misspelt)
    assert "[party] 甲市, parent: parties/甲市 is not registered" in await refused(PARTY + 'parent = "甲市"')
    outside = await refused(PARTY.replace("1-3", "999-1003"))
    assert "[party] 甲市, citations 0 end: This ends at 1003" in outside
    assert "documents/900_small has 1000" in outside
    parent = f"""
    [[agreement]]
    key = "协议"
    title = "协议"
    cite = ["1-2 {HASH}"]
    clauses = [{{ id = "一", text = "x", parent = "二" }}]
    """
    assert "[agreement] 协议, clauses 1, parent: There is no clauses/二 in agreements/协议." in await refused(parent)
    assert await registry.head() == 0


def test_a_wrong_hash_is_told_with_the_right_one(tmp_path: Path) -> None:
    text = "甲市与乙市" * 10
    with pytest.raises(seeding.SeedError, match="cite 1-3: other words stand there") as caught:
        seeding.load(write(tmp_path, DOCUMENT + PARTY), text)
    assert short_citation(text, 1, 3) in str(caught.value)


async def test_a_wrong_hash_is_refused_where_the_text_is_held(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    body = "甲市与乙市" * 10
    (folder / "a.txt").write_text(body, encoding="utf-8")
    document = DOCUMENT.replace("1000", str(len(body))).replace(HASH, hashlib.sha256(body.encode()).hexdigest())
    await seeding.seed(registry, [write(tmp_path, document)])
    assert len(await seeding.attach(registry, folder)) == 1
    with pytest.raises(seeding.SeedError, match=r"\[party\] 甲市, citations 0 sha256: The sha256 is not that"):
        await seeding.seed(registry, [write(tmp_path, document + PARTY)])
    good = document + PARTY.replace(f"1-3 {HASH}", seeding.cite(body, "甲市", 2))
    [report] = await seeding.seed(registry, [write(tmp_path, good)])
    assert report.events == 1


def test_short_forms(tmp_path: Path) -> None:
    text = f"""
    [[agreement]]
    key = "协议"
    kinds = ["ecological_compensation"]
    title = {{ printed = "協議", simplified = "协议" }}
    term.period = {{ starts = 2021-02-06, ends = {{ latest = 2025-12-31, printed = "2025年底前" }} }}
    compensation = [{{ id = "断面", rates = [{{ condition = "Ⅲ类", amount = "0.5 亿元", payer = "甲市" }}] }}]
    cite = ["1-2 {HASH}", {{ at = "900:10-200 {HASH}", why = "one long list" }}]
    [[passed]]
    at = ["5-9", "1-3"]
    reason = "boilerplate"
    """
    seed = seeding.load(write(tmp_path, DOCUMENT + text))
    by_field = {wish.field: wish.command for wish in seed.wishes}
    assert [(c.start, c.why) for c in by_field["agreements"].citations] == [(1, None), (10, "one long list")]
    term = by_field["term"]
    assert isinstance(term, SetTerm)
    assert isinstance(term.period, Period)
    assert term.period.starts == UncertainDate.day(date(2021, 2, 6))
    assert term.citations == by_field["agreements"].citations
    rule = by_field["compensation"]
    assert isinstance(rule, SetCompensation)
    assert rule.rates[0].amount == Magnitude(value="0.5", unit="亿元", bound="exact")
    assert rule.rates[0].payer == seeding.thing_id("parties", "甲市")
    passed = by_field["passed"]
    assert isinstance(passed, PassOver)
    assert [span.start for span in passed.spans] == [1, 5]


def test_what_a_fact_rests_on(tmp_path: Path) -> None:
    text = f"""
    basis = "stated"
    {DOCUMENT}
    [document.title]
    is = "題"
    cite = "1-2 {HASH}"
    [[party]]
    key = "甲市"
    kind = "city"
    name = {{ printed = "甲", restored = "甲市" }}
    basis = "restored"
    note = "只写简称"
    cite = "1-3 {HASH}"
    parent = {{ is = "乙省", note = "据名称" }}
    aliases = [
      {{ alias = "甲", cite = "4-5 {HASH}" }},
      {{ alias = "甲城", sorts = {{ is = ["spun"], basis = "curated" }} }},
    ]
    [[agreement]]
    key = "协议"
    called = "甲乙协议"
    basis = "curated"
    kinds = {{ is = ["supply"], cite = "6-7 {HASH}", basis = "inferred" }}
    [[agreement.clauses]]
    id = "一"
    text = "x"
    cite = "7-8 {HASH}"
    obligation = {{ obligors = ["甲市"], cite = "8-9 {HASH}" }}
    """
    seed = seeding.load(write(tmp_path, text))
    told = [(w.field, w.command.basis, w.command.note, [c.start for c in w.command.citations]) for w in seed.wishes]
    assert told == [
        ("documents", "curated", None, []),
        ("parties", "restored", "只写简称", [1]),
        ("agreements", "curated", None, []),
        ("title", "stated", None, [1]),
        ("parent", "restored", "据名称", [1]),
        ("aliases", "stated", None, [4]),
        ("aliases", "restored", "只写简称", [1]),
        ("sorts", "curated", "只写简称", [1]),
        ("kinds", "inferred", None, [6]),
        ("clauses", "stated", None, [7]),
    ]
    clause = seed.wishes[-1].command
    assert isinstance(clause, RecordClause)
    assert clause.obligation is not None
    assert (clause.obligation.basis, seed.counts()["obligation"], seed.citations) == ("stated", 1, 9)
    alone = [wish.command for wish in seed.wishes if wish.field in {"title", "parent", "sorts", "kinds"}]
    assert [type(command).__name__ for command in alone] == ["Describe", "Reparent", "RecordAlias", "Describe"]
    without = seeding.load(write(tmp_path, text.replace('basis = "stated"\n', "", 1)))
    assert [wish.command.basis for wish in without.wishes if wish.field == "clauses"] == [None]


async def test_a_document_cites_itself(registry: Registry, tmp_path: Path) -> None:
    cited = DOCUMENT.replace('basis = "curated"', f'title = "題"\ncite = "1-2 {HASH}"')
    await seeding.seed(registry, [write(tmp_path, cited)])
    ref = Ref("documents", seeding.thing_id("documents", "900_small"))
    header = (await registry.read([ref]))[ref].base.header
    assert [citation.start for source in header.sources for citation in source.citations] == [1, 1]
    with pytest.raises(seeding.SeedError, match="This ends at 1001"):
        await seeding.seed(registry, [write(tmp_path, cited.replace("1-2", "999-1001"))])


def test_cite() -> None:
    text = "甲市与乙市签署\n\n协议。丙市也签署协议。"
    assert seeding.cite(text, "乙市") == short_citation(text, 3, 5)
    assert seeding.cite(text, "签署协议", 1) == short_citation(text, 5, 11)
    assert seeding.cite(text, "签署协议", 2).startswith("15-19 ")
    with pytest.raises(seeding.SeedError, match="2 times") as caught:
        seeding.cite(text, "签署协议")
    first, second = str(caught.value).splitlines()[1:]
    assert first.startswith(f"1: {short_citation(text, 5, 11)} 甲市与乙市[签署 协议]")
    assert second.endswith("[签署协议]。")
    with pytest.raises(seeding.SeedError, match="do not occur"):
        seeding.cite(text, "丁市")
    with pytest.raises(seeding.SeedError, match="occurrence is 1 to 2"):
        seeding.cite(text, "签署协议", 3)
    with pytest.raises(seeding.SeedError, match="empty"):
        seeding.cite(text, " \n")
