"""Rows with both times: for any stream they say, of every day and every position, what a fold of the log says."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Recorded, Ref, Voided
from service.domain.folding import Folded, dated, fold, standing
from service.domain.references import citations
from service.projections import Row, telling
from service.projections import cited as citing
from service.projections.bitemporal import Bitemporal
from service.projections.citations import CITATIONS_KNOWN, begun, every, facts
from service.projections.following import FOLLOWING
from service.projections.inputs import Key
from service.projections.track import FOREVER, Changes, ForgottenError, Track
from tests.anything import any_of
from tests.given import ID, cite, recorded
from tests.soak import examples

CATEGORIES = sorted({category for table in FOLLOWING for category in table.categories})
DAYS = [date.min, *(date(year, 1, day) for year in (2012, 2016, 2041) for day in (1, 2)), date(9999, 1, 1)]
steady = settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def drawn(data: st.DataObject, category: str, most: int = 10) -> list[Recorded]:
    """A stream's log: any events, in any order, some of them corrected or voided."""
    decider = DECIDERS[category]
    kinds = [kind for kind in decider.events if not issubclass(kind, Voided)]
    begins = [kind for kind in kinds if kind.begins]

    def event(kind: Any) -> Any:
        """Any event of the kind; where it cites, one document or another."""
        made = data.draw(any_of(kind))
        return replace(made, citations=cite(1, data.draw(st.integers(90, 92)))) if made.citations else made

    chosen = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4, unique=True))
    log = [recorded(1, event(begins[0]))]
    for sequence in range(2, data.draw(st.integers(1, most)) + 2):
        if data.draw(st.integers(0, 3)) == 0:
            wrong = data.draw(st.sampled_from(log))
            kind = decider.voided if data.draw(st.booleans()) else type(wrong.event)
            new = recorded(sequence, event(kind))
            log.append(replace(new, cause="correction", corrects=wrong.sequence))
        else:
            log.append(recorded(sequence, event(data.draw(st.sampled_from(chosen)))))
    return log


def cited(ref: Ref, log: list[Recorded], day: date) -> dict[Key, Row]:
    """The citations of all events that stand and hold by the day, with the part that each is about."""
    told: dict[int, Recorded] = {}
    found: dict[Key, Row] = {}
    for starts, record in dated(standing(log)):
        if starts > day:
            continue
        event, about, attests = record.event, record, None
        if isinstance(event, Attested):
            attests = event.attests
            if attests not in told:
                continue
            about = told[attests]
        else:
            told[record.sequence] = record
        named = ",".join(event.fields) if isinstance(event, Attested) and event.fields else citing.fields(about.event)
        for citation in citations(event):
            key = (record.sequence, citation.document, *citing.place(citation))
            found[key] = (ref.category, about.event.part, named, attests)
    return found


def naive(table: Bitemporal, ref: Ref, log: list[Recorded], folded: Folded[Any], day: date) -> dict[Key, Row]:
    """What is said on the day, of the stream folded on that day."""
    if table is citing.CITED:
        return cited(ref, log, day)
    if table is CITATIONS_KNOWN:
        registered = begun(fold(DECIDERS[ref.category], log, date.max).base)
        return {(document,): (ref.category, registered) for document in every(facts(folded))}
    return dict(table.said(ref, folded.base, day))


def held(table: Bitemporal, rows: list[Row], day: date, position: int) -> dict[Key, Row]:
    """What the rows say of a day, as known at a position."""
    found: dict[Key, Row] = {}
    width = 1 + len(table.keys)
    for row in rows:
        starts, known_from, ends, known_to = row[width : width + 4]
        if starts <= day < ends and known_from <= position < known_to:
            assert row[1:width] not in found
            found[row[1:width]] = row[width + 4 :]
    return found


def edge_days(log: list[Recorded]) -> set[date]:
    """Every day on which something may change, with the days before and after it."""
    edges = {record.effective for record in log if record.effective is not None}
    return {day + timedelta(days=more) for day in edges for more in (-1, 0, 1)} | set(DAYS)


@pytest.mark.parametrize("category", CATEGORIES)
@steady
@given(data=st.data())
def test_rows_say_what_a_fold_says(category: str, data: st.DataObject) -> None:
    decider, ref = DECIDERS[category], Ref(category, ID)
    log = drawn(data, category)
    days = edge_days(log)
    for table in FOLLOWING:
        rows = list(table.of(decider, ref, log, date.min))
        if category not in table.categories:
            assert rows == []
            continue
        assert len({row[: table.key] for row in rows}) == len(rows)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(telling, "SHORT", 0)
            assert sorted(table.of(decider, ref, log, date.min), key=repr) == sorted(rows, key=repr)
        for position in range(len(log) + 1):
            for day in days:
                folded = fold(decider, log[:position], day)
                assert held(table, rows, day, position) == naive(table, ref, log[:position], folded, day), (
                    table.name,
                    day,
                    position,
                )


@pytest.mark.parametrize("category", CATEGORIES)
@steady
@given(data=st.data())
def test_rows_do_not_depend_on_how_the_log_was_cut(category: str, data: st.DataObject) -> None:
    """A stream forgotten and loaded again, with or without its records, goes on as if it had been kept."""
    decider, ref = DECIDERS[category], Ref(category, ID)
    log = drawn(data, category)
    tables = [table for table in FOLLOWING if category in table.categories]
    stored: dict[str, dict[Row, Row]] = {table.name: {} for table in tables}
    track, changes = Track(decider, ref), {table.name: Changes() for table in tables}
    for index, record in enumerate(log):
        try:
            step = track.step(record)
        except ForgottenError:
            track.records = log[:index]
            step = track.step(record)
        for table in tables:
            track.tell(table, step, changes[table.name])
        if data.draw(st.booleans()):
            for table in tables:
                store(table, stored[table.name], changes[table.name])
            changes = {table.name: Changes() for table in tables}
            match data.draw(st.integers(0, 2)):
                case 0:
                    track = Track.load(decider, ref, log[: index + 1], tables)
                case 1:
                    track.records = None
    for table in tables:
        store(table, stored[table.name], changes[table.name])
        assert sorted(stored[table.name].values(), key=repr) == sorted(table.of(decider, ref, log, date.min), key=repr)


def store(table: Bitemporal, stored: dict[Row, Row], changes: Changes) -> None:
    """What the statement does, on a dict by primary key."""
    width = 2 + len(table.keys)
    for place in changes.closed:
        *at, sequence = place
        (key,) = [key for key, row in stored.items() if row[:width] == tuple(at) and row[width + 2] == FOREVER]
        stored[key] = (*stored[key][: width + 2], sequence, *stored[key][width + 3 :])
    for row in changes.put():
        assert row[: table.key] not in stored
        stored[row[: table.key]] = row
