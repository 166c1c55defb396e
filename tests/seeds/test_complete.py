"""Every seed file against its document: each citation is that of the words, and no word is left out.

The documents belong to their publishers and are not here: MENGFU_DOCUMENTS names the folder that holds them.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from service import seeding
from service.config import room
from service.domain.decider import Command
from service.domain.document import Register as RegisterDocument
from service.domain.document.derivation import boilerplate, words
from service.domain.document.offsets import find
from service.domain.document.parts import PassOver, Segment
from service.domain.party import Register as RegisterParty
from service.domain.references import references
from service.domain.values import (
    WIDE,
    Citation,
    Magnitude,
    Period,
    Person,
    PrintedName,
    Quantity,
    UncertainDate,
)
from service.registry import Registry
from tests.seeds.reading import read

FILES = sorted(room("seeds").glob("*.toml"))
COPIED = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\u2018-\u201f0-9,.;:()%-]+")
"""A run of Chinese text, its punctuation and figures."""
PERSON = re.compile(r'\bname = "[^"]*", title = "[^"]*"')
"""Somebody with a title as printed: a fact, however long it is."""
LONGEST = 25
LEAST = 2000
"""Facts that rest on words of the documents, whatever is passed over."""


def document(path: Path) -> str:
    """The text that a seed file's facts are taken from; without it the test is left out."""
    folder = os.environ.get("MENGFU_DOCUMENTS")
    if not folder:
        pytest.skip("MENGFU_DOCUMENTS names no folder of documents, so seeds are not compared with their texts")
    body = Path(folder, f"{path.stem}.txt").read_bytes()
    return body.decode()


def citations(seed: seeding.SeedFile) -> Iterator[Citation]:
    """Every citation of the file's own document."""
    for wish in seed.wishes:
        for _, found in references(wish.command):
            if isinstance(found, Citation) and found.document == seed.document.id:
                yield found


def gaps(text: str, told: list[bool]) -> list[str]:
    """The stretches of text that nothing covers, with their offsets."""
    found, start = [], None
    for index in range(len(text) + 1):
        bare = index < len(text) and not told[index] and not text[index].isspace()
        if bare and start is None:
            start = index
        if not bare and start is not None:
            found.append(f"{start}-{index} {text[start:index]}")
            start = None
    return found


def test_there_is_a_file() -> None:
    assert FILES


def test_the_documents_yield_their_facts() -> None:
    cited = [wish for path in FILES for wish in seeding.load(path).wishes if wish.command.citations]
    assert len(cited) >= LEAST


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_citations_are_narrow(path: Path) -> None:
    cited = list(citations(seeding.load(path)))
    assert cited
    assert [c for c in cited if c.start is not None and (c.end or 0) - c.start > WIDE and c.why is None] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_citation_is_that_of_its_words(path: Path) -> None:
    text = document(path)
    seed = seeding.load(path, text)
    [register] = [wish.command for wish in seed.wishes if isinstance(wish.command, RegisterDocument)]
    assert register.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert register.length == len(text)


def cited_words(command: Command) -> str:
    """The words that a fact cites, of whichever document, without blanks."""
    texts = {seeding.thing_id("documents", path.stem): path for path in FILES}
    words = [
        document(texts[found.document])[found.start : found.end]
        for _, found in references(command)
        if isinstance(found, Citation) and found.start is not None
    ]
    return "|".join("".join(one.split()) for one in words)


def printed(value: object) -> Iterator[str]:
    """What a fact says was printed: names, dates, quantities, titles of people."""
    if isinstance(value, tuple):
        for each in value:
            yield from printed(each)
    elif isinstance(value, Struct) and not isinstance(value, Citation):
        if isinstance(value, PrintedName | UncertainDate | Quantity | Magnitude | Period) and value.printed:
            yield value.printed
        if isinstance(value, Person) and value.title:
            yield value.title
        for name in value.__struct_fields__:
            yield from printed(getattr(value, name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_printed_stands_in_the_words_cited(path: Path) -> None:
    """A party's name alone need not: it is told by what is meant where the page has another spelling."""
    told = {
        (wish.where, words)
        for wish in seeding.load(path).wishes
        if wish.command.citations
        for words in printed(wish.command)
        if "".join(words.split()) not in cited_words(wish.command)
        and not (isinstance(wish.command, RegisterParty) and wish.command.basis in {"restored", "inferred"})
    }
    assert told == set()


def dates(value: object) -> Iterator[UncertainDate]:
    """Every date in a fact."""
    if isinstance(value, UncertainDate):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from dates(each)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from dates(getattr(value, name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_date_that_is_not_stated_says_what_it_rests_on(path: Path) -> None:
    """The fact's note speaks of the day, the time or the year."""
    found = [
        (wish.where, wish.command.note or "")
        for wish in seeding.load(path).wishes
        if any(date.basis in {"inferred", "external"} for date in dates(wish.command))
    ]
    assert found
    assert [(where, note) for where, note in found if not re.search("日|年|起止|时间|那天", note)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_citation_cuts_a_number(path: Path) -> None:
    text = document(path)
    cut = re.compile(r"(?<=[0-9])\.?(?=[0-9])")
    inside = {match.end() for match in cut.finditer(text)} | {match.start() for match in cut.finditer(text)}
    assert [(c.start, c.end) for c in citations(seeding.load(path)) if {c.start, c.end} & inside] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_code_point_is_told_of(path: Path) -> None:
    text = document(path)
    seed = seeding.load(path)
    inside, told = [False] * len(text), [False] * len(text)
    spans = [(c.start or 0, c.end or 0) for c in citations(seed)]
    for wish in seed.wishes:
        if isinstance(wish.command, PassOver):
            spans += [(span.start, span.end) for span in wish.command.spans]
        if isinstance(wish.command, Segment):
            for part in wish.command.parts:
                for span in part.spans:
                    inside[span.start : span.end] = [True] * (span.end - span.start)
    for start, end in spans:
        assert end <= len(text)
        told[start:end] = [True] * (end - start)
    assert gaps(text, inside) == [], "no part of the document holds these"
    assert gaps(text, told) == [], "neither cited nor passed over"


VERSIONS = {
    "002_ae8b647692afbd4d": {"boilerplate_cut"},
    "004_a7715087ed615986": {"repaired", "simplified"},
}
"""The versions that the files declare."""


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_every_version_is_made_of_the_text(path: Path, seeded: Registry) -> None:
    """What a file declares is what its edits and this program's tools make of the document."""
    text = document(path)
    state = await read(seeded, "documents", path.stem)
    assert {version.sort for version in state.versions.values()} == VERSIONS.get(path.stem, set())
    for version in state.versions.values():
        steps = find(state, version.sort)
        assert steps is not None
        made = words(text, steps)
        assert made is not None
        assert len(made) == version.length
        if version.sort == "boilerplate_cut":
            assert version.edits == boilerplate(state, steps[:-1])
        else:
            assert re.search(r"\?|U|坡|☉", made) is None, "a broken letter is left"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_copies_no_sentence(path: Path) -> None:
    text = "".join(document(path).split())
    seeded = PERSON.sub("\n", path.read_text(encoding="utf-8"))
    copied = [
        run[start : start + LONGEST + 1]
        for run in COPIED.findall(seeded)
        for start in range(len(run) - LONGEST)
        if run[start : start + LONGEST + 1] in text
    ]
    assert copied == []
