"""The log as others check and carry it: checkpoints, tiles, entry bundles (C2SP tlog-tiles), and proofs as JSON.

A tile of a length that the log has reached never changes. Lines are asked about again each time, since one that must
not stay may be redacted.
"""

import base64
import hashlib
from typing import Annotated, Any

from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct, field

from service.api import bodies, bundles
from service.api.access import needs
from service.api.answers import Answer
from service.api.problems import WrongParameter
from service.api.reading import answer, matches, unchanged
from service.api.resource import ENCODE
from service.domain import errors
from service.registry import Registry
from service.signing import Mirrored, Signing, SigningKey
from service.tlog import proofs, tiles
from service.tlog.bundle import Bundle
from service.tlog.stored import Tiles, Unstored

Asked = Request[Any, Any, Any]
Count = Annotated[int, Meta(ge=1, le=2**63 - 1)]

TILE = "application/octet-stream"
NOTE = "text/plain"
UNCHANGING = "max-age=31536000, immutable"
"""Of what is the same for ever (RFC 9111, RFC 8246)."""


class Keys(Struct, frozen=True, kw_only=True):
    """The keys that checkpoints of the log are and were signed by, the one of now last; `origin` is the log's name.

    `key` reads NAME+ID+KEY (C2SP signed-note); `endorsement` is a signed note in which the key before it names it.
    """

    origin: str
    keys: list[SigningKey]


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which line."""

    sequence: Count


class Inclusion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which line, and in a log of how many: of all that there are, unless a `size` is given."""

    sequence: Count
    size: Count | None = None


class Consistency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which lengths the log was: all lines of now, unless `to` is given."""

    old: Count = field(name="from")
    new: Count | None = field(name="to", default=None)


class InclusionProof(Struct, frozen=True, kw_only=True):
    """That a line is in the log of `size` lines: its leaf hash, and the audit path up to the root (RFC 6962, 2.1.1).

    Hashes are in base64. `index` is the line's place in the tree, its sequence less 1.
    """

    sequence: int
    index: int
    size: int
    leaf: str
    proof: list[str]
    root: str


class ConsistencyProof(Struct, frozen=True, kw_only=True):
    """That the log of `from` lines is the beginning of that of `to` lines (RFC 6962, section 2.1.2), and both roots."""

    old: int = field(name="from")
    new: int = field(name="to")
    old_root: str
    new_root: str
    proof: list[str]


def encoded(hash: bytes) -> str:
    """A hash as JSON and notes have it."""
    return base64.b64encode(hash).decode("ascii")


async def within(registry: Registry, parameter: str, size: int | None) -> int:
    """A length that the log has reached: the one asked for, else that of now."""
    head = await registry.head()
    if size is not None and size > head:
        raise WrongParameter(parameter=parameter, problem=f"the log ends at {head}")
    return size or head


async def hashed(request: Asked, spans: list[proofs.Span], size: int) -> list[bytes]:
    """The hashes of spans of the tree of that size."""
    stored: Tiles = request.app.state.registry.tiles
    try:
        return await stored.proof(spans, size)
    except Unstored as error:
        raise errors.Unavailable(problem=str(error)) from error


@get("/log/checkpoint", opt=needs("reader") | {"media": NOTE})
async def checkpoint(request: Asked) -> Answer:
    """How many lines the log has, and the root of the tree over them, as a signed note (C2SP tlog-checkpoint).

    Never of more than what is durable.
    """
    signing: Signing | Mirrored = request.app.state.signing
    signed = await bundles.signed(signing.checkpoint())
    return Answer(body=signed.encode(), media_type=NOTE, headers={"cache-control": "no-cache"})


@get("/log/keys", opt=needs("reader") | {"answer": Keys, "etag": True})
async def keys(request: Asked) -> Answer:
    """The public keys that checkpoints of the log are and were signed by."""
    signing: Signing | Mirrored = request.app.state.signing
    body = ENCODE(Keys(origin=signing.origin, keys=await signing.keys()))
    return answer(request, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


@get("/log/tile/{path:path}", opt=needs("reader") | {"media": TILE, "etag": True, "named": True})
async def tile(request: Asked) -> Answer:
    """Hashes of one height of the tree, 256 or as many as the path's end says (C2SP tlog-tiles): `<L>/<N>[.p/<W>]`.

    `entries/<N>[.p/<W>]` are the lines themselves, each after its length in two bytes.
    """
    path: str = request.path_params["path"]
    if path.startswith("entries/"):
        return await entries(request, path)
    registry: Registry = request.app.state.registry
    try:
        wanted = tiles.parsed(path)
    except ValueError:
        raise errors.NotFound(subject=f"log/tile/{path}") from None
    if tiles.width(wanted.level, wanted.index, await registry.head()) < wanted.width:
        raise errors.NotFound(subject=f"log/tile/{path}")
    try:
        found = await registry.tiles.rows([wanted])
    except Unstored as error:
        raise errors.Unavailable(problem=str(error)) from error
    shared = "public, " if registry.settings.public_read else "private, "
    etag = f'"{hashlib.sha256(found[wanted]).hexdigest()[:32]}"'
    headers = {"cache-control": shared + UNCHANGING, "etag": etag}
    if matches(request.headers.get("if-none-match"), etag):
        return Answer(status_code=304, headers=headers)
    return Answer(body=found[wanted], media_type=TILE, headers=headers)


async def entries(request: Asked, path: str) -> Answer:
    """A bundle of lines."""
    registry: Registry = request.app.state.registry
    try:
        index, width = tiles.located(path.partition("/")[2])
    except ValueError:
        raise errors.NotFound(subject=f"log/tile/{path}") from None
    if tiles.width(0, index, await registry.head()) < width:
        raise errors.NotFound(subject=f"log/tile/{path}")
    start = index * tiles.WIDTH
    lines = [line async for chunk in registry.lines(after=start, until=start + width) for line in chunk]
    body = tiles.bundle(lines)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if matches(request.headers.get("if-none-match"), etag):
        return unchanged(etag)
    return Answer(body=body, media_type=TILE, headers=headers)


@get("/log/proof/inclusion", opt=needs("reader") | {"query": Inclusion, "answer": InclusionProof})
async def inclusion(request: Asked) -> Answer:
    """The proof that a line is in the log, of all lines or of the first so many."""
    asked = bodies.parameters(request, Inclusion)
    size = await within(request.app.state.registry, "size", asked.size)
    if asked.sequence > size:
        raise WrongParameter(parameter="sequence", problem=f"the log of {size} lines has no such one")
    index = asked.sequence - 1
    spans = [proofs.Span(index, index + 1), *proofs.inclusion(index, size), proofs.Span(0, size)]
    leaf, *path, root = await hashed(request, spans, size)
    proof = InclusionProof(
        sequence=asked.sequence,
        index=index,
        size=size,
        leaf=encoded(leaf),
        proof=list(map(encoded, path)),
        root=encoded(root),
    )
    return Answer(body=ENCODE(proof))


@get("/log/proof/consistency", opt=needs("reader") | {"query": Consistency, "answer": ConsistencyProof})
async def consistency(request: Asked) -> Answer:
    """The proof that the log only went on from one length to another."""
    asked = bodies.parameters(request, Consistency)
    new = await within(request.app.state.registry, "to", asked.new)
    if asked.old > new:
        raise WrongParameter(parameter="from", problem=f"lies after {new}")
    [old_root] = await hashed(request, [proofs.Span(0, asked.old)], asked.old)
    *path, new_root = await hashed(request, [*proofs.consistency(asked.old, new), proofs.Span(0, new)], new)
    proof = ConsistencyProof(
        old=asked.old,
        new=new,
        old_root=encoded(old_root),
        new_root=encoded(new_root),
        proof=list(map(encoded, path)),
    )
    return Answer(body=ENCODE(proof))


@get("/log/bundle", opt=needs("reader") | {"query": Fact, "answer": Bundle})
async def bundle(request: Asked) -> Answer:
    """One line with the proof that it is in the log, and the checkpoint of now: to be checked offline."""
    asked = bodies.parameters(request, Fact)
    registry: Registry = request.app.state.registry
    found = registry.lines(after=asked.sequence - 1, until=asked.sequence)
    lines = [line async for some in found for line in some]
    if not lines:
        raise WrongParameter(parameter="sequence", problem=f"the log ends at {await registry.head()}")
    return await bundles.answer(request, lines)


ROUTES: list[ControllerRouterHandler] = [checkpoint, keys, tile, inclusion, consistency, bundle]
