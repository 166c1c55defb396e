"""A shape that was changed on purpose: lines of every shape are read as the newest, and stay what they are."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import msgspec
import pytest
from msgspec.structs import replace

from service.api.event_types import listed
from service.config import Settings
from service.domain.catalogue import DECIDERS
from service.domain.decider import Correct, Decider, Recorded, Ref
from service.domain.folding import fold
from service.domain.shapes import decoders, shapes
from service.domain.values import UncertainDate
from service.projections import building
from service.projections.inline import INLINE
from service.projections.states import STATES, Shape, rows
from service.registry import SELF, Order, Registry
from service.registry.writer import Writer
from service.store import line as lines
from service.store import migrate
from tests import trial
from tests.conftest import Database
from tests.trial import FIRST_DAY, TODAY, First, Weigh, Weighed, WeighFirst

GOLDEN = Path(__file__).parent.parent / "golden" / "trial"
REF = Ref("trials", UUID(int=7))
DECODERS = decoders(TODAY.events)


def golden(shape: int) -> bytes:
    """The data of that shape, as it was stored."""
    return (GOLDEN / f"trial.weighed.{shape}.json").read_bytes().removesuffix(b"\n")


def stored(shape: int) -> bytes:
    """The golden data in a line of its own."""
    now = lines.encode(
        lines.Envelope(source="urn:mengfu:test", actor=SELF),
        REF,
        replace(Recorded.template(Weighed(thing="x", grams=Decimal(0))), sequence=shape, version=shape),
    )
    outer = json.loads(now) | {"dataschema": f"urn:mengfu:schema:trial.weighed:{shape}", "effective": "2024-05-01"}
    told = json.dumps(outer | {"data": None}, separators=(",", ":"))
    return told.replace('"data":null', f'"data":{golden(shape).decode()}').encode()


@pytest.mark.parametrize("shape", [1, 2, 3])
def test_from_golden_file_to_state(shape: int) -> None:
    """Line, decode, upcast, evolve, rows and state again."""
    ref, outer, recorded = lines.decode(stored(shape), DECODERS)
    assert lines.Page.of(DECODERS).decode(stored(shape)) == [(ref, [recorded])]
    assert outer.dataschema.endswith(f":{shape}")
    event = recorded.event
    assert isinstance(event, Weighed)
    assert (event.thing, event.grams, event.by) == ("anvil", Decimal("12500.0"), "Wang" if shape == 3 else None)
    assert (event.note, event.basis, event.effective) == ("test data", "curated", UncertainDate.day(date(2024, 5, 1)))
    for today in (date(2024, 5, 1), date(2024, 4, 30)):  # in effect; to come
        folded = fold(TODAY, [recorded], today)
        assert folded.at(TODAY, date.max).things["anvil"].grams == Decimal(12500)
        again = Shape.of(TODAY).assemble(shape, [(part, body) for _, part, body in rows(ref, folded)])
        assert again == folded


def test_rows_of_another_day_s_program_are_read() -> None:
    """What takes effect later stands in the states with its data: in the shape that the program of then had."""
    event = msgspec.json.decode(golden(1), type=First)
    record = replace(Recorded.template(event), sequence=1, version=1, effective=date(2024, 5, 1))
    kept = list(rows(REF, fold(FIRST_DAY, [record], date(2024, 4, 30))))
    folded = Shape.of(TODAY).assemble(1, [(part, body) for _, part, body in kept])
    [(_, later)] = folded.pending
    assert isinstance(later.event, Weighed)
    assert folded.at(TODAY, date.max).things["anvil"].grams == Decimal(12500)


def test_the_list_of_types_has_every_shape() -> None:
    """Each with a schema that its golden file fulfils, and the others' don't."""
    found = listed([TODAY], trial.MEANINGS).types
    weighed = {name: one for name, one in found.items() if one.type == "trial.weighed"}
    assert [(one.shape, one.newest) for one in weighed.values()] == [(1, False), (2, False), (3, True)]
    for one in weighed.values():
        check = jsonschema_rs.validator_for(one.schema)
        assert [check.is_valid(json.loads(golden(shape))) for shape in (1, 2, 3)] == [
            shape == one.shape for shape in (1, 2, 3)
        ]


def test_a_shape_has_its_number() -> None:
    """An event with a former shape has at least the shape 2; no number is left out."""

    class Wrong(Weighed, frozen=True, kw_only=True, gc=False):
        shape = 2

    with pytest.raises(TypeError, match="shape 2, but 2 earlier"):
        list(shapes(Wrong))
    with pytest.raises(TypeError, match="shape 2, but 2 earlier"):
        decoders([Wrong])


@asynccontextmanager
async def program(registry: Registry, database: Database, decider: Decider[Any]) -> AsyncIterator[Registry]:
    """A registry of trials, as the program with that decider opens it, on the database of another one."""
    deciders = {**DECIDERS, decider.category: decider}
    events = [event for one in deciders.values() for event in one.events]
    inline = [replace(p, categories=p.categories | {"trials"}) if p is STATES else p for p in INLINE]
    connection = await migrate.connect(database.service, registry.settings.schema)
    await building.ensure(connection, inline, deciders, decoders(events))
    await connection.close()
    writer = Writer(Settings(), database.service, deciders, decoders(events), inline)
    writer.start()
    try:
        yield Registry(registry.settings, registry.pool, writer, registry.tail, registry.follower, registry.name)
    finally:
        await writer.close()


async def test_two_programs_on_one_log(registry: Registry, database: Database) -> None:
    """What the first day's program recorded, today's reads, goes on with and corrects; every line stays as it was."""
    tomorrow = UncertainDate.day(registry.today() + timedelta(days=1))
    async with program(registry, database, FIRST_DAY) as first:
        for command in (
            WeighFirst(thing="anvil", weight="12.5 kg"),
            WeighFirst(thing="feather", weight="3 g"),
            WeighFirst(thing="anvil", weight="12.7 kg", effective=tomorrow),
        ):
            await first.execute([Order(ref=REF, command=command, creates=True)], actor=SELF)
    before = [line async for chunk in registry.lines() for line in chunk]
    async with program(registry, database, TODAY) as today:
        folded = (await today.read([REF]))[REF]
        assert {name: thing.grams for name, thing in folded.base.things.items()} == {"anvil": 12500, "feather": 3}
        assert folded.at(TODAY, date.max).things["anvil"].grams == 12700
        # The same again, told in the new shape, is nothing new.
        [same] = await today.execute([Order(ref=REF, command=Weigh(thing="feather", grams=Decimal(3)))], actor=SELF)
        assert same.events == ()
        await today.execute([Order(ref=REF, command=Weigh(thing="coin", grams=Decimal(7), by="Wang"))], actor=SELF)
        restated = Correct(corrects=2, reason="misread", event=Weighed(thing="feather", grams=Decimal(2)))
        await today.execute([Order(ref=REF, command=restated)], actor=SELF)
        folded = (await today.read([REF]))[REF]
        assert {name: thing.grams for name, thing in folded.base.things.items()} == {
            "anvil": 12500,
            "feather": 2,
            "coin": 7,
        }
        assert folded.at(TODAY, date.max).things["anvil"].grams == 12700
    after = [line async for chunk in registry.lines() for line in chunk]
    assert after[:3] == before
    assert [json.loads(line)["dataschema"][-1] for line in after] == ["1", "1", "1", "3", "3"]
    records = [lines.decode(line, DECODERS)[2] for line in after]
    assert fold(TODAY, records, registry.today()) == folded


async def test_projections_are_filled_from_lines_of_every_shape(registry: Registry, database: Database) -> None:
    """A rebuild by today's program gives the rows that today's program keeps."""
    async with program(registry, database, FIRST_DAY) as first:
        command = WeighFirst(thing="anvil", weight="12.5 kg")
        await first.execute([Order(ref=REF, command=command, creates=True)], actor=SELF)
    await registry.pool.execute("update p_projections set fingerprint = 'old' where name = 'states'")
    async with program(registry, database, TODAY) as today:
        assert (await today.read([REF]))[REF].base.things["anvil"].grams == 12500


def test_an_upcaster_that_fails_says_so() -> None:
    """Data that has not its shape is refused as such, before any upcaster sees it."""
    with pytest.raises(msgspec.ValidationError):
        DECODERS["urn:mengfu:schema:trial.weighed:1"].decode(golden(2))
