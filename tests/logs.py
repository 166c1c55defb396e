"""Whole logs: a small one with all that a log can hold, and long ones of test data."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from uuid import UUID, uuid5

from service import seeding
from service.config import room
from service.domain import party
from service.domain.agreement.amendments import AmendClause
from service.domain.agreement.clauses import ClauseRecorded, RecordClause
from service.domain.agreement.header import Registered
from service.domain.agreement.life import Sign
from service.domain.decider import Correct, Recorded, Ref, Void
from service.domain.values import Citation, Locator, PrintedName
from service.registry import Registry
from service.store import line as lines
from tests.registry.test_door import a_document, agreement, day, do, make

TONGUES = "عهد · Übereinkunft · συμφωνία · 協定 · соглашение · עברית · ไทย · 𠮷 · 🤝\nthe second line"
"""Text in many scripts, in both directions, beyond the basic plane, in two lines."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。"


async def write(registry: Registry) -> None:
    """The seeds; then corrections of corrections, voidings, attestations, text in many scripts, what is yet to come."""
    for path in sorted(room("seeds").glob("*.toml")):
        await seeding.seed(registry, [path])
    ref = await make(registry, "agreements", agreement(note=TONGUES, basis="curated"))
    recorded = await do(registry, ref, RecordClause(text=TONGUES))
    [clause] = recorded.folded.base.clauses.values()
    source = Citation(document=(await a_document(registry)).id, locator=Locator(page="1"))
    await do(registry, ref, RecordClause(id=clause.id, text=TONGUES, citations=(source,)))
    signed = await do(registry, ref, Sign(effective=day("2020-01-02")))
    event = signed.events[0].event
    for date in ("2020-02-03", "2020-03-04"):
        again = Correct(corrects=signed.sequence, reason="读错了日期", event=type(event)(effective=day(date)))
        signed = await do(registry, ref, again)
    await do(registry, ref, AmendClause(clause=clause.id, text="later", effective=day("2999-01-01")))
    wrong = await do(registry, ref, RecordClause(text="never said"))
    await do(registry, ref, Void(corrects=wrong.sequence, reason="it was only a try"))
    await make(registry, "parties", party.Register(kind="city", name=PrintedName(printed="مدينة", restored="城市")))


def synthetic(count: int, text: str = WORDS, name: str = "synthetic") -> Iterator[bytes]:
    """That many lines of test data: agreements with a clause or more, spread over the log, each line a millisecond."""
    began, space = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), uuid5(UUID(int=0), name)
    envelope = lines.Envelope(source=f"urn:mengfu:{name}", actor=UUID(int=5))
    streams: list[UUID] = []
    versions: list[int] = []
    for number in range(count):
        if number % 4 == 0:
            stream = len(streams)
            streams.append(uuid5(space, f"agreement {number}"))
            versions.append(0)
            event: Registered | ClauseRecorded = Registered(title=PrintedName(printed=f"Test agreement {number}"))
        else:
            stream = number * 7919 % len(streams)
            cited = Citation(document=space, start=number, end=number + 9, sha256="0" * 64)
            event = ClauseRecorded(
                clause=uuid5(space, f"clause {number}"),
                label=str(number),
                text=text,
                basis="stated",
                citations=(cited,),
            )
        versions[stream] += 1
        recorded = Recorded(
            sequence=number + 1,
            version=versions[stream],
            time=began + dt.timedelta(milliseconds=number),
            effective=None,
            actor=envelope.actor,
            event=event,
        )
        yield lines.encode(envelope, Ref("agreements", streams[stream]), recorded)


async def whole(registry: Registry) -> list[bytes]:
    """Every line of a registry."""
    return [line async for chunk in registry.lines() for line in chunk]


async def in_chunks(log: Iterable[bytes], size: int = 50) -> AsyncIterator[list[bytes]]:
    """A log as `copy` takes it."""
    rest = iter(log)
    while chunk := list(islice(rest, size)):
        yield chunk
