"""All aggregates and all event types."""

from typing import Any

from service.domain import agreement
from service.domain.decider import Decider

DECIDERS: dict[str, Decider[Any]] = {decider.category: decider for decider in (agreement.DECIDER,)}
