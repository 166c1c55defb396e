"""Who takes part, in a meeting or in what was said: a person, a party as such, or people whom no source names.

A fact of this sort has the fields `role`, `person`, `party`, `name` (of the party, as printed), `group` (people in
words of our own) and `number` (how many they are). A party beside a person is whom the person stood for; beside a
group, whose people they are. One person has as many parts as roles and titles as printed: two sources that give
different titles do not contradict each other.

Each has an id, which stays when a name, a title or a role is corrected. Where a command gives none it follows from the
words: the same words are the same participant.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import msgspec

from service.domain.decider import Attested, Event, event_from, fields_set
from service.domain.parts import says
from service.domain.settling import again
from service.domain.values import PrintedName

LEARNT = ("role", "person", "party", "name", "group", "number")
"""What may become known of somebody later."""


def somebody(fact: Any) -> None:
    """Somebody is told of; a name as printed is a party's, a number that of a group."""
    if fact.person is None and fact.party is None and fact.group is None:
        raise ValueError("whoever takes part is a person, a party, or a group of people")
    if says(fact.name) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")
    if says(fact.number) and fact.group is None:
        raise ValueError("a number counts a group of people")


def described(fact: Any) -> None:
    """Something became known."""
    if not fields_set(fact, LEARNT):
        raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")


def identity(one: Any) -> tuple[Any, ...]:
    """The words that tell one participant from another: role, person with title, party, group."""
    person = one.person
    who = (person.name.printed, person.title) if person is not None else (None, None)
    return (one.role, *who, one.party, one.group)


def id_of(stream: UUID, told: Any) -> UUID:
    """A participant's id: given, or one that is the same for the same words."""
    given: UUID | None = told.id
    return given if given is not None else uuid5(stream, msgspec.json.encode(identity(told)).decode())


def held_as(stream: UUID, known: Mapping[str, Any], told: Any) -> Any:
    """The part that a fact tells of again, None where there is none.

    That with its id; without one, that of the same words as they stand today, however it was first recorded; else,
    where no title is given, the first of that name and role.
    """
    own = known.get(str(id_of(stream, told)))
    words = identity(told)
    if told.id is not None or (own is not None and identity(own) == words):
        return own
    same = [one for one in known.values() if identity(one) == words]
    if not same and told.person is not None and told.person.title is None:
        untitled = (told.role, told.person.name.printed, told.party, told.group)
        named = [one for one in known.values() if one.person is not None]
        same = [one for one in named if (one.role, one.person.name.printed, one.party, one.group) == untitled]
    return min(same, key=lambda one: one.sources[0].sequence, default=own)


def taking_part(
    stream: UUID,
    what: str,
    known: Mapping[str, Any],
    command: Any,
    kinds: tuple[type[Event], type[Event], type[Attested]],
    field: str,
) -> list[Event]:
    """The events of a participant: that it is one, or what is told anew of one that is.

    `kinds` are the aggregate's events for somebody recorded, described, and attested; `field` is what they call the id.
    """
    recorded, describes, attested = kinds
    held = held_as(stream, known, command)
    if held is None:
        return [event_from(recorded, command, **{field: id_of(stream, command)})]
    what = f"{what}/{held.id}"
    return again(describes, attested, held, command, LEARNT, what=what, ids={field: held.id}, key="id")


def shown(one: Any) -> str:
    """Who it is, in a list: the person's name as meant, else the party's as printed, else the group."""
    if one.person is not None:
        return str(one.person.name.meant)
    name: PrintedName | None = one.name
    return name.meant if name is not None else str(one.group or "")
