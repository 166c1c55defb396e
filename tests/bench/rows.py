"""The table that the bench prints: one row a measurement, as ratios of rounds taken in turn, with its bar."""

import argparse
import statistics
from collections.abc import Awaitable, Callable, Sequence

import uvloop
from msgspec import Struct
from rich.console import Console
from rich.table import Table


class Size(Struct, frozen=True, kw_only=True):
    """How much is measured."""

    rounds: int
    """Rounds of a measurement and its baseline in turn, after one that warms up."""
    commands: int
    """Commands in a round, and rows of the log alone: five rounds are 1,000,000."""
    lines: int
    """Events that are exported, replayed, imported, rebuilt and copied in a round."""
    agreements: int
    """Of the scale set (`scale`), where it is asked."""
    few: int
    """Of the scale set that it is set against."""
    requests: int
    """Requests over HTTP in a round."""
    seconds: float
    """How long commands arrive by chance (`latency`)."""


FULL = Size(rounds=5, commands=200_000, lines=1_000_000, agreements=1_000_000, few=10_000, requests=20_000, seconds=60)
QUICK = Size(rounds=5, commands=10_000, lines=10_000, agreements=2_000, few=200, requests=2_000, seconds=5)


class Bar(Struct, frozen=True):
    """What a ratio has to be: at least, or at most, so much; `aim` is what we would like it to be."""

    limit: float
    most: bool = False
    aim: float | None = None

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio <= self.limit if self.most else ratio >= self.limit

    def __str__(self) -> str:
        """In words."""
        aim = f", aim at {self.aim:g}" if self.aim is not None else ""
        return f"at {'most' if self.most else 'least'} {self.limit:g}{aim}"


class Row(Struct, frozen=True, kw_only=True):
    """A measurement: what, against what, the median ratio, its bar, and what else is to be told."""

    what: str
    against: str = ""
    ratio: float | None = None
    bar: Bar | None = None
    told: str = ""


def ratio(measured: Sequence[float], baseline: Sequence[float]) -> float:
    """The median of the ratios, round by round: each round's two were taken one right after the other."""
    return statistics.median(one / other for one, other in zip(measured, baseline, strict=True))


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part (0 to 1) of the values lies, one of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def shown(rows: Sequence[Row], console: Console) -> None:
    """Print the rows."""
    table = Table("what", "against", "ratio", "bar", "holds", "told", show_lines=True)
    for row in rows:
        holds = "" if row.bar is None or row.ratio is None else "yes" if row.bar.holds(row.ratio) else "NO"
        number = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.what, row.against, number, str(row.bar or ""), holds, row.told)
    console.print(table)


def alone(measure: Callable[[Size], Awaitable[list[Row]]], about: str | None) -> None:
    """Run one module of the bench by itself, and print its rows."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    size = QUICK if parser.parse_args().quick else FULL

    async def rows() -> list[Row]:
        return await measure(size)

    shown(uvloop.run(rows()), Console())
