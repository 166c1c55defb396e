"""Versions of texts over HTTP: how one is derived of the text held here."""

from typing import Annotated

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from service.api.operations import Fill, Operation
from service.api.resource import Resource
from service.api.texts import Name, Text, held, state, text, unmade
from service.api.writing import route
from service.domain import errors
from service.domain.decider import Command, Ref
from service.domain.document.derivation import boilerplate, derived
from service.domain.document.state import Derived, Document, Edit
from service.domain.document.text import EDITS, RecordTextVersion, disordered
from service.domain.values import Label, Offset
from service.registry import Registry
from service.registry.wording import apart


class Repair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands at `start` to `end` of the source: the words restored; None where the broken letters say nothing."""

    start: Offset
    end: Offset
    text: Label | None = None


class Derive(Command, frozen=True, kw_only=True, gc=False):
    """Derive a version of the text held here, and record its hash, its length, the tool, and the map of offsets.

    `simplified` is made letter by letter by OpenCC's t2s. `repaired` takes `repairs`, in code points of the version
    that it is derived from. `boilerplate_cut` leaves out what the document passes over as boilerplate. A version with
    the same words is the same: deriving it again changes nothing but adds citations.
    """

    sort: Derived
    derived_from: Name = "captured"
    repairs: Annotated[tuple[Repair, ...], Meta(max_length=EDITS)] = ()


def edits(document: Document, source: Text, body: Derive, subject: str) -> tuple[Edit, ...]:
    """The edits that make the version. Raises Invalid where they make none."""
    if body.repairs and body.sort != "repaired":
        raise errors.Invalid("/repairs", problem="repairs belong to the sort repaired")
    if body.sort == "simplified":
        return ()
    if body.sort == "boilerplate_cut":
        cuts = boilerplate(document, source.steps)
        if not cuts:
            raise errors.Invalid("/sort", problem="nothing of the document is passed over as boilerplate")
        return cuts
    found = []
    for index, one in enumerate(body.repairs):
        if one.end > source.length:
            where = f"/repairs/{index}/end"
            raise errors.CitationOutside(where, subject=subject, end=one.end, length=source.length)
        try:
            found.append(Edit(start=one.start, end=one.end, length=len(one.text or ""), text=one.text))
        except ValueError as error:
            raise errors.Invalid(f"/repairs/{index}", problem=str(error)) from None
    if not found:
        raise errors.Invalid("/repairs", problem="a repaired version has at least one repair")
    if wrong := disordered(tuple(found)):
        raise errors.Invalid(f"/repairs/{wrong[0]}", problem=wrong[1])
    return tuple(found)


async def derive(registry: Registry, ref: Ref, body: Derive, fill: Fill) -> Command:
    """The command that records what was derived."""
    document = await state(registry, ref)
    if document.header is None or document.header.sha256 is None:
        raise errors.NoText("/derived_from", subject=str(ref))
    captured = await held(registry, document)
    source = await text(registry, document, body.derived_from, captured)
    if source is None:
        raise errors.UnknownPart("/derived_from", part=f"versions/{body.derived_from}", subject=str(ref))
    if captured is None:
        raise errors.NothingToDerive("/derived_from", subject=str(ref))
    if source.words is None:
        raise errors.NotMadeAgain("/derived_from", **unmade(ref, source))
    words, changes = source.words, edits(document, source, body, str(ref))
    made = await apart(source.length, lambda: derived(body.sort, words, changes))
    if (same := document.versions.get(made["sha256"])) is not None:
        made = {name: getattr(same, name) for name in made}
    said = {name: getattr(body, name) for name in Command.__struct_fields__}
    return RecordTextVersion(**said, **made)


def derivation(resource: Resource) -> Operation:
    """A version derived here."""
    return Operation(resource=resource, under="/{id}/versions:derive", command=Derive, body=Derive, read=derive)


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Deriving."""
    return [route(derivation(resource))]
