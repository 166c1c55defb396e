"""Texts over HTTP: which version of one is meant, its words, and citations that are given or shown in it."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from service.api import bodies
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.document.offsets import Offsets, find
from service.domain.document.state import Document, Version
from service.domain.values import Citation
from service.registry import Registry
from service.registry.citing import complete, slice_hash

Name = Annotated[
    str,
    Meta(
        pattern=r"^(captured|simplified|repaired|boilerplate_cut|[0-9a-f]{64})\Z",
        description="A version of the text: its SHA-256, or its sort, of which the one recorded last is meant.",
    ),
]

NAMED: dict[str, Any] = msgspec.json.schema(Name)
"""The schema of such a name."""


class Text(Struct, frozen=True):
    """A version of a document's text: the versions on the way to it, none for the captured text, and its words.

    `offsets` are the way from the captured text's offsets to its own.
    `words` are None where they are not at hand: the captured text is not held here, or they cannot be made of it again.
    """

    sha256: str
    length: int
    steps: tuple[Version, ...]
    offsets: Offsets
    words: str | None


async def text(registry: Registry, document: Document, name: str, captured: str | None) -> Text | None:
    """A version by its name, made of the captured text where that is given; None where there is no such version."""
    header, steps = document.header, find(document, name)
    if steps is None or header is None or header.sha256 is None or header.length is None:
        return None
    own = (steps[-1].sha256, steps[-1].length) if steps else (header.sha256, header.length)
    words = await registry.wording.of(captured, steps) if captured is not None else None
    return Text(*own, steps, Offsets(steps), words)


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


def unmade(ref: Ref, version: Text) -> dict[str, Any]:
    """What is told of a version whose words cannot be made again."""
    last = version.steps[-1]
    return {"subject": str(ref), "version": version.sha256, "tool": f"{last.tool} {last.tool_version}"}


async def asked(registry: Registry, id: UUID, name: str, parameter: str) -> Text:
    """A document's version, with its words where they are at hand.

    Raises NotFound for an unknown document, and UnknownTextVersion, naming the parameter, for an unknown version.
    """
    ref = Ref("documents", id)
    document = await state(registry, ref)
    found = await text(registry, document, name, await held(registry, document))
    if found is None:
        raise errors.UnknownTextVersion(**unknown(ref, name, parameter))
    return found


def unknown(ref: Ref, name: str, parameter: str) -> dict[str, Any]:
    """What is told of a version that there is not."""
    return {"subject": str(ref), "version": name, "parameter": parameter}


# --- Citations given in a version -------------------------------------------------------------------------------------

AROUND = 30
"""Code points shown before and after the words cited."""


def given(value: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The citations in a body that are given in another version than the captured text, with the pointer to each."""
    if isinstance(value, dict):
        for name, item in value.items():
            here = f"{pointer}/{name}"
            if name == "citations" and isinstance(item, list):
                for index, one in enumerate(item):
                    if isinstance(one, dict) and one.get("text_version", "captured") != "captured":
                        yield f"{here}/{index}", one
            else:
                yield from given(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from given(item, f"{pointer}/{index}")


async def captured(registry: Registry, text: bytes | Raw, *, whole: bool) -> bytes | Raw:
    """A body with each citation in offsets of the captured text, in which alone they are stored.

    Raises UnknownReference, UnknownPart, VersionNotHeld, NotMadeAgain, what a citation of the captured text is refused
    for, and Invalid for one that is not well made, and for words that stand nowhere in the captured text.
    """
    if b'"text_version"' not in bytes(text):
        return text
    try:
        body = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    found = list(given(body, ""))
    if not found:
        return text
    if whole:
        bodies.once(bytes(text))  # What is written anew has no key twice.
    for pointer, one in found:
        name = well_made(one.pop("text_version"), Name, f"{pointer}/text_version")
        placed = await into_captured(registry, well_made(one, Citation, pointer), name, pointer)
        one.clear()
        one.update(msgspec.to_builtins(placed))
    return msgspec.json.encode(body)


def well_made(told: Any, kind: Any, pointer: str) -> Any:
    """A value of that type. Raises Invalid, with the pointer to what is wrong in it."""
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as error:
        inside, problem = bodies.located(error, kind)
        raise errors.Invalid(pointer + inside, problem=problem) from None


async def into_captured(registry: Registry, citation: Citation, name: str, pointer: str) -> Citation:
    """A citation of a version's words as one of the captured text's that they come from."""
    if citation.locator is not None:
        raise errors.Invalid(f"{pointer}/text_version", problem="text_version belongs to start and end, or to quote")
    ref = Ref("documents", citation.document)
    try:
        document = await state(registry, ref)
    except errors.NotFound:
        raise errors.UnknownReference(f"{pointer}/document", subject=str(ref)) from None
    original = await held(registry, document)
    version = await text(registry, document, name, original)
    if version is None:
        part = f"versions/{name}"
        raise errors.UnknownPart(f"{pointer}/text_version", part=part, subject=str(ref))
    if original is None:
        raise errors.VersionNotHeld(f"{pointer}/text_version", subject=str(ref))
    if version.words is None:
        raise errors.NotMadeAgain(f"{pointer}/text_version", **unmade(ref, version))
    placed = complete(citation, version.length, version.words, pointer)
    start, end = version.offsets.captured(placed.start or 0, placed.end or 0)
    if start == end:
        raise errors.Invalid(pointer, problem="these words were put in: they stand nowhere in the captured text")
    return replace(placed, start=start, end=end, sha256=slice_hash(original, start, end))


# --- Citations shown in a version -------------------------------------------------------------------------------------


def show(citation: dict[str, Any], version: Text) -> None:
    """Give a citation by offsets its `words` where they are at hand, with what stands `before` and `after`.

    In another version than the captured text it has the offsets there, and the hash of the words there, or says that
    they are `cut`: `part` of them, or `all`, of which it stays where it was.
    """
    start, end = citation["start"], citation["end"]
    if version.steps:
        place = version.offsets.shown(start, end)
        if place.cut:
            citation["cut"] = "all" if place.start == place.end else "part"
        if place.start == place.end:
            return
        start, end = place.start, place.end
        citation |= {"text_version": version.sha256, "start": start, "end": end}
        del citation["sha256"]
    if version.words is not None:
        if version.steps:
            citation["sha256"] = slice_hash(version.words, start, end)
        citation["words"] = version.words[start:end]
        citation["before"] = version.words[max(0, start - AROUND) : start]
        citation["after"] = version.words[end : end + AROUND]
