"""What is stored is for ever: one full example of each event's data, as bytes that never change.

A file is named `<type>.<shape>.json` and holds the data and a line feed. What was stored once is never edited: another
shape gets a new number, a new file, and an upcaster.
"""

from pathlib import Path

import msgspec
import pytest

from service.domain import catalogue
from service.domain.catalogue import EVENTS, dataschema

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("name", EVENTS)
def test_the_bytes_come_back(name: str) -> None:
    """Every type has its example, which sets every field that it may have and is written as it was read."""
    event = EVENTS[name]
    stored = (GOLDEN / f"{name}.{event.shape}.json").read_bytes().removesuffix(b"\n")
    assert msgspec.json.encode(msgspec.json.decode(stored, type=event)) == stored
    undated = {"effective"} if event.timeless else set()
    assert set(msgspec.json.decode(stored)) == set(event.__struct_fields__) - undated


def test_no_file_is_without_a_type() -> None:
    """An example that nothing reads proves nothing."""
    known = {f"{name}.{event.shape}.json" for name, event in EVENTS.items()}
    assert {path.name for path in GOLDEN.iterdir()} == known


def test_the_catalogue_is_written_down() -> None:
    """The table in the catalogue's docstring names every type once, in order, with a sentence."""
    lines = (catalogue.__doc__ or "").split("=\n", 1)[1].splitlines()
    rows = [line.split(None, 1) for line in lines if line and not line.startswith("=")]
    assert [name for name, *_ in rows] == list(EVENTS)
    assert all(len(row) == 2 and row[1].endswith(".") for row in rows)


def test_types_and_schemas_are_named_by_hand() -> None:
    """A type is its aggregate and what happened; its schema has a number."""
    assert all(
        name.partition(".")[0] in {"agreement", "party", "document", "meeting", "statement", "registry"}
        for name in EVENTS
    )
    assert dataschema(EVENTS["party.renamed"]) == "urn:mengfu:schema:party.renamed:1"


def test_two_events_of_one_type_are_refused() -> None:
    """The catalogue cannot be built ambiguous."""
    twice = catalogue.DECIDERS["parties"]
    with pytest.raises(TypeError, match=r"party\.registered"):
        catalogue.collect((twice, twice))


def test_unknown_fields_are_refused() -> None:
    """An event says what its shape says, no more."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"carried":true}', type=EVENTS["party.dissolved"])
