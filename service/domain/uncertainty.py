"""What of a state rests on a date that the day lies within, and on which days.

A date of several days, or without an end, leaves open from its first day until its last whether the fact has come by
then. What rests on it is told as pointers into the answer.
"""

from collections.abc import Iterator
from datetime import date

from service.domain.decider import Decider, S, State
from service.domain.places import inside, named, shown
from service.domain.values import Part


def vague(state: State, day: date) -> bool:
    """Whether anything in the state rests on a date that the day lies within. Most often nothing does."""
    for field in state.__struct_fields__:
        held = getattr(state, field)
        for part in held.values() if isinstance(held, dict) else (held,) if held is not None else ():
            for source in part.sources:
                if source.effective is not None and source.effective.open_on(day):
                    return True
    return False


def uncertain(decider: Decider[S], state: S, day: date) -> list[str]:
    """The pointers to what rests on a date that the day lies within, as `resting` tells it of each part."""
    found: dict[str, None] = {}
    if vague(state, day):
        for field in state.__struct_fields__:
            for name, pointer, part in shown(state, field):
                found.update(dict.fromkeys(resting(decider, name, pointer, part, day)))
    return list(found)


def resting(decider: Decider[S], name: str, pointer: str, part: Part, day: date) -> Iterator[str]:
    """Of one part, which stands at that pointer: the part as a whole, or fields of it where a source names them.

    `/status` where the part is one of a life. An attestation says nothing of its own about when.
    """
    field = name.partition("/")[0]
    for source in part.sources:
        if source.attests is None and source.effective is not None and source.effective.open_on(day):
            if field in decider.life:
                yield "/status"
            told = inside(part, source.fields) if field != "header" else source.fields
            yield from (f"{pointer}/{named(name, one)}" for one in told) if source.fields else (pointer,)


def turns(part: Part) -> list[date]:
    """The days on which what rests on the part's dates begins or ends to be uncertain, in their order."""
    days: set[date] = set()
    for source in part.sources:
        since = source.effective
        if since is not None and (since.earliest is None or since.earliest != since.latest):
            days |= {since.earliest or date.min, since.latest or date.max}
    return sorted(days)
