"""Reading one thing: as it holds now, or at two times; with its entity tag, what lies elsewhere, and its own lines."""

import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from service.api import bodies, bundles, expansion, streams
from service.api.access import needs
from service.api.answers import Answer, Kept, Made
from service.api.problems import WrongParameter
from service.api.resource import ENCODE, Resource, Shown, show, tag
from service.api.texts import Name
from service.api.then import AsOf, KnownAt, Then, VersionOf, day, position, position_of, unknown
from service.domain import errors
from service.domain.decider import Ref
from service.registry import Registry
from service.tlog.bundle import Bundle

Asked = Request[Any, Any, Any]


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one thing is asked for: what to add, on which day, and as known when, which `version` is a way to say."""

    expand: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z]+(,[a-z]+)*\Z",
                description="What to add, with commas between: citations, parties, meeting, choice. parties tells in "
                "`party_names` what each party that the answer names is called then, by the party's id.",
            ),
        ]
        | None
    ) = None
    text_version: Name | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    version: Annotated[VersionOf, Meta(description="As it was known when it had this version.")] | None = None


PLAIN = Reading()
"""As it holds today, by itself."""


def matches(given: str | None, etag: str) -> bool:
    """Whether If-None-Match names this entity tag, compared weakly (RFC 9110, section 13.1.2)."""
    if given is None:
        return False
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    return given.strip() == "*" or etag.removeprefix("W/") in tags


def whole(body: bytes, etag: str) -> Answer:
    """A 200 with its entity tag, to be asked about again each time."""
    return Answer(body=body, headers={"etag": etag, "cache-control": "no-cache"})


def unchanged(etag: str) -> Answer:
    """A 304: the client has it already."""
    return Answer(status_code=304, headers={"etag": etag, "cache-control": "no-cache"})


def answer(request: Asked, body: bytes, etag: str) -> Answer:
    """A 200 with its entity tag, or a 304 where the client has it already."""
    return unchanged(etag) if matches(request.headers.get("if-none-match"), etag) else whole(body, etag)


async def now(request: Asked, resource: Resource, ref: Ref) -> Answer:
    """The thing as it holds today: the answer that was made of the same version on the same day, where it is kept."""
    registry: Registry = request.app.state.registry
    kept: Kept = request.app.state.kept
    folded, day = (await registry.read((ref,))).get(ref), registry.today()
    if folded is None:
        raise errors.NotFound(subject=str(ref))
    given = request.headers.get("if-none-match")
    made = kept.find(ref, folded.version, day)
    if made is None:
        found = show(resource, ref.id, folded, day)
        if found is None:
            raise errors.NotFound(subject=str(ref))
        if matches(given, etag := tag(found)):
            return unchanged(etag)
        made = Made(folded.version, day, etag, whole(ENCODE(resource.view(found)), etag))
        kept.keep(ref, made)
    return unchanged(made.etag) if matches(given, made.etag) else made.answer


async def shown(registry: Registry, resource: Resource, ref: Ref, asked: Reading) -> Shown:
    """What there is to show, now or at two times. Raises NotFound."""
    when = await then(registry, ref, asked)
    if when is None:
        folded = (await registry.read((ref,))).get(ref)
        found = show(resource, ref.id, folded, registry.today()) if folded is not None else None
        if found is None:
            raise errors.NotFound(subject=str(ref))
        return found
    folded = (await registry.read_at((ref,), when.day, when.known_at)).get(ref)
    found = show(resource, ref.id, folded, when.day, when.known_at) if folded is not None else None
    if found is None:
        raise await unknown(registry, ref, when)
    return found


async def then(registry: Registry, ref: Ref, asked: Reading) -> Then | None:
    """The two times that are asked for, None for today and all that is known: that is stored, and need not be folded.

    Where only the day is given, what is known is fixed as of now: what `expand` adds is known no later.
    """
    if asked.version is not None:
        if asked.known_at is not None:
            problem = "version and known_at both say what was known: give one"
            raise WrongParameter(parameter="version", problem=problem)
        known_at = await position_of(registry, ref, asked.version, "version")
    elif asked.known_at is not None or asked.as_of is not None:
        known_at = await position(registry, asked.known_at)
    else:
        return None
    return Then(day(registry, asked.as_of), known_at)


def expansions(asked: Reading, resource: Resource) -> tuple[str, ...]:
    """What is to be added. Raises WrongParameter for what this kind of thing hasn't."""
    names = tuple(asked.expand.split(",")) if asked.expand else ()
    for name in names:
        if name not in resource.expands:
            wanted = ", ".join(resource.expands)
            raise WrongParameter(parameter="expand", problem=f"{name!r} is none of {wanted}")
    if asked.text_version is not None and "citations" not in names:
        raise WrongParameter(parameter="text_version", problem="has a meaning with expand=citations alone")
    return names


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """GET of one thing, and of its stream's lines."""
    path = f"/api/{resource.name}/{{id:uuid}}"

    @get(path, opt=needs("reader") | {"query": Reading, "answer": resource.shape, "etag": True})
    async def one(request: Asked) -> Answer:
        """The thing as it holds today, or at two times, by its parts, each with its sources.

        `pending` is what takes effect later; `uncertain` points to what rests on a date that the day lies within.
        """
        registry: Registry = request.app.state.registry
        asked = bodies.parameters(request, Reading)
        names = expansions(asked, resource)
        ref = Ref(resource.name, request.path_params["id"])
        if asked == PLAIN:
            return await now(request, resource, ref)
        found = await shown(registry, resource, ref, asked)
        if not names:
            return answer(request, ENCODE(resource.view(found)), tag(found))
        whole: dict[str, Any] = msgspec.to_builtins(resource.view(found))
        added = expansion.expansions(asked.text_version or "captured")
        for name in sorted(names, key=lambda name: name == "parties"):  # Of all that is there in the end.
            await added[name](registry, found, whole)
        body = ENCODE(whole)
        return answer(request, body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')

    @get(f"{path}/events", opt=needs("reader") | {"media": streams.NDJSON})
    async def events(request: Asked) -> ASGIResponse:
        """The lines of the thing's own stream, in the order of the log."""
        registry: Registry = request.app.state.registry
        ref = Ref(resource.name, request.path_params["id"])
        if ref not in await registry.read((ref,)):
            raise errors.NotFound(subject=str(ref))
        return await streams.lines(request, registry.lines(subject=ref))

    @get(f"{path}/bundle", opt=needs("reader") | {"answer": Bundle})
    async def bundle(request: Asked) -> Answer:
        """The lines of the thing's own stream with the proofs that they are in the log, to be checked offline.

        `mengfu check-proof` does so, and looks whether a version is missing before the last one.
        """
        registry: Registry = request.app.state.registry
        ref = Ref(resource.name, request.path_params["id"])
        if ref not in await registry.read((ref,)):
            raise errors.NotFound(subject=str(ref))
        return await bundles.answer(request, [line async for some in registry.lines(subject=ref) for line in some])

    return [one, events, bundle]
