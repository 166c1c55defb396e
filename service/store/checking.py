"""A line that was stored or comes from elsewhere: would this program have written it here, after those before it?

One look for an import and for whoever verifies what is stored, so that what is called good here is taken in elsewhere.
Everything that a line and the order of lines can say is looked at: bytes, keys, their one way of being written, the
event's own shape, its place, its times. What it says of other lines (its stream's version, the event that it corrects)
is left to whoever knows those (`registry/copying.py`, `verifying/rows.py`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw
from msgspec.structs import force_setattr

from service.domain import errors
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Attested, Event, Voided, sound
from service.domain.shapes import dataschema
from service.domain.values import CLEAN, Note
from service.store.line import LIMIT, Line, LineError, place

Row = tuple[Any, ...]
"""A line and the columns beside it, in the order of `COLUMNS`."""

COLUMNS = ("position", "stream", "version", "type", "time", "effective", "actor", "correction", "line")
POSITION, STREAM, VERSION, TYPE = range(4)

CATEGORIES = {event.type: decider.category for decider in DECIDERS.values() for event in decider.events}
"""The category of the streams that a type of event stands in."""

CURRENT = {dataschema(event.type, event.shape) for event in EVENTS.values()}
"""The shapes that are written today. Data of an earlier one is read, and could not be written again."""

_SCHEMA = re.compile(r"urn:mengfu:schema:(.+):[1-9][0-9]*")
_SOURCE = re.compile(r"urn:mengfu:[a-z0-9.-]{1,100}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_PLACE = re.compile(r"[0-9]{19}")

Mark = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=CLEAN)]


class _Outer(Line, frozen=True, kw_only=True, gc=False):
    """The keys of a line, with what their texts may hold. The data is read by its shape, which `dataschema` names."""

    id: str  # type: ignore[assignment]  # as it is written: only one way of writing it is good
    reason: Note | None = None
    correlationid: Mark | None = None
    causationid: Mark | None = None
    traceparent: Mark | None = None
    data: Raw


_DECODE = msgspec.json.Decoder(_Outer).decode
_ENCODE = msgspec.json.Encoder().encode


class Checker:
    """Looks at one line after another; what is good comes out as a row, what is not as LineError."""

    def __init__(self, decoders: Mapping[str, Any], position: int = 0, time: datetime | None = None) -> None:
        """Lines up to `position` were seen, the last one of that time. `decoders` are found by `dataschema`."""
        self.decoders = decoders
        self.position = position
        self.time = time or datetime.min.replace(tzinfo=UTC)
        self._written = ""
        self._source = ""

    def check(self, line: bytes) -> tuple[Row, tuple[int, ...]]:
        """The next line's row, and the sequences of the earlier events of its stream that it speaks of."""
        number = self.position + 1
        outer = self._outer(number, line)
        event = self._event(number, line, outer)
        self._keys(number, outer)
        named = self._cause(number, outer, event)
        category = CATEGORIES[event.type]
        stream = outer.subject[len(category) + 1 :]
        if not outer.subject.startswith(f"{category}/") or not _UUID.fullmatch(stream):
            raise LineError(number, f"{outer.subject!r} is no subject of a {outer.type}: that is {category}/<uuid>")
        first = event.effective.earliest if event.effective is not None else None
        if outer.effective != first:
            raise LineError(number, f"effective is {outer.effective}, but the event's own says {first}")
        self.position = number
        actor = outer.actor[len("accounts/") :]
        correction = outer.cause == "correction"
        version = outer.streamversion
        return (number, stream, version, event.type, self.time, outer.effective, actor, correction, line), named

    @staticmethod
    def _outer(number: int, line: bytes) -> _Outer:
        """The line's keys."""
        if len(line) > LIMIT:
            raise LineError(number, f"it has {len(line):,} bytes, and a line has {LIMIT:,} at most")
        try:
            return _DECODE(line)
        except UnicodeDecodeError as error:
            raise LineError(number, f"it is not UTF-8: {error.reason}") from None
        except msgspec.ValidationError as error:
            raise LineError(number, f"it is no event: {error}") from None
        except (msgspec.DecodeError, RecursionError) as error:
            what = "it is empty" if not line.strip() else f"it is not JSON: {error}"
            raise LineError(number, what) from None

    def _event(self, number: int, line: bytes, outer: _Outer) -> Event:
        """The event, in a line that is written as it has to be."""
        name = _SCHEMA.fullmatch(outer.dataschema)
        if name is None or name[1] != outer.type:
            raise LineError(number, f"{outer.dataschema!r} names no shape of a {outer.type}")
        decoder = self.decoders.get(outer.dataschema)
        if decoder is None or outer.type not in CATEGORIES:
            what = "shape " + outer.dataschema if outer.type in CATEGORIES else f"type {outer.type}"
            raise LineError(
                number, f"this program does not know the {what}", "Was it written by a newer mengfu? Import it with one"
            )
        current = outer.dataschema in CURRENT
        if not current and (written := _ENCODE(outer)) != line:
            raise LineError(number, differs(line, written))
        try:
            event: Event = decoder.decode(outer.data)
            sound(event)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, errors.Invalid) as error:
            raise LineError(number, f"its data is no {outer.type}: {error}") from None
        if current:
            force_setattr(outer, "data", event)
            if (written := _ENCODE(outer)) != line:
                raise LineError(number, differs(line, written))
        return event

    def _keys(self, number: int, outer: _Outer) -> None:
        """What stands in the keys, but for the cause and the subject."""
        if outer.sequence != place(number):
            raise LineError(
                number,
                f"its sequence is {outer.sequence!r}, and {place(number)} comes here: "
                "lines are missing, repeated or out of order",
            )
        if not _UUID7.fullmatch(outer.id):
            raise LineError(number, f"its id {outer.id!r} is no UUID of version 7 in lower case")
        if outer.source != self._source:
            if not _SOURCE.fullmatch(outer.source):
                raise LineError(number, f"its source {outer.source!r} is no urn:mengfu:<name of a registry>")
            self._source = outer.source
        if not outer.actor.startswith("accounts/") or not _UUID.fullmatch(outer.actor, len("accounts/")):
            raise LineError(number, f"its actor {outer.actor!r} is no accounts/<uuid>")
        if outer.time != self._written:
            self._advance(number, outer.time)

    def _advance(self, number: int, written: str) -> None:
        """Take the time of a line that has another one than the line before."""
        try:
            time = datetime.fromisoformat(written if _TIME.fullmatch(written) else "")
        except ValueError:
            wrong = f"its time {written!r} is none, or not written as 2026-11-21T08:00:00.000000Z"
            raise LineError(number, wrong) from None
        if time < self.time:
            raise LineError(number, f"its time {written} lies before {self._written}, that of the line before")
        self.time, self._written = time, written

    @staticmethod
    def _cause(number: int, outer: _Outer, event: Event) -> tuple[int, ...]:
        """The sequences that the event speaks of: what it corrects, what it attests."""
        named: tuple[int, ...] = ()
        if outer.cause == "correction":
            if outer.corrects is None or outer.reason is None:
                raise LineError(
                    number, "it is a correction, and has no " + ("reason" if outer.corrects else "corrects")
                )
            if not _PLACE.fullmatch(outer.corrects):
                raise LineError(number, f"corrects is {outer.corrects!r}, and not a sequence of 19 digits")
            named = (int(outer.corrects),)
        elif outer.corrects is not None:
            raise LineError(number, "it names what it corrects, and its cause is change")
        elif isinstance(event, Voided):
            raise LineError(number, f"a {outer.type} is a correction, and its cause is change")
        return (*named, event.attests) if isinstance(event, Attested) else named


def differs(line: bytes, written: bytes) -> str:
    """That a line says what it says in another way than lines are written, and where."""
    pairs = enumerate(zip(line, written, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(line), len(written)))
    found, wanted = line[at : at + 20].decode(errors="replace"), written[at : at + 20].decode(errors="replace")
    return (
        f"it is not written as lines are (keys in order, no blanks, one way for each value): "
        f"from byte {at} on it has {found!r} where {wanted!r} would stand"
    )
