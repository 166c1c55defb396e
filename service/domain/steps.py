"""The steps of a thing's life: each is taken once, by an event that is its own; told again, more is learnt of it."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from service.domain.decider import Attested, Event
from service.domain.settling import again
from service.domain.values import Part


class StepTaken(Event, frozen=True, kw_only=True, gc=False):
    """A step was taken: which one, each event says of itself."""

    step: ClassVar[str]

    @property
    def part(self) -> str:
        """One part a step."""
        return f"steps/{self.step}"


def stepped(
    described: type[Event],
    attested: type[Attested],
    held: Part | None,
    event: Event,
    names: Iterable[str],
    *,
    step: str,
    subject: str,
    ids: Mapping[str, Any] = {},
) -> list[Event]:
    """The events of a step of a life: its taking, where it was not taken yet; else what is learnt of it, as `again`.

    `ids` are the fields that a `described` event names the step by besides `step`.
    """
    if held is None:
        return [event]
    named = {"step": step, **ids}
    return again(described, attested, held, event, names, what=f"{subject}: {step}", ids=named, key="step")
