"""The service, wired: routes, errors, keys, limits and metrics around one open registry. Nothing is decided here."""

from functools import partial

from litestar import Litestar
from litestar.datastructures import State
from litestar.plugins.prometheus import PrometheusConfig

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
    following,
    health,
    ledger,
    meetings,
    network,
    openapi,
    parties,
    paths,
    pipeline,
    plans,
    problems,
    projects,
    reconciliation,
    search,
    statements,
    task_sheets,
    tasks,
    transactions,
    webhooks,
)
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


def create_app(registry: Registry) -> Litestar:
    """The application that serves an open registry, which whoever opened it closes."""
    prometheus = PrometheusConfig(app_name="mengfu", prefix="mengfu_http", group_path=True)
    app = Litestar(
        route_handlers=ROUTES,
        state=State({"registry": registry, "credentials": Credentials(registry.pool), "begun": 0, "under_way": 0}),
        before_request=following.check,
        middleware=[prometheus.middleware],
        exception_handlers={Exception: problems.answer},
        request_max_body_size=registry.settings.body_limit,
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = paths.counted(paths.verbs(app.asgi_handler, partial(problems.allowed, app)), app.state)
    return app
