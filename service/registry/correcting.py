"""What a correction may replace, which registration may be voided, and what comes back. Pure."""

from collections.abc import Iterable, Sequence

from service.domain import errors
from service.domain.decider import Attested, Event, Recorded, Ref, State
from service.domain.folding import standing
from service.domain.parts import touched
from service.domain.references import references
from service.domain.values import Citation


def chain(ref: Ref, records: Sequence[Recorded], corrects: int) -> tuple[Recorded, Event]:
    """The first record in whose place the one with that sequence stands, and the event that stands there by now."""
    by_sequence = {record.sequence: record for record in records}

    def root(record: Recorded) -> Recorded:
        while record.corrects is not None:
            record = by_sequence[record.corrects]
        return record

    if corrects not in by_sequence:
        raise errors.CorrectionUnknown("/corrects", subject=str(ref), sequence=corrects)
    first = root(by_sequence[corrects])
    return first, [record for record in records if root(record) is first][-1].event


def fits(ref: Ref, first: Recorded, event: Event) -> None:
    """Refuse an event that cannot stand in the place of `first`: a correction keeps what the event is about."""
    was = first.event
    if type(event) is not type(was):
        raise errors.CorrectionKind("/corrects", sequence=first.sequence, type=was.type)
    if event.part != was.part:
        raise errors.CorrectionPart("/corrects", sequence=first.sequence, part=was.part)
    for field in event.fixed:
        if getattr(event, field) != getattr(was, field):
            raise errors.CorrectionFixed(f"/{field}", sequence=first.sequence, field=field)
    found = list(references(event))
    cited = {f"{pointer}/document" for pointer, reference in found if isinstance(reference, Citation)}
    for pointer, reference in found:
        if reference == ref and pointer not in cited:
            raise errors.Circular(pointer, subject=str(ref))


def alone(ref: Ref, records: Iterable[Recorded], first: Recorded) -> None:
    """Refuse to void a registration that anything else in the stream rests on; its attestations go with it."""
    if not first.event.begins:
        return
    for record in standing(records):
        event = record.event
        if record.sequence != first.sequence and not (isinstance(event, Attested) and event.attests == first.sequence):
            raise errors.NotAlone("/corrects", sequence=first.sequence, subject=str(ref))


def brought_back(records: Iterable[Recorded], before: State, after: State) -> list[Event]:
    """The events that told of what stands again: of the parts that a stream has after a correction and had not before.

    What ends a thing tells nothing else of it: voided, it leaves the thing as it was told, as if it were told anew.
    """
    told = {source.sequence for _, old, new in touched(before, after) if old is None and new for source in new.sources}
    return [record.event for record in standing(records) if record.sequence in told] if told else []
