"""The commands that HTTP takes: where each one stands, the shape of its body, and the order that a request comes to.

One table for both ways in: a POST of its own (`writing`), and one of several in a transaction (`transactions`).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from service.api import bodies, texts
from service.api.resource import Resource, Way
from service.domain import errors
from service.domain.decider import Command, Ref
from service.registry import Order, Registry
from service.store.ids import uuid7

Fill = Callable[[Any, bytes | Raw, str], bytes | Raw]
"""What is done to a JSON text of a given type before it is decoded; the pointer is where it stands in the body."""


def as_sent(kind: Any, text: bytes | Raw, pointer: str) -> bytes | Raw:
    """Nothing is done to it."""
    return text


Reading = Callable[[Registry, Ref, Any, Fill], Awaitable[Command]]


class Operation(Struct, frozen=True, kw_only=True):
    """A command as HTTP takes it.

    `under` is its path under the resource, empty for the registration of a whole thing; `command` describes it, `body`
    is the shape of its body, and `read` makes the command of a decoded one where that takes more than its fields.
    `makes` tells the id of the part that it makes; `fact` is where in the body the domain's own command stands.
    """

    resource: Resource
    under: str
    command: type[Struct]
    body: type[Struct]
    read: Reading | None = None
    makes: Callable[[UUID, Any], UUID] | None = None
    fact: str = ""

    @property
    def path(self) -> str:
        """Where it stands, as clients write it: `/api/agreements/{id}/clauses/{clause}:amend`."""
        return f"/api/{self.resource.name}{self.under}"

    @property
    def creates(self) -> bool:
        """Whether it registers a whole thing."""
        return not self.under

    @property
    def given(self) -> tuple[str, ...]:
        """The fields of the command that the path gives, beside the thing's own id."""
        return parts_of(self.under)

    async def order(
        self,
        registry: Registry,
        ids: Mapping[str, UUID],
        text: bytes | Raw,
        *,
        fill: Fill = as_sent,
        under: str | None = None,
    ) -> Order:
        """The order of a request: the ids in its path, and its body.

        `under` is the pointer to a body that stands in another one, which was looked through already. Raises Malformed
        and Invalid, and what `read` does.
        """
        text = await texts.captured(registry, text, whole=under is None)
        body: Any = bodies.decode(decoder(self.body), fill(self.body, text, ""), under=under)
        ref = Ref(self.resource.name, (body.id or uuid7(datetime.now(UTC))) if self.creates else ids["id"])
        if self.read is not None:
            command = await self.read(registry, ref, body, fill)
        else:
            command = made(self.command, body, {name: ids[name] for name in self.given})
        return Order(ref=ref, command=command, creates=self.creates)

    def placed(self, refused: errors.Refused) -> errors.Refused:
        """The registry's refusal of the command as one of the body that it came in."""
        if self.fact and refused.pointer and refused.pointer != "/corrects":
            return refused.under(self.fact)
        return refused

    def addresses(self, refused: errors.Refused) -> str | None:
        """What the path names and the refusal says isn't there; None where it is about something else."""
        if isinstance(refused, errors.NotFound):
            return str(refused.facts["subject"])
        if not isinstance(refused, (errors.UnknownPart, errors.UnknownReference)):
            return None
        if not refused.pointer or refused.pointer[1:] not in self.given:
            return None
        thing = refused.facts.get("part")
        return f"{refused.facts['subject']}: {thing}" if thing else str(refused.facts["subject"])


def registration(resource: Resource) -> Operation:
    """The registration of a whole thing, under an id of the sender's choice."""
    body = body_of(resource.register, extra=(("id", UUID | None, None),))
    return Operation(resource=resource, under="", command=resource.register, body=body)


def operation(resource: Resource, way: Way) -> Operation:
    """A command on a thing."""
    under = f"/{{id}}{way.path}"
    body = body_of(way.command, parts_of(under))
    return Operation(resource=resource, under=under, command=way.command, body=body, makes=way.makes)


@cache
def parts_of(under: str) -> tuple[str, ...]:
    """The names in a path under a resource, without that of the thing itself."""
    return tuple(name for name in re.findall(r"\{(\w+)\}", under) if name != "id")


# --- Bodies -----------------------------------------------------------------------------------------------------------

_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a body, made when it is first needed."""
    if (found := _DECODERS.get(kind)) is None:
        found = _DECODERS[kind] = msgspec.json.Decoder(kind)
    return found


def fields_of(command: type[Command], without: tuple[str, ...]) -> list[Any]:
    """A command's fields as `msgspec.defstruct` takes them, without those that the path gives."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(command):
        if field.name in without:
            continue
        if field.required:
            fields.append((field.name, field.type))
        elif field.default_factory is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
        else:
            fields.append((field.name, field.type, field.default))
    return fields


def body_of(command: type[Command], without: tuple[str, ...] = (), extra: tuple[Any, ...] = ()) -> type[Struct]:
    """The shape of a command's body: its own, without what the path gives and with what only HTTP knows."""
    if not without and not extra:
        return command
    return msgspec.defstruct(
        command.__name__,
        [*extra, *fields_of(command, without)],
        namespace={"__doc__": command.__doc__},
        module=command.__module__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def made(command: type[Any], body: Any, given: dict[str, Any]) -> Command:
    """The command of a decoded body and what the path gives."""
    if type(body) is command and not given:
        same: Command = body
        return same
    fields = {name: getattr(body, name) for name in command.__struct_fields__ if name not in given}
    try:
        new: Command = command(**fields, **given)
    except ValueError as error:
        raise errors.Invalid("", problem=str(error)) from None
    return new
