"""What comes in: JSON bodies and query parameters, decoded strictly, every mistake named by where it stands."""

import json
import re
from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import Struct

from service.api.problems import Malformed, NotJson, NotText, NotWhole, WrongParameter, WrongQuery
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.values import Subject

T = TypeVar("T")

_PLACE = re.compile(r"(?P<message>.*?)(?: - at `(?P<path>\$[^`]*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (?:missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]")


def located(error: Exception, kind: Any) -> tuple[str, str]:
    """The JSON Pointer (RFC 6901) and the bare message of a msgspec validation error on a value of type `kind`."""
    match = _PLACE.fullmatch(str(error))
    text, path = (match["message"], match["path"] or "$") if match else (str(error), "$")
    pointer = "".join("/" + (step["name"] or step["index"]) for step in _STEP.finditer(path))
    if field := _FIELD.fullmatch(text):
        pointer += "/" + field["name"].replace("~", "~0").replace("/", "~1")
    if text.startswith("Invalid enum value") and (known := sorted(possible(kind, pointer.split("/")[1:]))):
        text += f": {', '.join(known)}"
    return pointer, text


def possible(kind: Any, steps: list[str]) -> set[str]:
    """The values that a literal may have, found by walking down the type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return possible(inner[0], steps)
    if origin is Union or origin is UnionType:
        return {value for each in inner for value in possible(each, steps)}
    if origin is Literal:
        return set() if steps else {str(value) for value in inner}
    if not steps:
        return set()
    if origin is tuple or origin is list:
        return possible(inner[0], steps[1:])
    if isinstance(kind, type) and issubclass(kind, Struct):
        found = [field.type for field in msgspec.structs.fields(kind) if field.encode_name == steps[0]]
        return possible(found[0], steps[1:]) if found else set()
    return set()


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, under: str | None = None) -> T:
    """The value of a JSON text. Raises Malformed for what isn't JSON, Invalid with a pointer for a wrong value.

    A key that stands twice in an object is a wrong value too: nobody chooses silently which of the two was meant.
    `under` is the pointer to this text in a whole body that was looked through already; None where this is the whole.
    """
    if not body:
        raise Malformed(problem="it is empty")
    try:
        value = decoder.decode(body)
        if under is None:
            once(bytes(body))
    except msgspec.ValidationError as error:
        pointer, problem = located(error, decoder.type)
        well_formed(bytes(body))
        raise errors.Invalid((under or "") + pointer, problem=problem) from None
    except UnicodeDecodeError as error:
        raise Malformed(problem=f"it is not UTF-8: {error.reason}") from None
    except RecursionError:
        raise Malformed(problem="it is nested too deeply") from None
    except msgspec.DecodeError as error:
        unwritable(bytes(body))
        raise Malformed(problem=str(error)) from None
    return value


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written: every key with its value, the repeated ones too."""


def _no_constant(name: str) -> NoReturn:
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{name} is not JSON")


_WRITTEN = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=str, parse_float=str, parse_constant=_no_constant)


def well_formed(body: bytes) -> None:
    """Refuse what is not JSON behind the first wrong value, where a strict decoder stops."""
    try:
        _WRITTEN.decode(body.decode())
    except UnicodeDecodeError as error:
        raise Malformed(problem=f"it is not UTF-8: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise Malformed(problem=f"JSON is malformed: {error.msg} (byte {error.pos})") from None
    except RecursionError:
        raise Malformed(problem="it is nested too deeply") from None
    except ValueError:
        raise Malformed(problem="NaN and Infinity are no JSON") from None


def once(body: bytes) -> None:
    """Refuse, by its pointer, a key that stands twice in one object of a JSON text.

    What is decoded and written again as it stands has no such key. That tells for nearly every body at half the price
    of the second look, which the others take: those with escapes, or with numbers written at length.
    """
    try:
        if msgspec.json.encode(msgspec.json.decode(body)) == msgspec.json.format(body, indent=-1):
            return
    except msgspec.DecodeError:
        pass
    for pointer in repeated(_WRITTEN.decode(body.decode()), ""):
        raise errors.Invalid(pointer, problem="this key stands twice in its object")


def repeated(value: Any, pointer: str) -> Iterator[str]:
    """The pointer to every key that stands in its object already."""
    if isinstance(value, Pairs):
        seen: set[str] = set()
        for name, item in value:
            here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in seen:
                yield here
            seen.add(name)
            yield from repeated(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from repeated(item, f"{pointer}/{index}")


def unwritable(body: bytes) -> None:
    """Refuse, by its pointer, half of an escaped surrogate pair, which a strict decoder only calls malformed."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for pointer, text in texts(value, ""):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise errors.Invalid(pointer, problem="holds half of a surrogate pair, which is no character")


def texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON value with the pointer to it."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, item in value.items():
            safe = name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")
            yield f"{pointer}/{safe}", name
            yield from texts(item, f"{pointer}/{safe}")


async def json_body(request: Request[Any, Any, Any]) -> bytes:
    """The body of a request that says that it is JSON. Raises NotJson otherwise, before anything is read."""
    if (other := differing(request, {"application/json"})) is not None:
        raise NotJson(given=other)
    return await whole(request)


async def text_body(request: Request[Any, Any, Any]) -> bytes:
    """The body of a request that sends a text as it is. Raises NotText otherwise, before anything is read."""
    if (other := differing(request, {"text/plain", "application/octet-stream"})) is not None:
        raise NotText(given=other)
    return await whole(request)


def differing(request: Request[Any, Any, Any], kinds: set[str]) -> str | None:
    """What the request says of its body, where that is none of these kinds, not UTF-8, or coded; None where it fits.

    A request that says nothing means what is taken here.
    """
    headers = request.headers
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return f"Content-Encoding {headers['content-encoding']}"
    given = headers.get("content-type")
    if given is None:
        return None
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    fits = kind.strip().lower() in kinds and charset in {"", "charset=utf-8"}
    return None if fits else given


async def whole(request: Request[Any, Any, Any]) -> bytes:
    """The body as it was sent. Raises NotWhole where it broke off or was wrongly framed.

    Raises RequestEntityTooLarge for one that is larger than is taken here, before it is read where its length is told.
    """
    most = request.app.state.registry.settings.body_limit
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    parts: list[bytes] = []
    left, more = most, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":  # The client went away, or the server gave up on it.
            raise NotWhole
        parts.append(message["body"])
        left -= len(message["body"])
        if left < 0:
            raise RequestEntityTooLarge
        more = message["more_body"]
    return b"".join(parts)


@cache
def counts(kind: Any) -> bool:
    """Whether a type is that of a whole number, or of none."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return counts(inner[0])
    if origin is Union or origin is UnionType:
        return {counts(each) for each in inner if each is not type(None)} == {True}
    return kind is int


_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
"""What the decoder takes for a whole number is more: 1e3, 5.0."""


_READ = re.compile(r"(?: \| null)?`, got `str`")
"""What the decoder says beside what is wanted: every parameter is text, and none of them is null."""


_SUBJECTS = (Subject, Subject | None)


@cache
def fields_of(kind: Any) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a struct, looked up once: msgspec resolves their types at each call, for a tenth of a request."""
    return msgspec.structs.fields(kind)


def converted(given: dict[str, str], kind: type[T]) -> T:
    """Parameters as a struct. Raises WrongParameter."""
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        pointer, problem = located(error, kind)
        raise WrongParameter(parameter=pointer[1:].partition("/")[0], problem=_READ.sub("`", problem)) from None


@cache
def unasked(kind: Any) -> Any:
    """The struct of no parameters at all, made once. Raises WrongParameter where one is needed."""
    return converted({}, kind)


def parameters(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """The query parameters, each at most once. Raises WrongParameter for an unknown or wrong one.

    What a decoder of text takes for null is none, and a subject is of a kind that there is: nobody should take a slip
    for an answer.
    """
    if not request.scope["query_string"]:
        return cast(T, unasked(cast(Any, kind)))
    given: dict[str, str] = {}
    try:
        # Bytes that are not encoded would be taken for other characters than were meant (RFC 3986, section 2.1).
        unquote_to_bytes(request.scope["query_string"].decode("ascii")).decode()
    except UnicodeDecodeError:
        raise WrongQuery from None
    for name, value in request.query_params.multi_items():
        if name in given:
            raise WrongParameter(parameter=name, problem="is given twice")
        given[name] = value
    for field in fields_of(cast(Any, kind)):
        if (value := given.get(field.encode_name)) is not None and counts(field.type) and not _WHOLE.fullmatch(value):
            problem = "must be a whole number in plain digits, such as 50"
            raise WrongParameter(parameter=field.encode_name, problem=problem)
    asked = converted(given, kind)
    for field in fields_of(cast(Any, kind)):
        if field.encode_name not in given:
            continue
        value = getattr(asked, field.name)
        if value is None:
            problem = f"{given[field.encode_name]} is no value here: leave the parameter out"
            raise WrongParameter(parameter=field.encode_name, problem=problem)
        if field.type in _SUBJECTS and (category := value.partition("/")[0]) not in DECIDERS:
            problem = f"{category} is none of {', '.join(sorted(DECIDERS))}"
            raise WrongParameter(parameter=field.encode_name, problem=problem)
    return asked
