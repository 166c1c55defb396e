"""Answers made again from the log: each from its stream as it was then, in whatever order the streams come up."""

from datetime import date

from msgspec.structs import replace

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.discrepancy.header import Attested, Detected
from service.domain.discrepancy.life import Waived
from service.domain.folding import fold
from service.registry.orders import Answer
from service.registry.replaying import again
from tests.given import cite, no

TODAY = date(2026, 1, 1)
REF = Ref("discrepancies", no(1))


def test_what_was_recorded_of_a_stream_before_the_order_that_is_told_first() -> None:
    """A resolution's correction may have shown something of the same discrepancy: that stands below its own events."""
    told = [
        Detected(what="何时", proposed_by="curator", citations=cite(1)),
        Attested(attests=1, citations=cite(2)),
        Waived(round=1, reason="不明"),
        Attested(attests=1, citations=cite(3)),
    ]
    log = [replace(Recorded.template(event), sequence=at, version=at) for at, event in enumerate(told, start=1)]

    def answer(before: int, after: int, *also: Answer) -> Answer:
        return Answer(
            category=REF.category,
            id=REF.id,
            before=before,
            after=after,
            sequence=after,
            part="header",
            created=False,
            also=also,
        )

    first, last = again(DECIDERS, [answer(2, 3, answer(1, 2)), answer(3, 4)], {REF: log}, TODAY)
    decider = DECIDERS[REF.category]
    assert first.folded == fold(decider, log[:3], TODAY)
    assert first.also[0].folded == fold(decider, log[:2], TODAY)
    assert last.folded == fold(decider, log, TODAY)
