"""Documents over HTTP: what an answer is made of, which command has which path, and the text itself."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, put
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import bodies, corrections, lists, reading, streams, writing
from service.api.access import needs
from service.api.resource import Pending, Resource, Shown, Way, listed
from service.domain import document as parts
from service.domain import errors
from service.domain.document import DECIDER, Register
from service.domain.values import Label, PrintedName, Script, Sha256, Source, UncertainDate
from service.projections import documents
from service.registry import Registry


class Document(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document as it is known today. `sha256` and `length` (in code points) are those of its captured text.

    `sources` are those of the description; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    title: PrintedName | None
    kind: parts.Kind
    publisher: Label | None
    publisher_party: UUID | None
    authors: tuple[Label, ...]
    date: UncertainDate | None
    language: parts.Language
    script: Script | None
    number: Label | None
    url: parts.Url | None
    sha256: Sha256 | None
    length: int | None
    sources: tuple[Source, ...]
    segments: parts.Segments | None = None
    passed: parts.Passed | None = None
    republication: parts.Republication | None = None
    reliability: parts.Reliability | None = None
    withdrawal: parts.Withdrawal | None = None
    versions: list[parts.Version]
    pending: list[Pending]


def view(shown: Shown) -> Document:
    """The answer for a document."""
    state: parts.Document = shown.state
    assert state.header is not None  # noqa: S101 -- nothing is shown without one
    return Document(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        segments=state.segments,
        passed=state.passed,
        republication=state.republication,
        reliability=state.reliability,
        withdrawal=state.withdrawal,
        versions=listed(state.versions),
        pending=shown.pending,
        **msgspec.structs.asdict(state.header),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Document,
    view=view,
    register=Register,
    ways=(
        Way(":describe", parts.Describe),
        Way(":capture", parts.CaptureText),
        Way("/versions", parts.RecordTextVersion),
        Way("/segments", parts.Segment),
        Way("/passed", parts.PassOver),
        Way("/republication", parts.RecordRepublication),
        Way("/reliability", parts.AssessReliability),
        Way(":withdraw", parts.Withdraw),
    ),
)

TEXT = "/api/documents/{id:uuid}/text"


@put(TEXT, opt=needs("registrar") | {"raw": True})
async def attach(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Have the captured text held here, byte for byte. Its SHA-256 must be the one registered."""
    registry: Registry = request.app.state.registry
    bodies.parameters(request, streams.Nothing)
    new = await registry.keep_text(request.path_params["id"], await request.body())
    return ASGIResponse(status_code=201 if new else 200, headers={"location": request.scope["path"]})


@get(TEXT, opt=needs("reader") | {"media": "text/plain; charset=utf-8"})
async def text(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The captured text, where it is held here."""
    registry: Registry = request.app.state.registry
    bodies.parameters(request, streams.Nothing)
    document: UUID = request.path_params["id"]
    held = await registry.text(document)
    if held is None:
        raise errors.NotFound(subject=f"documents/{document}/text")
    headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return ASGIResponse(body=held, headers=headers, media_type="text/plain")


ROUTES: list[ControllerRouterHandler] = [
    *reading.routes(RESOURCE),
    *writing.routes(RESOURCE),
    *corrections.routes(RESOURCE),
    lists.route("/api/documents", documents.page, documents.Filter, documents.Order, documents.Summary, "Documents"),
    attach,
    text,
]
