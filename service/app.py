"""The service, wired: routes, errors, keys, limits and metrics around one open registry. Nothing is decided here."""

from typing import Any

from litestar import Litestar
from litestar.datastructures import State

from service import signing
from service.api import (
    agreements,
    calendars,
    commitments,
    coverage,
    discrepancies,
    documents,
    event_types,
    events,
    figures,
    health,
    ledger,
    log,
    meetings,
    network,
    openapi,
    parties,
    pipeline,
    plans,
    projects,
    reconciliation,
    search,
    statements,
    task_sheets,
    tasks,
    transactions,
    webhooks,
)
from service.api.answers import Kept
from service.api.dispatch import Dispatch
from service.api.metrics import Traffic
from service.registry import Registry
from service.store.credentials import Credentials

ROUTES = [
    *agreements.ROUTES,
    *parties.ROUTES,
    *documents.ROUTES,
    *meetings.ROUTES,
    *statements.ROUTES,
    *plans.ROUTES,
    *tasks.ROUTES,
    *projects.ROUTES,
    *discrepancies.ROUTES,
    *figures.ROUTES,
    *reconciliation.ROUTES,
    *task_sheets.ROUTES,
    *transactions.ROUTES,
    *events.ROUTES,
    *event_types.ROUTES,
    *log.ROUTES,
    *commitments.ROUTES,
    *network.ROUTES,
    *coverage.ROUTES,
    *search.ROUTES,
    *ledger.ROUTES,
    *pipeline.ROUTES,
    *calendars.ROUTES,
    *webhooks.ROUTES,
    *health.ROUTES,
    *openapi.ROUTES,
]


def opened(registry: Registry) -> dict[str, Any]:
    """What routes know: the registry, and what is remembered about it."""
    return {
        "registry": registry,
        "credentials": Credentials(registry.pool),
        "kept": Kept(),
        "signing": signing.of(registry.settings, registry.pool, registry.name)
        if registry.mirror is None
        else signing.Mirrored(registry.pool, registry.mirror.origin),
    }


def create_app(registry: Registry) -> Litestar:
    """The application that serves an open registry, which whoever opened it closes."""
    traffic = Traffic()
    app = Litestar(
        route_handlers=ROUTES,
        state=State(opened(registry) | {"traffic": traffic}),
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Dispatch(app, traffic)
    return app
