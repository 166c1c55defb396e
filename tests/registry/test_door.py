"""The one door: what goes in comes out, once, in order."""

from uuid import uuid4

from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Key, Order, Registry


async def test_register_and_read(registry: Registry) -> None:
    ref = Ref("agreements", uuid4())
    command = Register(title=PrintedName(printed="Test"), kind="supply", clauses=(RecordClause(text="a"),))
    key = Key(hash=b"k" * 16, fingerprint=b"f" * 16)
    order = Order(ref=ref, command=command, creates=True)
    [done] = await registry.execute([order], actor=SELF, key=key)
    assert (done.version, done.sequence, done.created) == (2, 2, True)
    [again] = await registry.execute([order], actor=SELF, key=key)
    assert again == done
    [same] = await registry.execute([order], actor=SELF)
    assert (same.version, same.events) == (2, ())
    folded = (await registry.read([ref]))[ref]
    assert folded.version == 2
    assert folded == done.folded
    lines = [line async for chunk in registry.lines() for line in chunk]
    assert len(lines) == 2
