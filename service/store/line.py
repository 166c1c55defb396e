"""An event line: the one form in which an event is stored, exported, streamed, hashed and mirrored.

A line is one JSON object, UTF-8, keys in a fixed order, no blanks outside strings, at most 65,535 bytes without its LF.
It is a CloudEvents 1.0 event (https://github.com/cloudevents/spec, v1.0.2, with the sequence extension).
"""

import gc
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal, Union
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from service.domain import errors
from service.domain.decider import Event, Recorded, Ref
from service.domain.shapes import Reads, Upcasting, dataschema
from service.store.ids import uuid7

LIMIT = 65_535
"""The longest line in bytes, without LF: what a C2SP entry bundle's 16-bit length can say."""


UNREADABLE = (msgspec.MsgspecError, KeyError, ValueError)
"""What is raised for a stored line that this program cannot read."""


class LineError(Exception):
    """A line cannot be taken in; the message names it by its number, says what is wrong and what to do.

    `number` and `wrong` are these two, alone.
    """

    def __init__(self, number: int, wrong: str, advice: str = "Export the log again, whole and unaltered") -> None:
        self.number, self.wrong = number, wrong
        super().__init__(f"line {number}: {wrong}. {advice}")


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The keys of a line in their order. `data` is the event itself."""

    specversion: Literal["1.0"]
    id: UUID
    source: str
    type: str
    dataschema: str
    subject: str
    streamversion: int
    sequence: str
    time: str
    effective: date | None = None
    actor: str
    cause: Literal["change", "correction"]
    corrects: str | None = None
    reason: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    data: Any


class _Stored(Line, frozen=True, kw_only=True, gc=False):
    """A line read back: its data is decoded by the type's own shape."""

    data: Raw


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Stored)


def place(sequence: int) -> str:
    """A sequence as lines write it: 19 digits, so that it sorts as text."""
    return str(sequence).zfill(19)


@lru_cache(maxsize=16)
def instant(time: datetime) -> str:
    """A time as lines write it: RFC 3339 in UTC with six fraction digits and Z. All lines of a batch have one."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """What a line says beside its event and place: who, from where, in which context."""

    source: str
    actor: UUID
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None


def sealed(event: Event, decoders: Mapping[str, Reads]) -> tuple[Raw, Event]:
    """The data of an event as a line has it, and the event that is read from that: what the log says is what counts.

    Raises Unreadable where nothing is: a Struct that Python has made, be it a caller's or what the registry composes,
    is held to its shape by nobody before. `decoders` go by `dataschema`.
    """
    try:
        data = Raw(_ENCODER.encode(event))
        return data, decoders[dataschema(event.type, event.shape)].decode(data)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise errors.Unreadable("", type=event.type, problem=str(error)) from None


def encode(envelope: Envelope, ref: Ref, recorded: Recorded, id: UUID | None = None, data: Raw | None = None) -> bytes:
    """The line of an event. Raises LineTooLong where it would not fit.

    The line's id is a UUIDv7 of the recording time, unless one is given; `data` that of the event where it is `sealed`.
    """
    event = recorded.event
    line = _ENCODER.encode(
        Line(
            specversion="1.0",
            id=uuid7(recorded.time) if id is None else id,
            source=envelope.source,
            type=event.type,
            dataschema=dataschema(event.type, event.shape),
            subject=str(ref),
            streamversion=recorded.version,
            sequence=place(recorded.sequence),
            time=instant(recorded.time),
            effective=recorded.effective,
            actor=_actor(envelope.actor),
            cause=recorded.cause,
            corrects=None if recorded.corrects is None else place(recorded.corrects),
            reason=recorded.reason,
            correlationid=envelope.correlationid,
            causationid=envelope.causationid,
            traceparent=envelope.traceparent,
            data=event if data is None else data,
        )
    )
    if len(line) > LIMIT:
        raise errors.LineTooLong(size=len(line), limit=LIMIT)
    return line


def outer(line: bytes) -> Line:
    """The outer keys of a stored line, its data as it is. Raises msgspec.MsgspecError for what is no line."""
    return _DECODER.decode(line)


def canonical(line: Line) -> bytes:
    """The bytes that outer keys as read by `outer` have in a line: key order and blanks as the contract has them."""
    return _ENCODER.encode(line)


def decode(line: bytes, decoders: Mapping[str, Reads]) -> tuple[Ref, Line, Recorded]:
    """The stream, the outer keys and the event of a stored line, in its newest shape. `decoders` go by `dataschema`."""
    outer = _DECODER.decode(line)
    event: Event = decoders[outer.dataschema].decode(outer.data)
    recorded = Recorded(
        sequence=int(outer.sequence),
        version=outer.streamversion,
        time=datetime.fromisoformat(outer.time),
        effective=outer.effective,
        actor=_account(outer.actor),
        event=event,
        cause=outer.cause,
        corrects=None if outer.corrects is None else int(outer.corrects),
        reason=outer.reason,
    )
    return _stream(outer.subject), outer, recorded


class Page:
    """Reads many lines in one go, each with its event: one tagged union of all shapes, told apart by `dataschema`.

    It says of each what `decode` does, but for the line's outer keys.
    """

    def __init__(self, decoders: Mapping[str, Reads]) -> None:
        """`decoders` go by `dataschema`."""
        steps = {
            _whole(name, reads.type): reads.steps if isinstance(reads, Upcasting) else ()
            for name, reads in decoders.items()
        }
        self._decode = msgspec.json.Decoder(Union[tuple(steps)]).decode_lines  # noqa: UP007 -- of a tuple
        self._steps = {kind: each for kind, each in steps.items() if each}

    @staticmethod
    @lru_cache(maxsize=8)
    def _of(decoders: frozenset[tuple[str, Reads]]) -> "Page":
        return Page(dict(decoders))

    @classmethod
    def of(cls, decoders: Mapping[str, Reads]) -> "Page":
        """The one for these shapes; making it takes a while."""
        return cls._of(frozenset(decoders.items()))

    def _typed(self, page: bytes | memoryview) -> list[Any]:
        """The lines. Of what is made here nothing is garbage: Python's collector would look through it in vain."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._decode(page)
        finally:
            if collecting:
                gc.enable()

    def decode(self, page: bytes | memoryview) -> list[tuple[Ref, list[Recorded]]]:
        """The events of lines, which LF parts: each run of lines of one stream with its name.

        Raises `UNREADABLE` where any of them cannot be read.
        """
        runs: list[tuple[Ref, list[Recorded]]] = []
        subject, actor = "", ""
        records, account = list[Recorded](), UUID(int=0)
        steps = self._steps
        for line in self._typed(page):
            event = line.data
            if (former := steps.get(type(line))) is not None:
                for step in former:
                    event = step(event)
            if line.subject != subject:
                subject, records = line.subject, []
                runs.append((_stream(subject), records))
            if line.actor != actor:
                actor = line.actor
                account = _account(actor)
            records.append(
                Recorded(
                    sequence=int(line.sequence),
                    version=line.streamversion,
                    time=line.time,
                    effective=line.effective,
                    actor=account,
                    event=event,
                    cause=line.cause,
                    corrects=None if line.corrects is None else int(line.corrects),
                    reason=line.reason,
                )
            )
        return runs


def _whole(name: str, data: type) -> type[Struct]:
    """A line with data of that shape. Its id is left as it is written: nobody asks for it there."""
    others = {"id": str, "time": datetime, "data": data}
    fields = [
        (field.name, others.get(field.name, field.type), field.default)
        for field in msgspec.structs.fields(Line)
        if field.name != "dataschema"
    ]
    return msgspec.defstruct(
        "Whole",
        fields,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
        tag_field="dataschema",
        tag=name,
    )


@lru_cache(maxsize=1_000)
def _actor(account: UUID) -> str:
    """An account as a line names it."""
    return f"accounts/{account}"


@lru_cache(maxsize=1_000)
def _account(actor: str) -> UUID:
    """The account that a line names; few write many lines, and a UUID costs a third of a line's decoding."""
    return UUID(actor.removeprefix("accounts/"))


@lru_cache(maxsize=1_000)
def _stream(subject: str) -> Ref:
    """The stream that a line names; one line of a stream is often read after another.

    msgspec makes a UUID of its text in a fifth of the time that the class itself takes.
    """
    category, _, name = subject.partition("/")
    return Ref(category, msgspec.convert(name, UUID))
