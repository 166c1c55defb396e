"""What the tests of answers share: ids by readable keys, states read back, and where a part is said."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from service import seeding
from service.config import room
from service.domain.decider import Ref
from service.domain.values import Citation
from service.registry import Registry


def party(name: str) -> UUID:
    """A party's id."""
    return seeding.thing_id("parties", name)


def places(sources: Iterable[Any]) -> list[int]:
    """Where a part is said: the first code point of each citation."""
    cited: list[Citation] = [citation for source in sources for citation in source.citations]
    return [citation.start or 0 for citation in cited]


async def read(registry: Registry, category: str, key: str) -> Any:
    """A thing's state."""
    ref = Ref(category, seeding.thing_id(category, key))
    return (await registry.read([ref]))[ref].base


async def seed_all(registry: Registry) -> Registry:
    """The registry with the facts of every seed file, in order."""
    await seeding.seed(registry, sorted(room("seeds").glob("*.toml")))
    return registry
