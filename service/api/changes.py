"""The difference of two versions of one thing: field by field and part by part, texts word by word, and what did it."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from service.api import bodies, pointers, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.problems import WrongParameter
from service.api.reading import answer
from service.api.resource import ENCODE, Resource, Shown, show
from service.api.then import AsOf
from service.domain import errors, places
from service.domain.decider import Recorded, Ref, State
from service.domain.folding import fold
from service.domain.parts import touched
from service.domain.redline import Edit, redline
from service.domain.values import Label, Part
from service.registry import Registry
from service.store.line import instant

Asked = Request[Any, Any, Any]
Numbered = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Difference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What differs in one place, by its pointer with a part's key in the place of an index.

    A part that is there in one version alone is `added` or `removed` as a whole; of one that is in both, each field
    that differs is `changed`, null where it says nothing. `words` are the changes within a longer text.
    """

    pointer: str
    op: Literal["added", "removed", "changed"]
    before: Any = msgspec.UNSET
    after: Any = msgspec.UNSET
    words: list[Edit] | msgspec.UnsetType = msgspec.UNSET


class Done(Struct, frozen=True, kw_only=True):
    """An event between the two versions."""

    sequence: int
    version: int
    type: str
    effective: date | None
    time: str
    actor: str
    cause: Literal["change", "correction"]
    corrects: int | None
    reason: str | None


class Changes(Struct, frozen=True, kw_only=True):
    """Two versions as they hold on one day: what differs, and the events that the later one has more."""

    from_: int = msgspec.field(name="from")
    to: int
    as_of: date
    changes: list[Difference]
    events: list[Done]


class Versions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The earlier version (0: before anything was recorded), the later one, and the day that both are shown on."""

    from_: Annotated[
        Numbered | None, Meta(description="The earlier version, 0 before there was one; the one before `to`.")
    ] = msgspec.field(name="from", default=None)
    to: Annotated[Numbered | None, Meta(description="The later version; the newest.")] = None
    as_of: AsOf | None = None


# --- Differences ------------------------------------------------------------------------------------------------------


Held = tuple[State, Shown | None]
"""A state, and what there is to show of it."""


def differences(resource: Resource, old: Held, new: Held) -> list[Difference]:
    """What differs between two states of a thing: what is computed of them, their parts, what takes effect later."""
    (before, earlier), (after, later) = old, new
    found = [*computed(resource, earlier, later)]
    for name, one, other in touched(before, after):
        found += part(name, one, other)
    return [*found, *pending(earlier, later)]


def computed(resource: Resource, earlier: Shown | None, later: Shown | None) -> Iterator[Difference]:
    """What an answer says that no part does, such as the status."""
    if earlier is None or later is None:
        return
    one, other = resource.view(earlier), resource.view(later)
    recorded = {*later.state.__struct_fields__, *later.state.header.__struct_fields__}
    for field in other.__struct_fields__:
        before, after = getattr(one, field), getattr(other, field)
        if field not in recorded and isinstance(after, str | bool) and before != after:
            yield Difference(pointer=f"/{field}", op="changed", before=before, after=after)


def part(name: str, one: Part | None, other: Part | None) -> Iterator[Difference]:
    """What differs in a part."""
    pointer = places.lasting(name)
    if one is None and other is not None:
        yield Difference(pointer=pointer, op="added", after=pointers.content(name, other))
    elif other is None and one is not None:
        yield Difference(pointer=pointer, op="removed", before=pointers.content(name, one))
    elif one is not None and other is not None:
        for field in one.__struct_fields__:
            before, after = getattr(one, field), getattr(other, field)
            if field == "sources" or before == after:
                continue
            text = field in texts(type(one)) and isinstance(before, str) and isinstance(after, str)
            yield Difference(
                pointer=f"{pointer}/{places.named(name, field)}",
                op="changed",
                before=msgspec.to_builtins(before),
                after=msgspec.to_builtins(after),
                words=redline(before, after) if text else msgspec.UNSET,
            )


def pending(earlier: Shown | None, later: Shown | None) -> Iterator[Difference]:
    """What takes effect later in one version alone, or otherwise."""
    before = {one.sequence: one for one in earlier.pending} if earlier is not None else {}
    after = {one.sequence: one for one in later.pending} if later is not None else {}
    for sequence in sorted(before.keys() | after.keys()):
        one, other = before.get(sequence), after.get(sequence)
        if one == other:
            continue
        yield Difference(
            pointer=f"/pending/key={sequence}",
            op="added" if one is None else "removed" if other is None else "changed",
            before=msgspec.UNSET if one is None else msgspec.to_builtins(one),
            after=msgspec.UNSET if other is None else msgspec.to_builtins(other),
        )


@cache
def texts(kind: type[Part]) -> frozenset[str]:
    """The fields of a part that may hold more text than a label."""
    longest = most(Label)
    return frozenset(
        name
        for name, hint in get_type_hints(kind, include_extras=True).items()
        if any(most(one) > longest for one in (hint, *get_args(hint)))
    )


def most(hint: Any) -> int:
    """How many characters a type of text may have, 0 of another type."""
    base, *metas = get_args(hint) if hasattr(hint, "__metadata__") else (None,)
    return max((meta.max_length or 0 for meta in metas if isinstance(meta, Meta)), default=0) if base is str else 0


def done(record: Recorded) -> Done:
    """An event between two versions."""
    return Done(
        sequence=record.sequence,
        version=record.version,
        type=record.event.type,
        effective=record.effective,
        time=instant(record.time),
        actor=f"accounts/{record.actor}",
        cause=record.cause,
        corrects=record.corrects,
        reason=record.reason,
    )


# --- Routes -----------------------------------------------------------------------------------------------------------


def bounds(ref: Ref, count: int, asked: Versions) -> tuple[int, int]:
    """The two versions. Raises UnknownVersion and WrongParameter, naming the parameter."""
    to = count if asked.to is None else asked.to
    first = max(0, to - 1) if asked.from_ is None else asked.from_
    for parameter, version in (("to", to), ("from", first)):
        if version > count:
            raise errors.UnknownVersion(subject=str(ref), count=count, version=version, parameter=parameter)
    if first > to:
        raise WrongParameter(parameter="from", problem="lies after to")
    return first, to


def compared(resource: Resource, ref: Ref, records: Sequence[Recorded], first: int, to: int, day: date) -> Changes:
    """Two versions of a stream, compared on a day."""
    states: list[Held] = []
    for version in (first, to):
        folded = fold(resource.decider, records[:version], day)
        states.append((folded.at(resource.decider, day), show(resource, ref.id, folded, day)))
    old, new = states
    return Changes(
        from_=first,
        to=to,
        as_of=day,
        changes=differences(resource, old, new),
        events=[done(record) for record in records[first:to]],
    )


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """GET of the difference of two versions."""
    described = {"query": Versions, "answer": Changes, "etag": True}

    @get(f"/api/{resource.name}/{{id:uuid}}/changes", opt=needs("reader") | described)
    async def differing(request: Asked) -> Answer:
        """What differs between two versions on one day, and the events between them: the newest and the one before.

        Parts are matched by what they are of, wherever they stand; longer texts are compared word by word.
        """
        registry: Registry = request.app.state.registry
        asked = bodies.parameters(request, Versions)
        ref = Ref(resource.name, request.path_params["id"])
        records = (await registry.records((ref,), await registry.head())).get(ref)
        if records is None:
            raise errors.NotFound(subject=str(ref))
        first, to = bounds(ref, len(records), asked)
        day = then.day(registry, asked.as_of)
        body = ENCODE(await asyncio.to_thread(compared, resource, ref, records, first, to, day))
        return answer(request, body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')

    return [differing]
