"""The same appends through another store: the Python package eventsourcing, on the same embedded PostgreSQL.

Facts, and no bar: it is a library with other aims. Each of its events carries the bytes of one of our lines, is
inserted by itself through its own application recorder (`others_package`), and stands in one order with all others, as
in our log. It is given as many callers as help it, with and without its database functions, and its best counts. Ours
are whole commands of 128 callers through `registry.execute`, with idempotency keys, inline projections and the tree;
what it does not do (a decision, the state, the leaf's hash) costs it nothing here. Rounds of both alternate.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Key, Order, Registry
from tests.bench.places import Running, running
from tests.bench.rows import Row, Size, alone, percentile, ratio

PACKAGE = ("eventsourcing[postgres]==9.5.6", "psycopg[binary]==3.3.9")
"""The second brings the client library of PostgreSQL with it."""
WAYS = tuple(product((1, 16, 64), (False, True)))
"""Its callers, and whether its database functions are used. More connections than 100 the server does not take."""
CALLERS = 128
STREAMS = 500
MOST = 20_000
"""Events in a round of ours at the most, and a tenth of them in one of its."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""


def installed(folder: Path) -> Path:
    """The Python of a new environment that has the package. Raises CalledProcessError where it cannot be had."""
    python = folder / "bin" / "python"
    pip = (str(python), "-m", "pip", "install", "--retries", "1", *PACKAGE)
    for words in ((sys.executable, "-m", "venv", str(folder)), pip):
        subprocess.run(words, check=True, capture_output=True, text=True)
    return python


def inserted(python: Path, address: str, payload: bytes, events: int, way: tuple[int, bool]) -> float:
    """Events a second through the package."""
    parts = urlsplit(address)
    database = {
        "dbname": parts.path.strip("/"),
        "host": parse_qs(parts.query)["host"][0],
        "port": parse_qs(parts.query)["port"][0],
        "user": parts.username,
        "password": unquote(parts.password or ""),
        "schema": "others",
    }
    asked = {"database": database, "payload": payload.hex(), "events": events, "streams": STREAMS}
    line = json.dumps(asked | {"callers": way[0], "functions": way[1]})
    script = Path(__file__).with_name("others_package.py")
    done = subprocess.run([str(python), str(script)], input=line, capture_output=True, text=True, check=True)
    return float(done.stdout)


async def registered(registry: Registry) -> list[UUID]:
    """Agreements to record clauses on."""
    ids = [uuid4() for _ in range(STREAMS)]
    whole = Register(title=PrintedName(printed="test data"))
    orders = [[Order(ref=Ref("agreements", id), command=whole, creates=True)] for id in ids]
    await asyncio.gather(*(registry.execute(order, actor=SELF) for order in orders))
    return ids


async def executed(registry: Registry, ids: list[UUID], count: int) -> float:
    """Commands a second."""
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            name = uuid4().bytes
            order = Order(ref=Ref("agreements", ids[number % len(ids)]), command=RecordClause(text=WORDS))
            await registry.execute([order], actor=SELF, key=Key(hash=name, fingerprint=name))

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return count / (time.perf_counter() - began)


async def compared(python: Path, place: Running, size: Size) -> Row:
    """Rounds of both."""
    ids, count = await registered(place.registry), min(size.lines, MOST)
    ours, its = [await executed(place.registry, ids, count)], list[float]()
    connection = await place.connect()
    await connection.execute("create schema others")
    payload: bytes = await connection.fetchval("select line from events order by position desc limit 1")
    await connection.close()
    address, few = place.embedded.superuser_url, count // 10
    tried = {way: await asyncio.to_thread(inserted, python, address, payload, few, way) for way in WAYS}
    best = max(tried, key=lambda way: tried[way])
    for _ in range(size.rounds):
        ours.append(await executed(place.registry, ids, count))
        its.append(await asyncio.to_thread(inserted, python, address, payload, few, best))
    way = f"{best[0]} caller{'s' * (best[0] > 1)}, {'with' if best[1] else 'without'} its database functions"
    return Row(
        what=f"registry.execute, {CALLERS} callers",
        against=f"the same bytes through {PACKAGE[0]}",
        ratio=ratio(ours[1:], its),
        told=f"{percentile(ours[1:], 0.5):,.0f}/s against {percentile(its, 0.5):,.0f}/s ({way}, its best)",
    )


async def rows(size: Size) -> list[Row]:
    """One row: the ratio, or why there is none."""
    with tempfile.TemporaryDirectory(prefix="mengfu-bench-others-") as folder:
        try:
            python = await asyncio.to_thread(installed, Path(folder))
            async with running() as place:
                return [await compared(python, place, size)]
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout or str(error)).strip().splitlines()
            return [Row(what=f"through {PACKAGE[0]}", told=f"cannot be had here: {said[-1] if said else error}")]


if __name__ == "__main__":
    alone(rows, __doc__)
