"""Seed files: facts from one document each, readable by anybody, sent through the one door as commands.

A file in `seeds/` is TOML, named after its document. Things stand in it under readable keys (`聊城市`), from which
their ids follow (`thing_id`), so that links are the same everywhere. A table is a thing with the fields of its
`Register` command; what stands inside (aliases, clauses, signatures) is a command of its own, so that one fact is one
command and normally one event. Any other command on the thing is a nested table under the command's name
(`amend_clause`). A thing that an earlier file registered is either told again, which adds citations and what was
unknown of it, or given without its required fields.

What a fact rests on: its own `cite`, `basis` and `note`. One without `cite` takes those that it has none of from the
thing or fact that it stands in. `basis` at the head of a file is that of every fact with a `cite` and no basis of its
own; nothing claims to be stated unless the file says so. `on_conflict = "propose"` there makes of what the file tells
otherwise than recorded a discrepancy instead of a mistake. A field that rests on something else than its table is told
apart, `parent = { is = "济南市", basis = "inferred", note = "…", cite = "…" }`: a fact, a command, an event of its own.

In short form: `cite = ["START-END SHA256"]` (with `DOCUMENT:` before it for another document, or a table with `at` and
`why`), a day for an uncertain date, a string for a printed name, a person or a credit, `"5.5 亿元"` for an exact
quantity, `"START-END"` for a span.

A file is one transaction, ended by `registry.seeded`. `pending` names the files that were never taken in. A file
altered since is compared with what stands of its own events: new facts are sent as commands, altered ones as
corrections, missing ones are voided, and what somebody else has corrected since is left alone and told.
"""

import asyncio
import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from service.config import room
from service.domain import errors
from service.domain.decider import Correct, Ref, Void
from service.domain.document.text import TextCaptured
from service.domain.references import references
from service.domain.registry import SUBJECT, Seed
from service.registry import DECODERS, SEEDS, Done, Order, Registry
from service.seeding.changes import Step, differences, explained
from service.seeding.file import SeedError, SeedFile, short_citation
from service.seeding.reading import load
from service.seeding.values import part_id, thing_id
from service.store.line import decode

__all__ = ["Report", "SeedError", "SeedFile", "attach", "cite", "load", "part_id", "pending", "seed", "thing_id"]


class Report(Struct, frozen=True, kw_only=True):
    """What became of a seed file: how many facts of each kind it holds, and what was recorded of it in how long."""

    file: str
    things: Mapping[str, int]
    citations: int
    events: int
    seconds: float = 0.0
    corrected: int = 0
    voided: int = 0
    left: tuple[str, ...] = ()

    def told(self) -> str:
        """The report as lines for a terminal."""
        new = f"{self.events:,} events recorded in {self.seconds:.1f} s" if self.events else "nothing new"
        if self.corrected or self.voided:
            new += f" ({self.corrected} corrections, {self.voided} voided)"
        held = f"{sum(self.things.values()):,} facts, {self.citations:,} citations"
        lines = [f"{self.file}: {held}; {new}"]
        return "\n".join([*lines, *(f"  left alone: {line}" for line in self.left)])


# --- From commands to the registry ------------------------------------------------------------------------------------


async def pending(registry: Registry) -> list[Path]:
    """The seed files, in order, that have never been taken in."""
    own = await taken_in(registry)
    files = sorted(room("seeds").glob("*.toml"))
    return [path for path in files if path.name not in own]


async def taken_in(registry: Registry) -> dict[str, str]:
    """The names of the files that were taken in, with the hash of each."""
    folded = (await registry.read([SUBJECT])).get(SUBJECT)
    return {} if folded is None else {name: held.sha256 for name, held in folded.base.seeds.items()}


async def seed(registry: Registry, paths: Sequence[Path], reason: str | None = None) -> list[Report]:
    """Take files in, each whole or not at all. One taken in before is applied by its differences, for `reason`.

    Raises SeedError where a file is wrong or contradicts what is recorded; files before it stay taken in.
    """
    files = [load(path) for path in paths]
    return [await take_in(registry, file, reason) for file in files]


async def take_in(registry: Registry, file: SeedFile, reason: str | None) -> Report:
    """Take one file in."""
    began = perf_counter()
    while True:
        before = (await taken_in(registry)).get(file.name)
        report = Report(file=file.name, things=file.counts(), citations=file.citations, events=0)
        if before == file.sha256:
            return report
        await known(registry, file)
        if before is None:
            steps = [Step(Order(ref=w.ref, command=w.command, creates=w.registers), w.where) for w in file.wishes]
            left: list[str] = []
        else:
            steps, left = await differences(registry, file, reason or f"The seed file {file.name} was corrected.")
        ended = Order(ref=SUBJECT, command=Seed(file=file.name, sha256=file.sha256, basis="curated"), creates=True)
        orders = [*(replace(step.order, propose=file.propose) for step in steps), ended]
        try:
            done = await registry.execute(orders, actor=SEEDS, correlation=f"seeds/{file.name}")
        except errors.VersionMismatch:
            continue  # Somebody wrote to one of the streams since it was read.
        except errors.Refused as refused:
            if (await taken_in(registry)).get(file.name) != before:
                continue  # Another process has taken the file in meanwhile.
            raise SeedError(explained(file, steps, refused)) from refused
        return replace(
            report, events=recorded(done), seconds=perf_counter() - began, left=tuple(left), **kinds(steps, done)
        )


def recorded(done: Iterable[Done]) -> int:
    """How many events were recorded of the file, its own `registry.seeded` aside."""
    return sum(len(each.events) for one in done if one.ref != SUBJECT for each in (one, *one.also))


def kinds(steps: Sequence["Step"], done: Sequence[Done]) -> dict[str, int]:
    """How many corrections and voidings were recorded."""
    events = [(step.order.command, event) for step, one in zip(steps, done, strict=False) for event in one.events]
    return {
        "corrected": sum(isinstance(command, Correct) for command, _ in events),
        "voided": sum(isinstance(command, Void) for command, _ in events),
    }


async def known(registry: Registry, file: SeedFile) -> None:
    """Refuse keys that neither the file nor the registry knows."""
    makes = {wish.ref for wish in file.wishes if wish.registers}
    named: dict[Ref, str] = {}
    for wish in file.wishes:
        for found in (wish.ref, *(found for _, found in references(wish.command))):
            if isinstance(found, Ref) and found not in makes:
                named.setdefault(found, wish.where)
    standing_now = await registry.read(named)
    missing = [ref for ref in named if ref not in standing_now]
    if not missing:
        return
    keys = [name for name in file.names.values() if "/" in name]
    lines = []
    for ref in missing:
        name = file.names.get(str(ref), str(ref))
        category, _, key = name.partition("/")
        candidates = [known.partition("/")[2] for known in keys if known.startswith(f"{category}/") and known != name]
        near = difflib.get_close_matches(key, candidates, 1, cutoff=0.5)
        hint = f"did you mean {near[0]}? Else " if near else ""
        lines.append(f"{named[ref]}: {name} is nowhere: {hint}add its table to this file, or seed the file that has it")
    raise SeedError("\n".join(lines))


# --- Texts ------------------------------------------------------------------------------------------------------------


UTF8 = 4
"""Bytes that a code point may take."""


async def attach(registry: Registry, folder: Path) -> list[str]:
    """Hold the texts in a folder that are those of registered documents, found by their SHA-256; tells each new one.

    One file is read at a time, and none that is larger than any text may be.
    """
    wanted: dict[str, list[UUID]] = {}
    largest = registry.settings.body_limit
    async for chunk in registry.lines(type=TextCaptured.type):
        for line in chunk:
            ref, _, record = decode(line, DECODERS)
            if isinstance(record.event, TextCaptured):
                wanted.setdefault(record.event.sha256, []).append(ref.id)
                largest = max(largest, record.event.length * UTF8)
    told = []
    for path in await asyncio.to_thread(files, folder, largest):
        body = await asyncio.to_thread(path.read_bytes)
        for document_id in wanted.get(hashlib.sha256(body).hexdigest(), ()):
            try:
                new = await registry.keep_text(document_id, body)
            except errors.Refused as refused:
                told.append(f"{path.name}: {refused}")
            else:
                told += [f"{path.name}: held as the text of documents/{document_id}"] if new else []
    return told


def files(folder: Path, size: int) -> list[Path]:
    """The files in a folder, by name, of at most so many bytes."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.stat().st_size <= size]


def cite(text: str, words: str, occurrence: int | None = None) -> str:
    """The citation of words in a text, as seed files hold it. Blanks and line ends between them don't matter.

    Raises SeedError where the words don't occur, or several times: then with each place in its surroundings.
    """
    letters = [re.escape(letter) for letter in words if not letter.isspace()]
    if not letters:
        raise SeedError("the words are empty: give those that the fact comes from")
    found = [match.span() for match in re.finditer(r"\s*".join(letters), text)]
    if not found:
        raise SeedError("the words do not occur in the text: copy them from it, letter by letter")
    if occurrence is not None and not 1 <= occurrence <= len(found):
        raise SeedError(f"the words occur {len(found)} times: occurrence is 1 to {len(found)}")
    if occurrence is None and len(found) > 1:
        lines = [f"the words occur {len(found)} times: say which by --occurrence"]
        for number, (start, end) in enumerate(found, 1):
            around = f"{text[max(0, start - 12) : start]}[{text[start:end]}]{text[end : end + 12]}"
            lines.append(f"{number}: {short_citation(text, start, end)} {' '.join(around.split())}")
        raise SeedError("\n".join(lines))
    return short_citation(text, *found[(occurrence or 1) - 1])
