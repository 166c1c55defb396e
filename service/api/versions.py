"""Versions of texts over HTTP: which one is meant, its words, and how one is derived of the text held here."""

from typing import Annotated, Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from service.api.operations import Fill, Operation
from service.api.resource import Resource
from service.api.writing import route
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Command, Ref
from service.domain.document.derivation import boilerplate, derived, words
from service.domain.document.offsets import Offsets, find
from service.domain.document.state import Derived, Document, Edit, Version
from service.domain.document.text import RecordTextVersion, disordered
from service.domain.values import Label, Offset
from service.registry import Registry

Name = Annotated[
    str,
    Meta(
        pattern=r"^(captured|simplified|repaired|boilerplate_cut|[0-9a-f]{64})\Z",
        description="A version of the text: its SHA-256, or its sort, of which the one recorded last is meant.",
    ),
]


class Text(Struct, frozen=True):
    """A version of a document's text: the versions on the way to it, none for the captured text, and its words.

    `words` are None where they are not at hand: the captured text is not held here, or they cannot be made of it again.
    """

    sha256: str
    length: int
    steps: tuple[Version, ...]
    words: str | None

    @property
    def offsets(self) -> Offsets:
        """The way from the captured text's offsets to its own."""
        return Offsets(self.steps)


def text(document: Document, name: str, captured: str | None) -> Text | None:
    """A version by its name, made of the captured text where that is given; None where there is no such version."""
    header, steps = document.header, find(document, name)
    if steps is None or header is None or header.sha256 is None or header.length is None:
        return None
    own = (steps[-1].sha256, steps[-1].length) if steps else (header.sha256, header.length)
    return Text(*own, steps, words(captured, steps) if captured is not None else None)


async def state(registry: Registry, ref: Ref) -> Document:
    """A document as it is now. Raises NotFound."""
    folded = (await registry.read((ref,))).get(ref)
    document: Document | None = folded.at(DECIDERS[ref.category], registry.today()) if folded is not None else None
    if document is None or document.header is None:
        raise errors.NotFound(subject=str(ref))
    return document


async def held(registry: Registry, document: Document) -> str | None:
    """The captured text of a document, None where it is not held here, or there is none."""
    sha256 = document.header.sha256 if document.header is not None else None
    found = (await registry.texts([sha256])).get(sha256) if sha256 is not None else None
    return found.decode() if found is not None else None


# --- Deriving ---------------------------------------------------------------------------------------------------------


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
    repairs: Annotated[tuple[Repair, ...], Meta(max_length=1_400)] = ()


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
    source = text(document, body.derived_from, captured)
    if source is None:
        raise errors.UnknownPart("/derived_from", part=f"versions/{body.derived_from}", subject=str(ref))
    if captured is None:
        raise errors.NothingToDerive("/derived_from", subject=str(ref))
    if source.words is None:
        raise errors.NotMadeAgain("/derived_from", **unmade(ref, source))
    made = derived(body.sort, source.words, edits(document, source, body, str(ref)))
    if (same := document.versions.get(made["sha256"])) is not None:
        made = {name: getattr(same, name) for name in made}
    said = {name: getattr(body, name) for name in Command.__struct_fields__}
    return RecordTextVersion(**said, **made)


def unmade(ref: Ref, version: Text) -> dict[str, Any]:
    """What is told of a version whose words cannot be made again."""
    last = version.steps[-1]
    return {"subject": str(ref), "version": version.sha256, "tool": f"{last.tool} {last.tool_version}"}


def derivation(resource: Resource) -> Operation:
    """A version derived here."""
    return Operation(resource=resource, under="/{id}/versions:derive", command=Derive, body=Derive, read=derive)


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Deriving."""
    return [route(derivation(resource))]


# --- Words ------------------------------------------------------------------------------------------------------------


async def asked(registry: Registry, id: UUID, name: str, parameter: str) -> Text:
    """A document's version, with its words where they are at hand.

    Raises NotFound for an unknown document, and UnknownTextVersion, naming the parameter, for an unknown version.
    """
    ref = Ref("documents", id)
    document = await state(registry, ref)
    found = text(document, name, await held(registry, document))
    if found is None:
        raise errors.UnknownTextVersion(**unknown(ref, name, parameter))
    return found


def unknown(ref: Ref, name: str, parameter: str) -> dict[str, Any]:
    """What is told of a version that there is not."""
    return {"subject": str(ref), "version": name, "parameter": parameter}
