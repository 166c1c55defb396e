"""What of a state rests on a date that the day lies within, and on which days that changes.

A date of several days, or without an end, leaves open from its first day until its last whether the fact has come by
then. What rests on it is told as pointers into the answer.
"""

from collections.abc import Iterator
from datetime import date

from service.domain.decider import Decider, S, State
from service.domain.places import inside, named, shown
from service.domain.values import UncertainDate


def wide(state: State) -> Iterator[UncertainDate]:
    """The dates that anything in the state rests on and that leave more than one day. Most often there are none."""
    for field in state.__struct_fields__:
        held = getattr(state, field)
        for part in held.values() if isinstance(held, dict) else (held,) if held is not None else ():
            for source in part.sources:
                since = source.effective
                if since is not None and (since.earliest is None or since.earliest != since.latest):
                    yield since


def settled(state: State) -> Iterator[date]:
    """The days on which something that was uncertain before certainly holds."""
    return (since.latest for since in wide(state) if since.latest is not None)


def vague(state: State, day: date) -> bool:
    """Whether anything in the state rests on a date that the day lies within."""
    return any(since.open_on(day) for since in wide(state))


def uncertain(decider: Decider[S], state: S, day: date) -> list[str]:
    """The pointers to what rests on a date that the day lies within: whole parts, or fields where a source names them.

    An attestation says nothing of its own about when.
    """
    found: dict[str, None] = {}
    if not vague(state, day):
        return []
    for field in state.__struct_fields__:
        for name, pointer, part in shown(state, field):
            for source in part.sources:
                if source.attests is None and source.effective is not None and source.effective.open_on(day):
                    if field in decider.life:
                        found["/status"] = None
                    told = inside(part, source.fields) if field != "header" else source.fields
                    rests = [f"{pointer}/{named(name, one)}" for one in told] if source.fields else [pointer]
                    found.update(dict.fromkeys(rests))
    return list(found)
