"""What is stored is for ever: one full example of each event's data in each shape, as bytes that never change.

A file is named `<type>.<shape>.json` and holds the data and a line feed. What was stored once is never edited: another
shape gets a new number, a new file, and an upcaster (service/domain/shapes.py). `shapes.txt` holds the hash of each
shape's JSON Schema, so that nobody changes one by changing what it is made of.
"""

import hashlib
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import msgspec
import pytest

from service.api.event_types import EventTypes, listed
from service.domain import catalogue
from service.domain.catalogue import DECIDERS, EVENTS, MEANINGS
from service.domain.decider import Fact
from service.domain.shapes import dataschema, decoders, shapes
from service.domain.values import ALLOWED

GOLDEN = Path(__file__).parent.parent / "golden"
SHAPES = {f"{name}.{number}": (event, data) for name, event in EVENTS.items() for number, data in shapes(event)}


def example(name: str) -> bytes:
    """The golden file of a type and shape."""
    return (GOLDEN / f"{name}.json").read_bytes().removesuffix(b"\n")


@cache
def published() -> EventTypes:
    """What /api/event-types says."""
    return listed(DECIDERS.values(), MEANINGS)


@pytest.mark.parametrize("name", SHAPES)
def test_the_bytes_come_back(name: str) -> None:
    """Every shape has its example, which sets every field that it may have and is written as it was read."""
    event, data = SHAPES[name]
    stored = example(name)
    assert msgspec.json.encode(msgspec.json.decode(stored, type=data)) == stored
    undated = {"effective"} if event.timeless else set()
    assert set(msgspec.json.decode(stored)) == set(data.__struct_fields__) - undated


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_read_as_the_newest(name: str) -> None:
    """Through every upcaster that there is."""
    event, _ = SHAPES[name]
    schema = dataschema(event.type, int(name.rpartition(".")[2]))
    assert type(decoders([event])[schema].decode(example(name))) is event


@pytest.mark.parametrize("name", SHAPES)
def test_the_example_fulfils_the_schema_that_is_published(name: str) -> None:
    """And an object with one field more does not."""
    event, _ = SHAPES[name]
    one = published().types[dataschema(event.type, int(name.rpartition(".")[2]))]
    check = jsonschema_rs.validator_for(one.schema)
    assert list(check.iter_errors(json.loads(example(name)))) == []
    assert not check.is_valid(json.loads(example(name)) | {"more": 1})


def bare(value: Any, inner: dict[str, Any]) -> Any:
    """A schema without what only names or explains it; `inner` are the ones that it refers to."""
    if isinstance(value, list):
        return [bare(item, inner) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return bare(inner[value["$ref"].removeprefix("#/$defs/")], inner)
    told = {name for name in ("title", "description") if isinstance(value.get(name), str)}
    return {name: bare(item, inner) for name, item in sorted(value.items()) if name not in told}


FORMERLY = (
    r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
"""What text may hold, as it was said when the first fingerprints were taken."""


def test_text_may_hold_what_it_might() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert re.sub(ALLOWED, "", every) == re.sub(FORMERLY, "", every)


def fingerprint(data: type[Fact]) -> str:
    """The hash of what a shape allows."""
    schema = msgspec.json.schema(data)
    text = json.dumps(bare({"$ref": schema["$ref"]}, schema["$defs"]))
    text = text.replace(json.dumps(ALLOWED)[1:-1], json.dumps(FORMERLY)[1:-1])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_no_shape_was_changed_in_place() -> None:
    """Not by its own fields, nor by those of a value that it is made of.

    One change can be made in place: a word more in a list of words, which no stored line has. Then, and for a new
    shape, the lines that are printed here belong into tests/golden/shapes.txt. Anything else is a new shape.
    """
    known = [line for line in (GOLDEN / "shapes.txt").read_text("ascii").splitlines() if line]
    found = [f"{fingerprint(data)} {name}" for name, (_, data) in SHAPES.items()]
    assert sorted(set(found) ^ set(known)) == []
    assert found == known


class Inner(Fact, frozen=True, kw_only=True, gc=False):
    """A value."""

    word: Literal["a", "b"]


class One(Fact, frozen=True, kw_only=True, gc=False):
    """A text."""

    title: str
    inner: Inner


class Renamed(Fact, frozen=True, kw_only=True, gc=False):
    """Another text."""

    title: str
    inner: Inner


class OtherField(Fact, frozen=True, kw_only=True, gc=False):
    """A text."""

    title: int
    inner: Inner


class MoreWords(Fact, frozen=True, kw_only=True, gc=False):
    """A value with a word more."""

    word: Literal["a", "b", "c"]


class OtherInside(Fact, frozen=True, kw_only=True, gc=False):
    """A text."""

    title: str
    inner: MoreWords


def test_a_change_is_noticed_and_an_explanation_is_none() -> None:
    """Of a field, or of a value inside."""
    assert fingerprint(One) == fingerprint(Renamed)
    assert len({fingerprint(data) for data in (One, OtherField, OtherInside)}) == 3


def test_no_file_is_without_a_type() -> None:
    """An example that nothing reads proves nothing."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(SHAPES)


def test_the_catalogue_is_written_down() -> None:
    """The table in the catalogue's docstring names every type once, in order, with a sentence."""
    lines = (catalogue.__doc__ or "").split("=\n", 1)[1].splitlines()
    rows = [line.split(None, 1) for line in lines if line and not line.startswith("=")]
    assert [name for name, *_ in rows] == list(EVENTS) == list(MEANINGS)
    assert all(len(row) == 2 and row[1].endswith(".") for row in rows)


def test_types_and_schemas_are_named_by_hand() -> None:
    """A type is its aggregate and what happened; its schema has a number."""
    aggregates = {"agreement", "party", "document", "meeting", "statement", "plan", "task", "project", "figure"}
    assert {name.partition(".")[0] for name in EVENTS} == aggregates | {"discrepancy", "registry"}
    assert dataschema("party.renamed", 1) == "urn:mengfu:schema:party.renamed:1"


def test_two_events_of_one_type_are_refused() -> None:
    """The catalogue cannot be built ambiguous."""
    twice = catalogue.DECIDERS["parties"]
    with pytest.raises(TypeError, match=r"party\.registered"):
        catalogue.collect((twice, twice))


def test_unknown_fields_are_refused() -> None:
    """An event says what its shape says, no more."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"carried":true}', type=EVENTS["party.dissolved"])
