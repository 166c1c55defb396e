"""Somebody who puts one question to the service, over HTTP, in at most three requests; and where an answer is said."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.seeds.test_asked import NUMBERS, get

MOST = 3
"""Requests that a question may take."""


class Asking:
    """One question: what the service answers as of the newest fact, and how often it was asked."""

    def __init__(self, service: httpx.AsyncClient) -> None:
        self.service = service
        self.asked = 0

    async def get(self, path: str, **asked: str) -> Any:
        """What the service answers."""
        self.asked += 1
        assert self.asked <= MOST, "a question takes more requests than anybody has patience for"
        return await get(self.service, path, **asked)

    async def found(self, resource: str, **asked: str) -> list[Any]:
        """All items of a list that fits on one page."""
        page = await self.get(resource, **{"limit": "200", **asked})
        assert page["next"] is None
        items: list[Any] = page["items"]
        return items

    async def the_one(self, resource: str, expand: str = "", **asked: str) -> Any:
        """The thing that alone is found: two requests."""
        [item] = await self.found(resource, **asked)
        return await self.get(f"{resource}/{item['id']}", **({"expand": expand} if expand else {}))


def citations(answer: Any) -> Iterator[tuple[str, int, int]]:
    """Every citation in an answer, wherever it stands: the document's number, the first code point, the one behind."""
    if isinstance(answer, dict):
        if {"document", "start", "end"} <= answer.keys():
            yield NUMBERS[answer["document"]], answer["start"], answer["end"]
        for value in answer.values():
            yield from citations(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from citations(value)


def unsaid(answer: Any, document: str, *spans: tuple[int, int]) -> list[tuple[int, int]]:
    """Those of the spans, found in the document by hand, of which an answer does not cite every code point."""
    cited = {at for number, start, end in citations(answer) if number == document for at in range(start, end)}
    return [(start, end) for start, end in spans if not cited.issuperset(range(start, end))]


def bases(part: Any) -> set[str]:
    """What a part of an answer rests on."""
    return {source["basis"] for source in part["sources"]}


def as_told(quantity: Any) -> tuple[str, str, str, str | None]:
    """A quantity: its number, its unit, how it is hedged, of which kind it is."""
    return quantity["value"], quantity["unit"], quantity["bound"], quantity.get("modality")
