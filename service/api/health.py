"""Is it alive, is it ready, how is it doing?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from service.api.access import needs
from service.api.answers import Answer
from service.api.resource import ENCODE
from service.domain import errors
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.registry import Registry
from service.registry.progress import Followed
from service.store import migrate, mirrors, sql, webhooks
from service.store.webhooks import Backlog


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a projection stands against the log's end, `lag` events before it.

    One that is `inline` is part of every write, and stands at the end. One that follows may lag, and may have been
    `stopped` by an event that it cannot take: the service answers all the same, from it for its position. While it is
    being built, `goal` is the position from which on it answers.
    """

    name: str
    inline: bool
    position: int
    lag: int
    stopped: str | None = None
    goal: int | None = None


class Following(Struct, frozen=True, kw_only=True):
    """Where a mirror stands against the registry that it follows, whose log is called `origin` and had `size` lines.

    That was when it last answered, at `heard`; `lag` of them are not here yet. `stopped` says why it is followed no
    more: its history does not agree with what was seen of it.
    """

    source: str
    origin: str
    size: int
    lag: int
    heard: datetime
    stopped: str | None


class Health(Struct, frozen=True, kw_only=True):
    """What was looked at, and that it is well. `position` is the log's end, `webhooks` what waits to be sent.

    `replay` is the sequence up to which a log was replayed here, `mirror` the registry that is followed here, both for
    reading alone; null in a registry of its own.
    """

    status: str
    position: int | None = None
    schema: str | None = None
    projections: list[Standing] = []
    webhooks: Backlog | None = None
    replay: int | None = None
    mirror: Following | None = None


async def mirrored(registry: Registry, position: int) -> Following | None:
    """How far a mirror is; None where this is none."""
    if registry.mirror is None or (now := await mirrors.load(registry.pool)) is None:
        return None
    return Following(
        source=now.url,
        origin=now.origin,
        size=now.size,
        lag=max(0, now.size - position),
        heard=now.heard,
        stopped=now.stopped,
    )


@get("/health/live", opt={"answer": Health})
async def live(request: Request[Any, Any, Any]) -> Answer:
    """The process answers."""
    body = Health(status="alive", replay=request.app.state.registry.replayed)
    return Answer(body=ENCODE(body), headers={"cache-control": "no-store"})


@get("/health/ready", opt={"answer": Health})
async def ready(request: Request[Any, Any, Any]) -> Answer:
    """The database answers, its schema is the one that this program needs, and every projection is there.

    A following projection that lags or has stopped does not make the service unready: it is told, with its position.
    """
    registry: Registry = request.app.state.registry
    row = await registry.pool.fetchrow(sql("ready"), [projection.table for projection in (*INLINE, *FOLLOWING)])
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
        projections=[
            *(Standing(name=one.name, inline=True, position=row["position"], lag=0) for one in INLINE),
            *(
                Standing(
                    name=one.name,
                    inline=False,
                    position=one.position,
                    lag=one.lag,
                    stopped=one.stopped,
                    goal=one.goal if one.building else None,
                )
                for one in await registry.progress.told()
            ),
        ],
        webhooks=await webhooks.backlog(registry.pool),
        replay=registry.replayed,
        mirror=await mirrored(registry, row["position"]),
    )
    return Answer(body=ENCODE(body), headers={"cache-control": "no-store"})


class Counters:
    """The registry's own numbers, read when they are asked for."""

    def __init__(
        self, registry: Registry, following: Sequence[Followed], backlog: Backlog, mirror: Following | None
    ) -> None:
        """`registry` is the one to look at, `following` how far its projections are, `backlog` what is to be sent.

        `mirror` says how far it is itself, where it follows another.
        """
        self._registry = registry
        self._mirror = mirror
        self._following = following
        self._backlog = backlog

    def collect(self) -> Iterator[Metric]:
        """What the writer has done since it was opened, how many commands wait for it, and what follows how far."""
        writer = self._registry.writer
        for name, value in msgspec.structs.asdict(writer.metrics).items():
            yield CounterMetricFamily(f"mengfu_writer_{name}", f"Writer: {name} since the start", value=value)
        yield GaugeMetricFamily("mengfu_writer_queue", "Commands that wait for the writer", value=writer.waiting.orders)
        for name, text, value in (
            ("position", "Sequence up to which a projection has followed the log", lambda one: one.position),
            ("lag_events", "Events that a projection has still to follow", lambda one: one.lag),
            ("lag_seconds", "Seconds since the first event that it has still to follow", lambda one: one.seconds),
            ("stopped", "1 where an event has stopped the projection", lambda one: int(one.stopped is not None)),
        ):
            family = GaugeMetricFamily(f"mengfu_projection_{name}", text, labels=["projection"])
            for one in self._following:
                family.add_metric([one.name], value(one))
            yield family
        if (mirror := self._mirror) is not None:
            silent = (datetime.now(UTC) - mirror.heard).total_seconds()
            for name, text, number in (
                ("lag_events", "Events of the registry that is followed here which are not here yet", mirror.lag),
                ("silent_seconds", "Seconds since the registry that is followed here has answered", silent),
                ("stopped", "1 where the registry is followed no more", int(mirror.stopped is not None)),
            ):
                yield GaugeMetricFamily(f"mengfu_mirror_{name}", text, value=number)
        for name, text in (
            ("waiting", "Deliveries that wait to be sent, or sent again"),
            ("due", "Deliveries that wait and are due"),
            ("given_up", "Deliveries that were given up"),
            ("oldest", "Seconds that the oldest delivery has waited"),
            ("disabled", "Webhooks that were ended by their failures"),
            ("lag", "Events that a webhook has still to look at, at most"),
        ):
            yield GaugeMetricFamily(f"mengfu_webhooks_{name}", text, value=getattr(self._backlog, name))


@get("/metrics", opt=needs("reader") | {"media": "text/plain"})
async def metrics(request: Request[Any, Any, Any]) -> Answer:
    """Numbers in the text format of Prometheus: requests by path and status, the writer's own, what follows how far."""
    own = CollectorRegistry()
    registry: Registry = request.app.state.registry
    mirror = await mirrored(registry, await registry.head()) if registry.mirror is not None else None
    own.register(Counters(registry, await registry.progress.told(), await webhooks.backlog(registry.pool), mirror))
    body = generate_latest(REGISTRY) + generate_latest(own)
    return Answer(body=body, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})


ROUTES: list[ControllerRouterHandler] = [live, ready, metrics]
