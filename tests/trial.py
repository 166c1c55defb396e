"""A test-only aggregate whose one event has changed its shape twice, and the program of the first day beside today's.

A weighing was first noted as one text, then as a number and a unit, and today in grams, with who weighed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from service.domain import decider
from service.domain.decider import Command, Decider, Event, Fact, Former, Recorded, Refs, State, event_from
from service.domain.parts import attest, put, sources
from service.domain.values import Part

Weight = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)? (kg|g)\Z")]

# --- Events -----------------------------------------------------------------------------------------------------------


class Weighed1(Fact, frozen=True, kw_only=True, gc=False):
    """Shape 1: one text, such as "12.5 kg"."""

    thing: str
    weight: Weight


class Weighed2(Fact, frozen=True, kw_only=True, gc=False):
    """Shape 2: a number and its unit."""

    thing: str
    amount: Decimal
    unit: str


def weighed_2(old: Weighed1) -> Weighed2:
    """The text taken apart."""
    amount, unit = old.weight.split(" ")
    return event_from(Weighed2, old, amount=Decimal(amount), unit=unit)


def weighed_3(old: Weighed2) -> "Weighed":
    """In grams; who weighed was not noted."""
    return event_from(Weighed, old, grams=old.amount * {"kg": 1000, "g": 1}[old.unit])


class Weighed(Event, frozen=True, kw_only=True, gc=False):
    """A thing was weighed."""

    type = "trial.weighed"
    shape = 3
    formerly = (Former(Weighed1, weighed_2), Former(Weighed2, weighed_3))
    thing: str
    grams: Decimal
    by: str | None = None

    @property
    def part(self) -> str:
        """One part a thing."""
        return f"things/{self.thing}"


class First(Event, frozen=True, kw_only=True, gc=False):
    """The same event as the program of the first day has it."""

    type = "trial.weighed"
    thing: str
    weight: Weight

    @property
    def part(self) -> str:
        """One part a thing."""
        return f"things/{self.thing}"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same."""

    type = "trial.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """A weighing should never have been recorded."""

    type = "trial.voided"


# --- Commands ---------------------------------------------------------------------------------------------------------


class Weigh(Command, frozen=True, kw_only=True, gc=False):
    """Today's command."""

    thing: str
    grams: Decimal
    by: str | None = None


class WeighFirst(Command, frozen=True, kw_only=True, gc=False):
    """The first day's."""

    thing: str
    weight: Weight


# --- State ------------------------------------------------------------------------------------------------------------


class Header(Part, frozen=True, kw_only=True, gc=False):
    """That something was weighed."""


class Thing(Part, frozen=True, kw_only=True, gc=False):
    """What weighs how much, and who said so."""

    grams: Decimal
    by: str | None = None


class Trial(State, frozen=True, kw_only=True, gc=False):
    """The things by their names."""

    header: Header | None = None
    things: dict[str, Thing] = {}


# --- decide, evolve ---------------------------------------------------------------------------------------------------


def decide(id: UUID, trial: Trial, command: Any, named: Refs) -> Sequence[Event]:
    """What each program records."""
    return [event_from(Weighed if isinstance(command, Weigh) else First, command)]


def evolve(trial: Trial, recorded: Recorded) -> Trial:
    """Today's state; the first day's program has the same."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(trial, recorded)
    if isinstance(event, First):
        event = weighed_3(weighed_2(event_from(Weighed1, event)))
    assert isinstance(event, Weighed)
    said = sources(None, recorded)
    begun = trial if trial.header is not None else replace(trial, header=Header(sources=said))
    return put(begun, event.part, Thing(grams=event.grams, by=event.by, sources=said))


TODAY: Decider[Trial] = Decider(
    category="trials",
    initial=Trial(),
    events=(Weighed, Attested, Voided),
    attested=Attested,
    voided=Voided,
    decide=decide,
    evolve=evolve,
)
FIRST_DAY: Decider[Trial] = replace(TODAY, events=(First, Attested, Voided))
MEANINGS = {"trial.weighed": "A thing was weighed.", "trial.attested": "Said again.", "trial.voided": "Wrong."}
