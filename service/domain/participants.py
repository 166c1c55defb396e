"""Who takes part, in a meeting or in what was said: a person, a party as such, or people whom no source names.

A fact of this sort has the fields `role`, `person`, `party`, `name` (of the party, as printed), `group` (people in
words of our own) and `number` (how many they are). A party beside a person is whom the person stood for; beside a
group, whose people they are. One person has as many parts as roles and titles as printed: two sources that give
different titles do not contradict each other.
"""

from collections.abc import Mapping
from typing import Any

from service.domain.decider import Attested, Event, fields_set
from service.domain.parts import says
from service.domain.settling import again
from service.domain.values import Part, PrintedName

LEARNT = ("person", "name", "number")
"""What may become known of somebody later; of a person neither the name nor the title as printed."""


def somebody(fact: Any) -> None:
    """Somebody is told of; a name as printed is a party's, a number that of a group."""
    if fact.person is None and fact.party is None and fact.group is None:
        raise ValueError("whoever takes part is a person, a party, or a group of people")
    if says(fact.name) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")
    if says(fact.number) and fact.group is None:
        raise ValueError("a number counts a group of people")


def described(fact: Any) -> None:
    """Somebody is told of, and something became known."""
    somebody(fact)
    if fact.person is None and not fields_set(fact, ("name", "number")):
        raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")


def key(fact: Any) -> str:
    """The key of a participant among its like: role, person with title, party, group."""
    person = fact.person
    who = (person.name.printed, person.title or "") if person is not None else ("", "")
    return ":".join((fact.role or "", *who, str(fact.party or ""), fact.group or ""))


def held_as(known: Mapping[str, Any], told: Any) -> Any:
    """The part that a fact tells of again: the same, or, where it gives no title, the first of that name and role."""
    if (held := known.get(key(told))) is not None or told.person is None or told.person.title is not None:
        return held
    same = [
        one
        for one in known.values()
        if one.person is not None
        and one.person.name.printed == told.person.name.printed
        and (one.role, one.party, one.group) == (told.role, told.party, told.group)
    ]
    return min(same, key=lambda one: one.sources[0].sequence, default=None)


def taking_part(
    what: str, known: Mapping[str, Part], command: Any, kinds: tuple[type[Event], type[Event], type[Attested]]
) -> list[Event]:
    """The events of a participant: that it is one, or what is told anew of one that is.

    `kinds` are the aggregate's events for somebody recorded, described, and attested.
    """
    recorded, describes, attested = kinds
    held = held_as(known, command)
    if held is None:
        told = {name: getattr(command, name) for name in command.__struct_fields__}
        return [recorded(**told)]
    ids = {name: getattr(held, name) for name in ("role", "person", "party", "group")}
    repeated = next((name for name in ("role", "party", "group") if getattr(held, name) is not None), None)
    return again(describes, attested, held, command, LEARNT, what=what, ids=ids, key=repeated)


def shown(one: Any) -> str:
    """Who it is, in a list: the person's name as meant, else the party's as printed, else the group."""
    if one.person is not None:
        return str(one.person.name.meant)
    name: PrintedName | None = one.name
    return name.meant if name is not None else str(one.group or "")
