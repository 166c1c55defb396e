"""The writer under many callers of one process, with hypothesis choosing what they do."""

import asyncio
from uuid import UUID, uuid4, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from service.domain import errors
from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.life import Terminate
from service.domain.decider import Command, Ref
from service.domain.values import PrintedName
from service.registry import SELF, Done, Key, Order, Registry
from tests.conftest import Database
from tests.registry.invariants import check
from tests.soak import examples


class Wish(Struct, frozen=True):
    """What one caller sends: a clause or an end, on which stream, seen at which version, under which key."""

    stream: int
    text: int
    ends: bool
    expected: int | None
    key: int | None


WISHES = st.lists(
    st.builds(
        Wish,
        st.integers(0, 2),
        st.integers(0, 8),
        st.sampled_from([False] * 9 + [True]),
        st.one_of(st.none(), st.integers(1, 6)),
        st.one_of(st.none(), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=60,
)


def key_of(run: UUID, wish: Wish) -> Key | None:
    """The wish's key, whose fingerprint stands for all else in it."""
    if wish.key is None:
        return None
    request = uuid5(run, repr((wish.stream, wish.text, wish.ends, wish.expected)))
    return Key(hash=uuid5(run, str(wish.key)).bytes, fingerprint=request.bytes)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=WISHES)
async def test_many_callers_over_few_streams(registry: Registry, wishes: list[Wish]) -> None:
    """Every caller gets one outcome; what was recorded is dense, is there once, and is what the callers were told."""
    run, ids = uuid4(), [uuid4() for _ in range(3)]
    for id in ids:
        command = Register(title=PrintedName(printed="test data"))
        await registry.execute([Order(ref=Ref("agreements", id), command=command, creates=True)], actor=SELF)

    async def send(wish: Wish) -> Done | errors.Refused:
        command: Command = Terminate() if wish.ends else RecordClause(text=f"text {wish.text}")
        order = Order(ref=Ref("agreements", ids[wish.stream]), command=command, expected=wish.expected)
        try:
            [done] = await registry.execute([order], actor=SELF, key=key_of(run, wish))
        except errors.Refused as refused:
            return refused
        return done

    outcomes = await asyncio.gather(*(send(wish) for wish in wishes))
    recorded: dict[int, tuple[UUID, int]] = {}
    by_key: dict[tuple[int, int], int] = {}
    for wish, outcome in zip(wishes, outcomes, strict=True):
        if isinstance(outcome, Done):
            place = (outcome.ref.id, outcome.version)
            for event in outcome.events:
                assert recorded.setdefault(event.sequence, place) == place
            if wish.key is not None and outcome.events:
                first = by_key.setdefault((wish.key, wish.stream), outcome.sequence)
                assert first == outcome.sequence
        elif isinstance(outcome, errors.VersionMismatch):
            assert wish.expected is not None
        else:
            assert isinstance(outcome, (errors.Ended, errors.KeyReused, errors.NotInThisState)), outcome
    texts = {(wish.stream, wish.text) for wish in wishes}
    for index, id in enumerate(ids):
        folded = (await registry.read([Ref("agreements", id)]))[Ref("agreements", id)]
        told = sorted(version for stream, version in recorded.values() if stream == id)
        assert told == list(range(2, folded.version + 1))
        assert len(folded.base.clauses) <= len({text for stream, text in texts if stream == index})


async def test_what_was_written_by_many_callers_is_sound(database: Database, registry: Registry) -> None:
    """A thousand callers at once: the log, the tree and every projection are what they should be."""
    ids = [uuid4() for _ in range(20)]
    for id in ids:
        command = Register(title=PrintedName(printed="test data"))
        await registry.execute([Order(ref=Ref("agreements", id), command=command, creates=True)], actor=SELF)

    async def send(number: int) -> Done:
        order = Order(ref=Ref("agreements", ids[number % 20]), command=RecordClause(text=f"text {number}"))
        [done] = await registry.execute([order], actor=SELF)
        return done

    done = await asyncio.gather(*(send(number) for number in range(1000)))
    records = await check(database.service)
    assert sorted(one.sequence for one in done) == [recorded.sequence for _, recorded in records[20:]]
