"""A process of its own that writes to a registry: what the tests of several processes start, freeze and kill.

    python -m tests.registry.client URL NAME CALLERS COUNT PAUSE STREAM...

CALLERS at a time record COUNT clauses on the streams in turn, each resting PAUSE seconds after one, and every
acknowledged one is a line of JSON on standard output at once: stream, version, sequence, label.
"""

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from uuid import UUID

import msgspec
import structlog

import service.registry
from service.config import Settings
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.registry import SELF, Key, Order, Registry


async def write(registry: Registry, name: str, streams: list[UUID], numbers: Iterator[int], pause: float) -> None:
    """Record clauses until the numbers run out."""
    for number in numbers:
        label = f"{name}-{number}"
        ref = Ref("agreements", streams[number % len(streams)])
        key = Key(hash=hashlib.sha256(label.encode()).digest()[:16], fingerprint=b"f" * 16)
        order = Order(ref=ref, command=RecordClause(label=label, text="test data"))
        [done] = await registry.execute([order], actor=SELF, key=key)
        told = {"stream": str(ref.id), "version": done.version, "sequence": done.sequence, "label": label}
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        sys.stdout.buffer.flush()
        await asyncio.sleep(pause)


async def main() -> None:
    """Open the registry, write, close it."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    url, name, callers, count, pause, *streams = sys.argv[1:]
    # What is tested is what is stored, not how busy the machine is.
    service.registry.PATIENCE = 300.0  # type: ignore[attr-defined]
    registry = await Registry.open(Settings(), url)
    numbers = iter(range(int(count)))
    ids = [UUID(stream) for stream in streams]
    await asyncio.gather(*(write(registry, name, ids, numbers, float(pause)) for _ in range(int(callers))))
    await registry.close()


if __name__ == "__main__":
    asyncio.run(main())
