"""Documents over HTTP: what an answer is made of, which command has which path, and the text itself."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, put
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import bodies, lists, reading, texts, thing, versions, writing
from service.api.access import needs
from service.api.answers import Answer
from service.api.headers import tags
from service.api.problems import ExistsAlready, NotMatched, WrongParameter
from service.api.resource import ENCODE, Pending, Resource, Shown, Way, as_kept
from service.domain import errors
from service.domain.decider import Ref
from service.domain.document import DECIDER, Register, description, file, standing
from service.domain.document import parts as divided
from service.domain.document import state as known
from service.domain.document import text as captured
from service.domain.values import Credit, Label, Offset, PrintedName, Script, Sha256, Source, UncertainDate
from service.projections import documents
from service.registry import Registry

Asked = Request[Any, Any, Any]


class Document(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document as it is known today. `sha256` and `length` (in code points) are those of its captured text.

    `file` is the one that it is where it has none, such as a sheet, of which cells are cited.

    `sources` are those of the description; each part has its own.
    """

    id: UUID
    version: int
    status: known.Status
    title: PrintedName | None
    kind: known.Kind
    publisher: PrintedName | None
    publisher_party: UUID | None
    credits: tuple[Credit, ...]
    date: UncertainDate | None
    language: known.Language | None
    script: Script | None
    number: Label | None
    url: known.Url | None
    sha256: Sha256 | None
    length: int | None
    sources: tuple[Source, ...]
    file: known.File | None = None
    segments: known.Segments | None = None
    passed: known.Passed | None = None
    reliability: known.Reliability | None = None
    withdrawal: known.Withdrawal | None = None
    versions: list[known.Version]
    parts: list[known.TextPart]
    republications: list[known.Republication]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("versions", "parts", "republications")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Document:
    """The answer for a document."""
    state: known.Document = shown.state
    assert state.header is not None  # noqa: S101 -- nothing is shown without one
    return Document(
        id=shown.id,
        version=shown.version,
        status=known.status(state),
        file=state.file,
        segments=state.segments,
        passed=state.passed,
        reliability=state.reliability,
        withdrawal=state.withdrawal,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **msgspec.structs.asdict(state.header),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Document,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", description.Describe),
        Way(":capture", captured.CaptureText),
        Way("/file", file.RecordFile),
        Way("/versions", captured.RecordTextVersion),
        Way("/segments", divided.Segment),
        Way("/parts", divided.DescribePart),
        Way("/passed", divided.PassOver),
        Way("/republications", standing.RecordRepublication),
        Way("/reliability", standing.AssessReliability),
        Way(":withdraw", standing.Withdraw),
    ),
)

TEXT = "/api/documents/{id:uuid}/text"


class Held(Struct, frozen=True, kw_only=True):
    """What `dry_run=true` tells of a text: what would be held, and whether it is held already. Nothing is."""

    dry_run: bool
    sha256: Sha256
    length: int
    held: bool


def named(text: bytes) -> str:
    """The strong entity tag of a text: its SHA-256."""
    return f'"{hashlib.sha256(text).hexdigest()}"'


def unchanged(request: Asked, subject: str, held: bytes | None) -> None:
    """Refuse to hold a text where If-Match or If-None-Match (RFC 9110, section 13.1) speak against it."""
    wanted = tags(request)
    etag = None if held is None else named(held)
    if wanted is not None and (etag is None or (wanted != ["*"] and etag not in wanted)):
        raise NotMatched(subject=subject, problem="it is not held here" if etag is None else f"its tag is {etag}")
    if etag is not None and reading.matches(request.headers.get("if-none-match"), etag):
        raise ExistsAlready(subject=subject)


@put(TEXT, opt=needs("registrar") | {"raw": True, "query": writing.Trying, "answer": Held})
async def attach(request: Asked) -> Answer:
    """Have the captured text held here, byte for byte. Its SHA-256 must be the one registered."""
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, writing.Trying)
    document: UUID = request.path_params["id"]
    body = await bodies.text_body(request)
    if request.headers.keys() & {"if-match", "if-none-match"}:
        unchanged(request, f"documents/{document}/text", await registry.text(document))
    new = await registry.keep_text(document, body, dry_run=asked.dry_run)
    if asked.dry_run:
        told = Held(dry_run=True, sha256=hashlib.sha256(body).hexdigest(), length=len(body.decode()), held=not new)
        return Answer(body=ENCODE(told), media_type="application/json")
    headers = {"location": request.scope["path"], "etag": named(body)}
    return Answer(status_code=201 if new else 200, headers=headers)


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version of the text, and which code points of it: from `start`, up to but not at `end`."""

    version: texts.Name = "captured"
    start: Offset = 0
    end: known.Length | None = None


@get(TEXT, opt=needs("reader") | {"query": Reading, "media": "text/plain; charset=utf-8", "etag": True})
async def text(request: Asked) -> Answer:
    """The captured text, where it is held here, or a version made of it; whole, or some code points of it."""
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Reading)
    document: UUID = request.path_params["id"]
    if asked == Reading():
        body = await registry.text(document)
        if body is None:
            raise errors.NotFound(subject=f"documents/{document}/text")
    else:
        body = await some(registry, document, asked)
    etag = named(body)
    headers = {"etag": etag, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    if reading.matches(request.headers.get("if-none-match"), etag):
        return Answer(status_code=304, headers=headers)
    return Answer(body=body, headers=headers, media_type="text/plain")


async def some(registry: Registry, document: UUID, asked: Reading) -> bytes:
    """The words asked for. Raises NotFound where the text is not held, NotMadeAgain, and what is wrong with a span."""
    try:
        version = await texts.asked(registry, document, asked.version, "version")
    except errors.UnknownTextVersion:
        if asked.version != "captured":
            raise
        raise errors.NotFound(subject=f"documents/{document}/text") from None
    if version.words is None:
        if version.steps and await registry.text(document) is not None:
            told = texts.unmade(Ref("documents", document), version)
            raise errors.NotMadeAgain(**told | {"parameter": "version"})
        raise errors.NotFound(subject=f"documents/{document}/text")
    for name, at in (("start", asked.start), ("end", asked.end or 0)):
        if at > version.length:
            raise WrongParameter(parameter=name, problem=f"the text has {version.length} code points")
    if asked.end is not None and asked.end <= asked.start:
        raise WrongParameter(parameter="start", problem="does not lie before end")
    return version.words[asked.start : asked.end].encode()


ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    *versions.routes(RESOURCE),
    lists.route("/api/documents", documents.LIST, documents.Filter, documents.Order, documents.Summary, "Documents"),
    attach,
    text,
]
