"""All that one kind of thing is asked and told: the same for each."""

from litestar.types import ControllerRouterHandler

from service.api import changes, corrections, history, reading, writing
from service.api.resource import Resource


def routes(resource: Resource) -> list[ControllerRouterHandler]:
    """Registering, reading, history, changes, commands, corrections."""
    ways = (reading, history, changes, writing, corrections)
    return [handler for way in ways for handler in way.routes(resource)]
