"""States that were read lately: used while their version holds, and no longer."""

from typing import Any

import pytest

from service.config import Settings
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.registry import Registry, recent
from tests.conftest import Database
from tests.registry.test_door import agreement, do, make


async def held(registry: Registry, ref: Ref) -> Folded[Any]:
    """A stream as it is now."""
    return (await registry.read([ref]))[ref]


async def test_a_state_is_made_once_for_each_version(registry: Registry) -> None:
    """As long as nothing is recorded it is the same object."""
    ref = await make(registry, "agreements", agreement())
    first = await held(registry, ref)
    assert await held(registry, ref) is first
    await do(registry, ref, RecordClause(text="a clause"))
    second = await held(registry, ref)
    assert (first.version, second.version) == (1, 2)
    assert await held(registry, ref) is second


async def test_what_another_process_records_is_read_at_once(registry: Registry, database: Database) -> None:
    """However often the state was read before."""
    other = await Registry.open(Settings(), database.service)
    try:
        ref = await make(registry, "agreements", agreement())
        for number in range(1, 5):
            assert (await held(registry, ref)).version == number
            await do(other, ref, RecordClause(text=f"clause {number}"))
        state = await held(registry, ref)
        assert state == await held(other, ref)
        assert len(state.base.clauses) == 4
    finally:
        await other.close()


async def test_only_so_much_is_remembered(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read for longest is forgotten first, and made again when it is asked for."""
    monkeypatch.setattr(recent, "MOST", 2 * recent.LEAST)
    refs = [await make(registry, "agreements", agreement()) for _ in range(3)]
    first, second, _ = [await held(registry, ref) for ref in refs]
    assert await held(registry, refs[1]) is second
    assert await held(registry, refs[0]) is not first
    assert await registry.read(refs) == {ref: await held(registry, ref) for ref in refs}
    assert await held(registry, refs[0]) == first
