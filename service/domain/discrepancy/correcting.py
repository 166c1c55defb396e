"""The correction that makes the record say what a claim says: the event that the field rests on, restated whole.

An event's citations support all that it sets. So of one that sets the field alone the claim's citations take the place
of its own; of one that sets more, they stand beside them. What had attested the event attested the other value: it goes
on attesting what else the event sets, unless the claim cites the same words.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Attested, Correct, Decider, Event, Recorded, S, Void, own
from service.domain.discrepancy.claims import held, kinds
from service.domain.discrepancy.state import Claim
from service.domain.folding import fold, standing
from service.domain.parts import part_of, says, supports, within
from service.domain.values import Part, UncertainDate

IDS = frozenset({"id", "step", "round"})
"""Fields of parts that no words need to support."""


def stands(part: Part, claim: Claim) -> bool:
    """Whether a part says what a claim says of its field."""
    if claim.field is None:
        return True
    now = held(part, claim.field)
    if now is None or claim.value is None:
        return now is claim.value
    kind = kinds(type(part))[claim.field]
    return within(msgspec.convert(claim.value, kind), msgspec.convert(now, kind))


def corrections(
    decider: Decider[S], records: Sequence[Recorded], state: S, claim: Claim, reason: str
) -> list[Correct | Void]:
    """The correction of a stream, given with all its records, and those of what attested it; none where it says so.

    Raises NotStanding where the part is none of the record's, NotCorrectable where no one event's field says it.
    """
    if claim.subject_part is None:
        return []
    what = f"{claim.subject}: {claim.subject_part}"
    part = part_of(state, claim.subject_part)
    if part is None or (claim.field is not None and claim.value is None):
        raise errors.NotStanding("/choose", what=what if part is None else f"{what}: {claim.field}")
    if claim.field is None or stands(part, claim):
        return []
    sequence = supports(part).get(claim.field, part.sources[0].sequence)
    wrong = next(record for record in standing(records) if record.sequence == sequence)
    refused = errors.NotCorrectable("/choose", what=what, sequence=sequence, type=wrong.event.type)
    right = restated(wrong.event, part, claim, sequence)
    if right is None:
        raise refused
    last = max(record.sequence for record in records) + 1
    day = right.effective.earliest if right.effective else None
    new = replace(
        Recorded.template(right), sequence=last, effective=day, cause="correction", corrects=sequence, version=last
    )
    after = part_of(fold(decider, [*records, new], date.max).base, claim.subject_part)
    if after is None or not stands(after, claim):
        raise refused
    first = Correct(corrects=sequence, reason=reason, event=right)
    return [first, *attested_no_more(records, part, claim, sequence, reason)]


def attested_no_more(
    records: Sequence[Recorded], part: Part, claim: Claim, sequence: int, reason: str
) -> Iterator[Correct | Void]:
    """What had attested the value that is corrected, without that field."""
    cited = {citation for source in claim.sources for citation in source.citations}
    resting = [name for name, by in supports(part).items() if by == sequence and says(getattr(part, name))]
    for record in standing(records):
        event = record.event
        if not isinstance(event, Attested) or event.attests != sequence or set(event.citations) <= cited:
            continue
        if event.fields and claim.field not in event.fields:
            continue
        left = tuple(name for name in event.fields or resting if name != claim.field)
        if set(left) <= IDS:
            yield Void(corrects=record.sequence, reason=reason)
        else:
            yield Correct(corrects=record.sequence, reason=reason, event=replace(event, fields=left))


def restated(event: Event, part: Part, claim: Claim, sequence: int) -> Event | None:
    """The event as it says what is claimed, None where it has no such field, or it cannot say that."""
    field = claim.field or ""
    name = said_as(event, part, field)
    if name is None:
        return None
    own = next((source for source in claim.sources if source.attests is None), None)
    cited = tuple(dict.fromkeys(citation for source in claim.sources for citation in source.citations))
    more = any(
        by == sequence and name != field and name not in IDS and says(getattr(part, name))
        for name, by in supports(part).items()
    )
    said: dict[str, Any] = {
        "citations": tuple(dict.fromkeys((*event.citations, *cited))) if more else cited,
        "basis": own.basis if own is not None and own.basis is not None else event.basis,
        "note": own.note if own is not None and not more else event.note,
    }
    if said["basis"] == "stated" and not said["citations"]:
        said["basis"] = None
    try:
        value = msgspec.convert(claim.value, get_type_hints(type(event), include_extras=True)[name])
        return replace(event, **said, **{name: value})
    except ValueError:
        return None


def said_as(event: Event, part: Part, field: str) -> str | None:
    """What an event calls a field of a part: the day of an end (`until`) is its own, `repealed_by` its `instrument`.

    None where it says no such thing, or several of its fields say the same.
    """
    if field in event.__struct_fields__:
        return field
    value = getattr(part, field, None)
    names = ("effective",) if isinstance(value, UncertainDate) else own(event)
    same = [name for name in names if says(value) and getattr(event, name) == value]
    return same[0] if len(same) == 1 else None
