"""Is it alive, is it ready, how is it doing?"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from service.api.access import needs
from service.api.resource import ENCODE
from service.domain import errors
from service.projections.inline import INLINE
from service.registry import Registry
from service.store import migrate, sql


class Health(Struct, frozen=True, kw_only=True):
    """What was looked at, and that it is well. `position` is the log's end."""

    status: str
    position: int | None = None
    schema: str | None = None
    projections: list[str] = []


@get("/health/live", opt={"answer": Health})
async def live() -> ASGIResponse:
    """The process answers."""
    return ASGIResponse(body=ENCODE(Health(status="alive")), headers={"cache-control": "no-store"})


@get("/health/ready", opt={"answer": Health})
async def ready(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The database answers, its schema is the one that this program needs, and every inline projection is there."""
    registry: Registry = request.app.state.registry
    row = await registry.pool.fetchrow(sql("ready"), [projection.table for projection in INLINE])
    assert row is not None  # noqa: S101 -- the head is one row
    if row["revision"] != migrate.newest():
        problem = f"the schema stands at {row['revision']}, this program needs {migrate.newest()}"
        raise errors.Unavailable(problem=problem)
    if row["missing"]:
        raise errors.Unavailable(problem=f"projections are missing: {', '.join(row['missing'])}")
    body = Health(
        status="ready",
        position=row["position"],
        schema=row["revision"],
        projections=[projection.name for projection in INLINE],
    )
    return ASGIResponse(body=ENCODE(body), headers={"cache-control": "no-store"})


class Counters:
    """The registry's own numbers, read when they are asked for."""

    def __init__(self, registry: Registry) -> None:
        """`registry` is the one to look at."""
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """What the writer has done since it was opened, and how many commands wait for it."""
        writer = self._registry.writer
        for name, value in msgspec.structs.asdict(writer.metrics).items():
            yield CounterMetricFamily(f"mengfu_writer_{name}", f"Writer: {name} since the start", value=value)
        yield GaugeMetricFamily("mengfu_writer_queue", "Commands that wait for the writer", value=writer.waiting)


@get("/metrics", opt=needs("reader") | {"media": "text/plain"})
async def metrics(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Numbers in the text format of Prometheus: requests by path and status, and the writer's own."""
    own = CollectorRegistry()
    own.register(Counters(request.app.state.registry))
    body = generate_latest(REGISTRY) + generate_latest(own)
    return ASGIResponse(body=body, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})


ROUTES: list[ControllerRouterHandler] = [live, ready, metrics]
