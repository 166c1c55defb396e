"""History of one thing: every value that was ever recorded of it or of one field, whatever has become of it since."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from service.api import bodies, lists, pointers
from service.api.access import needs
from service.api.answers import Answer
from service.api.problems import WrongParameter
from service.api.resource import ENCODE, Resource, show
from service.api.then import KnownAt, Then, position, unknown
from service.domain import errors, places
from service.domain.decider import Attested, Recorded, Ref
from service.domain.folding import fold
from service.domain.history import Told, history
from service.domain.values import Basis, Citation, Note, UncertainDate
from service.projections import cursors
from service.registry import Registry
from service.store.line import instant

Asked = Request[Any, Any, Any]


class Entry(Struct, frozen=True, kw_only=True):
    """A value, and who recorded it.

    `pointer` is where it stands in the answer, with a part's key in the place of an index. An event that sets a whole
    part is one entry with all that it says; asked for one field, it is that field's value. `holds`: all of the value
    holds today. `corrected_by` is the sequence of what stands in its place, and where that is a voiding, this is an
    entry of its own with the value null; so is an attestation, with the value that it `attests` of that sequence.
    `reason` is why it was corrected, else the grounds that the event itself gives; `approver` the party that it says
    has approved.
    """

    pointer: str
    value: Any
    holds: bool
    effective: UncertainDate | None
    sequence: int
    version: int
    type: str
    time: str
    actor: str
    cause: Literal["change", "correction"]
    corrects: int | None
    corrected_by: int | None
    reason: str | None
    approver: UUID | None
    attests: int | None
    basis: Basis | None
    note: Note | None
    citations: tuple[Citation, ...]


class History(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what, as known when, and how much at a time."""

    pointer: Annotated[
        str,
        Meta(
            max_length=2_000,
            pattern=r"^(/([^/~]|~[01])*)*\Z",
            description="A JSON Pointer into the answer, such as /signed/date or /clauses/0/text; in the place of an "
            "index there may be the part's key, /clauses/<id>/text. Without it, everything.",
        ),
    ] = ""
    known_at: KnownAt | None = None
    limit: lists.Limit = 50
    cursor: lists.Cursor | None = None


# --- Entries ----------------------------------------------------------------------------------------------------------


class Value(Struct, frozen=True):
    """A value that an event recorded: where, what, and whether all of it holds."""

    told: Told
    pointer: str
    value: Any
    holds: bool


def values(told: Told) -> Iterator[Value]:
    """What was told of a part as values: one of the whole part, or one for each field that was set."""
    pointer, name, part = places.lasting(told.part), told.part, told.value
    if not told.fields:
        value = None if part is None else pointers.content(name, part)
        said = set(pointers.said(part)) if part is not None else set()
        yield Value(told, pointer, value, told.gone if part is None else bool(told.holds) and said <= told.holds)
        return
    for field in told.fields:
        value = None if part is None else msgspec.to_builtins(getattr(part, field))
        holds = told.gone if part is None else field in told.holds
        yield Value(told, f"{pointer}/{places.named(name, field)}", value, holds)


def within(told: Sequence[Told], pointer: str) -> Iterator[Value]:
    """The values at a pointer, in its lasting form, or below it; of a value around it, what stands there.

    What says nothing is a value only where something was said before: an event that sets a whole part without a field
    empties that field.
    """
    said: set[str] = set()
    for one in told:
        place = places.lasting(one.part)
        if not (pointers.under(place, pointer) or pointers.under(pointer, place)):
            continue
        for value in values(one):
            below = [f"{place}/{name}" for name in value.value or ()] if not one.fields else []
            if one.fields and value.value is None and value.pointer not in said:
                continue
            if pointers.under(value.pointer, pointer):
                yield value
            elif pointers.under(pointer, value.pointer):
                rest = pointer[len(value.pointer) :]
                found = pointers.resolved(value.value, rest)
                field = f"{place}/{rest.split('/')[1]}" if not one.fields else value.pointer
                if found is not pointers.NOTHING or field in said:
                    holds = value.holds
                    if not one.fields and one.value is not None:
                        holds = pointers.field_of(one, rest) in one.holds
                    yield Value(one, pointer, None if found is pointers.NOTHING else found, holds)
            said.update(below or [value.pointer])


def entry(value: Value) -> Entry:
    """A value with its event."""
    record: Recorded = value.told.record
    event = record.event
    return Entry(
        pointer=value.pointer,
        value=value.value,
        holds=value.holds,
        effective=event.effective,
        sequence=record.sequence,
        version=record.version,
        type=event.type,
        time=instant(record.time),
        actor=f"accounts/{record.actor}",
        cause=record.cause,
        corrects=record.corrects,
        corrected_by=value.told.replaced,
        reason=record.reason or getattr(event, "grounds", None) or None,
        approver=getattr(event, "approver", None),
        attests=event.attests if isinstance(event, Attested) else None,
        basis=event.basis,
        note=event.note,
        citations=event.citations,
    )


# --- Pages ------------------------------------------------------------------------------------------------------------


class Place(Struct, frozen=True, array_like=True):
    """What a cursor holds: what it belongs to, the position that the history is known at, how many entries are behind.

    The position stays while events are added, so the pages of one history hang together.
    """

    mark: bytes
    known_at: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    behind: Annotated[int, Meta(ge=0, le=2**63 - 1)]


def mark(ref: Ref, asked: History) -> bytes:
    """What a cursor belongs to."""
    return hashlib.blake2b(msgspec.json.encode((str(ref), asked.pointer, asked.known_at)), digest_size=8).digest()


def place(ref: Ref, asked: History) -> Place | None:
    """Where to go on. Raises BadCursor."""
    if asked.cursor is None:
        return None
    found = cursors.read(asked.cursor, Place)
    if found.mark != mark(ref, asked):
        raise errors.BadCursor("/cursor")
    return found


MADE = frozenset({"id", "version", "status", "amended", "sources", "pending", "uncertain"})
"""Fields of answers that no event sets."""
NO_HISTORY = "is made from what was recorded, and has no history of its own"


def page(
    resource: Resource, ref: Ref, records: Sequence[Recorded], asked: History, after: Place, today: date
) -> lists.Items:
    """The entries after a place.

    Raises WrongParameter for a pointer that never led anywhere, and for one to what is made of everything else.
    """
    if {*asked.pointer.split("/")[1:2]} & MADE & {*resource.shape.__struct_fields__}:
        raise WrongParameter(parameter="pointer", problem=NO_HISTORY)
    decider = resource.decider
    shown = show(resource, ref.id, fold(decider, records, today), today)
    pointer = pointers.kept(shown.state, asked.pointer) if shown is not None else asked.pointer
    wanted = list(within(history(decider, records, today), pointer))
    if not wanted:
        answer = msgspec.to_builtins(resource.view(shown)) if shown is not None else None
        leads_to = pointers.resolved(answer, asked.pointer)
        if leads_to is pointers.NOTHING:
            raise WrongParameter(parameter="pointer", problem="never led to anything that was recorded")
        if leads_to not in (None, [], ()):
            raise WrongParameter(parameter="pointer", problem=NO_HISTORY)
    found = wanted[after.behind : after.behind + asked.limit]
    behind = after.behind + len(found)
    more = msgspec.structs.replace(after, behind=behind) if behind < len(wanted) else None
    cursor = cursors.written(more) if more is not None else None
    return lists.Items(items=[entry(value) for value in found], next=cursor)


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """GET of one thing's history."""
    described = {"query": History, "answer": lists.Items, "item": Entry}

    @get(f"/api/{resource.name}/{{id:uuid}}/history", opt=needs("reader") | described)
    async def told(request: Asked) -> Answer:
        """Every value that was ever recorded, of the whole thing or of one field, in the order of the log.

        With each: since when, who, why, what it rests on, what stands in its place, and whether it holds today.
        """
        registry: Registry = request.app.state.registry
        asked = bodies.parameters(request, History)
        ref, today = Ref(resource.name, request.path_params["id"]), registry.today()
        after = place(ref, asked) or Place(mark(ref, asked), await position(registry, asked.known_at), 0)
        records = (await registry.records((ref,), after.known_at)).get(ref)
        if records is None:
            raise await unknown(registry, ref, Then(today, after.known_at))
        found = await asyncio.to_thread(page, resource, ref, records, asked, after, today)
        headers = {"cache-control": "no-cache"} | lists.linked(request, found.next)
        return Answer(body=ENCODE(found), headers=headers, media_type="application/json")

    return [told]
