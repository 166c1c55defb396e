"""How long answers take over the scale set: `python -m tests.bench.questions [--agreements N] [--home FOLDER]`.

The set (`scale`) is taken in by `mengfu import` and served by `mengfu up` on its embedded database; when every
following projection has come to the log's end, each question is asked over HTTP, one request after another, with what
is asked for drawn anew each time. Printed are milliseconds: median, 95th and 99th percentile and the longest, and
whether the bar holds. With `--home` the registry is kept there, and a later run begins with it as it is.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.table import Table

from tests.bench.scale import FREQUENT, FULL, MIDDLING, Sizes, World, log, named
from tests.processes import free_port

MENGFU = Path(sys.executable).with_name("mengfu")
BAR = 100
"""Milliseconds that the 95th percentile of each question may take."""
WARM = 10
"""Requests of each question that are not counted."""
LEFT = "the bench has no question that it answers"
"""Why a projection follows no more: said of those that `lists` leaves behind."""
RESTORED = 20
"""Seconds in which PostgreSQL reads again what it had in memory when it was stopped: it does so beside who asks."""


def fill(home: Path, agreements: int) -> None:
    """The set into an empty home, and how long that took."""
    began, count = time.perf_counter(), 0
    command = [str(MENGFU), "import", "-", "--home", str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # our own command
        assert process.stdin is not None
        for line in log(agreements):
            process.stdin.write(line + b"\n")
            count += 1
    if process.returncode:
        raise SystemExit(process.returncode)
    took = time.perf_counter() - began
    print(f"{count:,} events imported in {took:,.0f} s, inline projections included: {count / took:,.0f}/s")


@contextmanager
def served(home: Path, restored: float = RESTORED) -> Iterator[httpx.Client]:
    """The home, served, with every projection at the log's end that follows it, and so many seconds after that."""
    port, began = free_port(), time.perf_counter()
    command = [str(MENGFU), "up", "--no-seed", "--home", str(home), "--port", str(port)]
    quiet = os.environ | {"MENGFU_REMIND_AT": "off"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=quiet) as process:  # our own command
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client:
                while not caught_up(client):
                    if process.poll() is not None:
                        raise SystemExit("mengfu up has ended")
                    time.sleep(0.5)
                print(f"every projection at the log's end {time.perf_counter() - began:,.0f} s after the start")
                time.sleep(restored)
                yield client
        finally:
            process.terminate()


def caught_up(client: httpx.Client) -> bool:
    """Whether every projection has all that the log has, but for those that were meant to stop (`LEFT`)."""
    try:
        answer = client.get("/health/ready")
    except httpx.TransportError:
        return False
    if answer.status_code != 200:
        return False
    standing = [one for one in answer.json()["projections"] if one.get("stopped") != LEFT]
    if stopped := [one for one in standing if one.get("stopped")]:
        raise SystemExit(f"stopped: {stopped}")
    return all(one["lag"] == 0 and one.get("goal") is None for one in standing)


Asked = Callable[[], tuple[str, dict[str, str | int]]]


def questions(agreements: int, client: httpx.Client) -> dict[str, Asked]:
    """Each question with a function that draws what is asked for."""
    draw = random.Random(11)  # noqa: S311 -- the same questions in every run
    size = Sizes(agreements)
    rare = World(size).words[len(FREQUENT) + len(MIDDLING) :]
    some = [one["id"] for one in client.get("/api/agreements", params={"limit": 1000}).json()["items"]]
    head = client.get("/health/ready").json()["position"]

    def day() -> str:
        return f"{draw.randint(2016, 2025)}-{draw.randint(1, 12):02}-15"

    def party() -> str:
        return str(named("parties", int(size.parties * draw.random() ** 3)))

    def plan() -> str:
        return str(named("plans", draw.randrange(size.plans)))

    def two() -> dict[str, str | int]:
        return {"as_of": day(), "known_at": draw.randint(head // 2, head)}

    def one(category: str) -> str:
        return f"{category}/{named(category, draw.randrange(getattr(size, category)))}"

    def words() -> str:
        return draw.choice(draw.choice((FREQUENT, MIDDLING, rare)))

    def at() -> dict[str, str | int]:
        return {"on": day(), "known_at": draw.randint(head // 2, head)}

    return {
        "an agreement": lambda: (f"agreements/{draw.choice(some)}", {}),
        "an agreement at two times": lambda: (f"agreements/{draw.choice(some)}", two()),
        "its history": lambda: (f"agreements/{draw.choice(some)}/history", {}),
        "agreements of a party": lambda: ("agreements", {"party": party()}),
        "agreements by words": lambda: ("agreements", {"q": draw.choice(MIDDLING)}),
        "agreements signed in a year": lambda: ("agreements", {"signed_from": day(), "sort": "signed"}),
        "agreements of a party at two times": lambda: ("agreements", {"party": party(), **two()}),
        "parties by name": lambda: ("parties", {"q": draw.choice(MIDDLING)}),
        "the ledger of a unit": lambda: ("ledger", {"unit": party()}),
        "the ledger of a plan, on a day": lambda: ("ledger", {"plan": plan(), **at()}),
        "the whole ledger, what is late": lambda: ("ledger", {"colour": "red"}),
        "the whole ledger at two times": lambda: ("ledger", at()),
        "commitments of a party": lambda: ("commitments", {"from": party()}),
        "commitments of one to another": lambda: ("commitments", {"from": party(), "to": party()}),
        "obligations of a party": lambda: (f"parties/{party()}/obligations", {}),
        "the whole network": lambda: ("network", {}),
        "the network of a party": lambda: ("network", {"party": party()}),
        "projects in a place": lambda: ("projects", {"place": party()}),
        "the pipeline by stage": lambda: ("pipeline", {"group": "stage"}),
        "the pipeline of a time, by investor": lambda: ("pipeline", {"group": "investor", "from": day()}),
        "the pipeline at two times, by place": lambda: ("pipeline", {"group": "place", **at()}),
        "reconciliation of a figure": lambda: (f"{one('figures')}/reconciliation", {}),
        "coverage of a document": lambda: (f"{one('documents')}/coverage", {}),
        "search, a word of the mix": lambda: ("search", {"q": words()}),
        "search, a frequent word": lambda: ("search", {"q": draw.choice(FREQUENT)}),
        "search, a middling word": lambda: ("search", {"q": draw.choice(MIDDLING)}),
        "search, a rare word": lambda: ("search", {"q": draw.choice(rare)}),
        "search, two words": lambda: ("search", {"q": f"{words()} {words()}"}),
        "search, two frequent words": lambda: ("search", {"q": f"{draw.choice(FREQUENT)} {draw.choice(FREQUENT)}"}),
        "search at two times": lambda: ("search", {"q": words(), **at()}),
        "search of a party": lambda: ("search", {"q": words(), "party": party()}),
    }


def asked(client: httpx.Client, ask: Asked, count: int) -> list[float]:
    """Milliseconds of each answer."""
    took = []
    for number in range(count + WARM):
        path, given = ask()
        began = time.perf_counter()
        answer = client.get(f"/api/{path}?{urlencode(given)}")
        if answer.status_code != 200:
            raise SystemExit(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
        if number >= WARM:
            took.append((time.perf_counter() - began) * 1000)
    return took


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agreements", type=int, default=FULL, help="how many agreements the set has")
    parser.add_argument("--home", type=Path, help="where the registry is kept, or stands already")
    parser.add_argument("--count", type=int, default=200, help="how often each question is asked")
    parser.add_argument("--only", default="", help="ask the questions alone that have this in their name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mengfu-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user, who has to get in
        home = given.home or Path(folder) / "home"
        if not home.exists():
            fill(home, given.agreements)
        table = Table("question", "median", "p95", "p99", "longest", f"p95 under {BAR} ms")
        with served(home) as client:
            for name, ask in questions(given.agreements, client).items():
                if given.only not in name:
                    continue
                took = asked(client, ask, given.count)
                cuts = statistics.quantiles(took, n=100)
                told = (statistics.median(took), cuts[94], cuts[98], max(took))
                table.add_row(name, *(f"{one:,.1f}" for one in told), "yes" if cuts[94] < BAR else "NO")
        Console().print(table)


if __name__ == "__main__":
    main()
