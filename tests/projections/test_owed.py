"""Commitments as they stand in the append: told of what an event touches alone, the rows are those of the whole."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import commitments
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.duties import ObligationRecorded
from service.domain.agreement.header import Registered
from service.domain.catalogue import DECIDERS
from service.domain.decider import Event, Ref
from service.domain.folding import Folded, advance, fold
from service.projections import Row
from service.projections.owed import COMMITMENTS, OWED
from tests.given import ID, no, recorded
from tests.projections.streams import TODAY
from tests.projections.test_bitemporal import drawn, steady


@pytest.mark.parametrize("category", sorted(OWED.categories))
@steady
@given(data=st.data())
def test_differences_come_to_the_rows(category: str, data: st.DataObject) -> None:
    decider, ref = DECIDERS[category], Ref(category, ID)
    log = drawn(data, category, most=14)
    today = data.draw(st.sampled_from([TODAY, date(2012, 1, 1), date(2041, 1, 2)]))
    stored: dict[str, dict[Row, Row]] = {table.name: {} for table in (COMMITMENTS, OWED)}
    before: Folded[Any] | None = None
    for index, record in enumerate(log):
        # As the writer does: go on from what it knows, or fold anew where the order of the days asks for it.
        after = advance(decider, before, record, today) if before is not None else None
        if after is None:
            after = fold(decider, log[: index + 1], today)
        for table in (COMMITMENTS, OWED):
            put, gone = table.difference(ref, before, after)
            held = stored[table.name]
            for key in gone:
                del held[key]
            held.update({row[: table.key]: row for row in put})
            assert held == {row[: table.key]: row for row in table.rows(ref, after)}
        before = after


def test_a_clause_touched_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of a thousand clauses is not told again for the next one."""
    decider, ref = DECIDERS["agreements"], Ref("agreements", ID)
    events: list[Event] = [Registered(called="某协议")]
    for number in range(300):
        events += [
            ClauseRecorded(clause=no(number), heading="某条"),
            ObligationRecorded(clause=no(number), obligors=(no(901),), beneficiaries=(no(902),)),
        ]
    told: list[int] = []
    whole = commitments.of_agreement

    def counted(agreement: Any, day: date) -> Any:
        told.append(len(agreement.clauses))
        return whole(agreement, day)

    monkeypatch.setattr(commitments, "of_agreement", counted)
    folded = fold(decider, [recorded(1, events[0])], TODAY)
    for sequence, event in enumerate(events[1:], 2):
        after = advance(decider, folded, recorded(sequence, event), TODAY)
        assert after is not None
        OWED.difference(ref, folded, after)
        folded = after
    assert max(told) <= 1
