"""A page of every filtered list over a large scale set, against the same page over a small one.

The lists are those that the OpenAPI description tells, each of their filters and orders alone, so that one that is
added later is measured too; of a list under a thing the thing is what it is filtered by. Reports that count all there
is are no lists (`REPORTS`): the bench's `questions` ask them. Both sets were taken in as `mengfu import` does, but for
what follows the log, which no list of what is now reads; both are served by `mengfu up` at the same time. What is asked
for has the same place in both sets (the party in the middle of the order in which parties are spoken of, say); of
several such values that one is taken which fills the page most, and most alike, and the limit of the page is what both
can fill. A filter by which nothing of the sets can be found is measured all the same: to find nothing must not take
longer either. A page over the bar is asked for again in more rounds, which count: among hundreds of pages chance finds
some.
"""

import argparse
import asyncio
import http.client
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tests.bench.places import place, running
from tests.bench.questions import LEFT, RESTORED, served
from tests.bench.rows import FULL, QUICK, Bar, Row, Size, ratio, shown
from tests.bench.scale import CODE, FREQUENT, MIDDLING, NAMED, PART, log
from tests.logs import in_chunks

BAR = Bar(2, most=True)
ASKED = 3
"""Requests of a page in a round, of which the median counts."""
AGAIN = 3
"""How many times as many rounds decide of a page that was over the bar."""
CHUNK = 1_000
"""Lines that are taken in at a time."""
FILLED = 50
"""Items on a whole page."""
REPORTS = ("/api/ledger", "/api/network")
"""They have pages and orders as lists have, but tell sums of everything."""
PASSED = frozenset({"as_of", "known_at", "on", "expand", "limit", "cursor", "children"})
"""Parameters that filter nothing by themselves."""
PLACES = (0.02, 0.05, 0.2, 0.5, 0.8)
"""Where in the order of a kind's things the one asked for stands. The first has a larger part of a small set."""
Schema: TypeAlias = dict[str, Any]


class Page(Struct, frozen=True):
    """A page that is asked for: of which list, by which filter or order, and by which of its values (`number`)."""

    path: str
    name: str
    schema: Schema
    number: int = 0

    def __str__(self) -> str:
        """As it is told."""
        value = f"={self.schema['enum'][self.number]}" if self.name == "sort" else ""
        return self.path + (f"?{self.name}{value}" if self.name != "id" else "")


class Compared(Struct, frozen=True):
    """A page and what it takes: the ratio, the large set's milliseconds, and the items on both pages."""

    page: Page
    ratio: float
    took: float
    items: tuple[int, int]


class Set:
    """A scale set that is served: who asks, and what can be asked for."""

    def __init__(self, address: str) -> None:
        """Nothing is asked yet."""
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=600)
        self.found: dict[str, list[dict[str, Any]]] = {}

    def get(self, path: str, given: dict[str, str] | None = None) -> tuple[int, float, bytes]:
        """Status, seconds and body of an answer."""
        began = time.perf_counter()
        self.connection.request("GET", f"{path}?{urlencode(given)}" if given else path)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, time.perf_counter() - began, body

    def things(self, category: str) -> list[dict[str, Any]]:
        """Some of the things of a kind, in the order in which they are spoken of where there is one."""
        if category not in self.found:
            found, given = list[dict[str, Any]](), {"limit": "1000"}
            while True:
                _, _, body = self.get(f"/api/{category}", given)
                page = msgspec.json.decode(body)
                found += page["items"]
                if page["next"] is None or len(found) >= MOST:
                    break
                given["cursor"] = page["next"]
            self.found[category] = found
        return self.found[category]

    def ids(self, category: str) -> list[str]:
        """The ids of those at their places."""
        found = self.things(category)
        return [str(found[int(part * len(found))]["id"]) for part in PLACES] if found else []

    def ask(self, page: Page, value: str, limit: int = FILLED) -> tuple[int, float, int]:
        """Status and seconds of a page, and how many items are on it."""
        given = {"limit": str(limit)}
        if page.name == "id":
            status, took, body = self.get(page.path.replace("{id}", value), given)
        else:
            status, took, body = self.get(page.path, given | {page.name: value})
        return status, took, len(msgspec.json.decode(body)["items"]) if status == 200 else 0


MANY = 100_000
"""Agreements with which PostgreSQL is waited for until it has read again what it had in memory."""
MOST = 20_000
"""Of a kind's things so many are looked at: all that are spoken of at random are among the first."""


def pages(described: dict[str, Any]) -> Iterator[Page]:
    """Every page to be asked for, of a description."""
    for path, methods in described["paths"].items():
        parameters = methods.get("get", {}).get("parameters", ())
        told = {one["name"]: bare(one["schema"]) for one in parameters if one["in"] == "query"}
        if path in REPORTS or not {"sort", "cursor"} <= told.keys():
            continue
        if "{id}" in path:
            yield Page(path, "id", {})
            continue
        for name, schema in told.items():
            if name == "sort":
                yield from (Page(path, name, schema, number) for number in range(len(schema["enum"])))
            elif name not in PASSED:
                yield Page(path, name, schema)


def bare(schema: Schema) -> Schema:
    """A schema without its null."""
    some = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return some[0] if some else schema


def values(asked: Set, page: Page, categories: list[str]) -> list[str]:
    """What may be asked for: one after another the same in every set, by its place."""
    schema, own = page.schema, page.path.split("/")[2]
    if page.name == "sort":
        return [schema["enum"][page.number]]
    if "enum" in schema:
        return [str(one) for one in schema["enum"]]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    if schema.get("format") == "date":
        return ["2020-06-15", "2016-06-15", "2024-06-15"]
    if page.name == "id" or schema.get("format") == "uuid":
        plural = {f"{category}"[:-1]: category for category in categories} | {"party": "parties"}
        return asked.ids(plural.get(page.name, own))
    if schema.get("description", "").startswith("A party"):
        return asked.ids("parties")
    if schema.get("pattern", "").startswith("^[a-z_]+/"):
        return [f"{category}/{id}" for category in categories for id in asked.ids(category)]
    if page.name == "q":
        return [FREQUENT[0], FREQUENT[4], MIDDLING[0], MIDDLING[40], "测试"]
    # Words that stand in the things' summaries under the filter's own name, else such as a filter may take.
    told = (one.get(page.name) for one in asked.things(own)[:1000])
    named = sorted({one for one in told if isinstance(one, str)})[:5] if own in categories else []
    return named or [NAMED, "zh", "header", "1", CODE, "0" * 64, PART]


def chosen(page: Page, large: Set, small: Set, categories: list[str]) -> tuple[str, str, tuple[int, int]]:
    """What is asked for in each set, and the items on both pages."""
    best, most = None, -1.0
    for pair in zip(values(large, page, categories), values(small, page, categories), strict=False):
        (status, _, many), (other, _, few) = large.ask(page, pair[0]), small.ask(page, pair[1])
        alike = min(many, few) ** 2 / max(many, few, 1)
        if status == other == 200 and alike > most:
            best, most = (*pair, (many, few)), alike
        if most == FILLED:
            break
    if best is None:
        raise LookupError(f"nothing can be asked of {page}: say what, in `values`")
    return best


def compare(large: Set, small: Set, rounds: int) -> list[Compared]:
    """Every page, in rounds of both sets in turn, the first of which warms up; the worst first."""
    described = msgspec.json.decode(large.get("/schema/openapi.json")[2])
    wanted = list(pages(described))
    categories = sorted({page.path.split("/")[2] for page in wanted} - {"commitments"})
    found = []
    for page in wanted:
        *asked, items = chosen(page, large, small, categories)
        told, took = turns(page, (large, small), asked, min(items) or FILLED, rounds)
        if not BAR.holds(told):
            told, took = turns(page, (large, small), asked, min(items) or FILLED, AGAIN * rounds)
        found.append(Compared(page, told, took, items))
    return sorted(found, key=lambda one: -one.ratio)


def turns(page: Page, sets: tuple[Set, Set], asked: list[str], limit: int, rounds: int) -> tuple[float, float]:
    """The ratio of rounds in turn, the first of which warms up, and the milliseconds of the large set's page."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for held, one, value in zip(took, sets, asked, strict=True):
            held.append(statistics.median(one.ask(page, value, limit)[1] for _ in range(ASKED)))
    return ratio(took[0][1:], took[1][1:]), statistics.median(took[0][1:]) * 1000


def over(size: Size, large: Path, small: Path) -> list[Compared]:
    """Every page of these two homes."""
    with ExitStack() as stack:
        several = [Set(str(stack.enter_context(served(home, 1)).base_url)) for home in (small, large)]
        time.sleep(RESTORED if size.agreements >= MANY else 0)
        return compare(several[1], several[0], size.rounds)


def told(found: list[Compared], size: Size) -> Row:
    """The worst of all, and how many are over the bar."""
    worst = found[0]
    many = sum(not BAR.holds(one.ratio) for one in found)
    empty = sum(one.items == (0, 0) for one in found)
    return Row(
        what=f"a page of each of {len(found)} filtered or ordered lists at {size.agreements:,} agreements: the worst",
        against=f"at {size.few:,}",
        ratio=worst.ratio,
        bar=BAR,
        told=f"{worst.page}, {worst.took:.1f} ms; {many} over the bar; by {empty} nothing is found",
    )


async def taken(home: Path, agreements: int) -> None:
    """The set in a home. What follows the log stays at its beginning: to follow 5,000,000 events takes an hour."""
    async with running(home) as here:
        await here.registry.catch_up()
        connection = await here.connect()
        await connection.execute("update p_projections set stopped = $1 where name ~ '_known$'", LEFT)
        await here.registry.copy(in_chunks(log(agreements), CHUNK))
        await connection.execute("vacuum analyze")
        await connection.close()


async def rows(size: Size) -> list[Row]:
    """Both sets, taken in and compared."""
    async with place() as large, place() as small:
        await taken(large, size.agreements)
        await taken(small, size.few)
        return [told(await asyncio.to_thread(over, size, large, small), size)]


def main() -> None:
    """Compare, and tell every page; with `--home`, which holds the large set already, against a small one made now."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--home", type=Path, help="where a large set stands already")
    parser.add_argument("--small", type=Path, help="where a small one does")
    given = parser.parse_args()
    size = QUICK if given.quick else FULL

    async def compared() -> list[Compared]:
        async with place() as large, place() as small:
            if not given.home:
                await taken(large, size.agreements)
            if not given.small:
                await taken(small, size.few)
            return await asyncio.to_thread(over, size, given.home or large, given.small or small)

    found = asyncio.run(compared())
    table = Table("page", "ratio", "ms", "items of each")
    for one in found:
        table.add_row(str(one.page), f"{one.ratio:.2f}", f"{one.took:.2f}", f"{one.items[0]}, {one.items[1]}")
    Console().print(table)
    shown([told(found, size)], Console())


if __name__ == "__main__":
    main()
