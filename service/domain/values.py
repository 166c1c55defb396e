"""The values that events are made of: dates as they are known, quantities, citations, people, printed names.

All are frozen, compared by value, and refuse what they cannot mean: a value that exists is well formed. Whether the
things it names exist is the decider's question, not the value's.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

# Text that comes in as JSON may not hold C0 and C1 controls other than LF, DEL, the line and paragraph separators (a
# line of the log must stay one line for every reader) or noncharacters (Unicode 16, section 23.7). Lone surrogates
# cannot be written in UTF-8 and never reach this pattern. Text of blanks alone says nothing, and is refused as well.
# It is said by what text may hold: `re` looks a common character up in one step, and compares what it has not found so
# with the ranges of the higher planes, one by one. By what text may not hold, that would be every character of it.
ALLOWED = (
    r"[\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd"
    + "".join(f"\\U{plane:04x}0000-\\U{plane:04x}fffd" for plane in range(1, 17))
    + "]"
)
CLEAN = rf"^(?=\s*\S){ALLOWED}*\Z"

Text = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=CLEAN)]
Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=CLEAN)]
Note = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=CLEAN)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
# A decimal in its plainest form. NaN, Infinity and exponents are not numbers of a record.
DecimalText = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,12})?\Z")]
UnsignedText = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,24})(\.[0-9]{1,12})?\Z")]
Offset = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Script = Literal["hans", "hant", "latn"]
Variant = Literal["full", "short", "former", "caption", "traditional", "typo", "spun"]
"""How another name of a thing differs from its own: in length, in age, in script (`traditional`), by damage; or it is
that of a picture. `spun` are words that somebody put in the place of others to hide where a text was taken from."""
Subject = Annotated[str, Meta(pattern=r"^[a-z_]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
"""A stream's name, `agreements/<uuid>`, as it stands in an event line's `subject`."""

PartName = Annotated[str, Meta(pattern=r"^[a-z]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
"""A part with an id of its own, as the thing that it is of has it: `clauses/<uuid>`, `resolutions/<uuid>`."""

StatePart = Annotated[str, Meta(max_length=700, pattern=r"^(?=[a-z]+(?:/|\Z))" + CLEAN[1:])]
"""Any part of a thing by its list and its key there, `clauses/<uuid>`, `steps/signed`, `titles/<printed>`, or `header`
for what the thing itself says. The longest is told by three texts of 200 characters."""
FieldName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}\Z")]
"""What a command calls a field: `effective`, `title`."""

spelt: Callable[[UUID], str] = msgspec.to_builtins
"""A UUID as lines and pointers have it: what `str` says of it, in a quarter of the time; ten times an event."""
PartyId = Annotated[UUID, Meta(extra={"category": "parties"})]
AgreementId = Annotated[UUID, Meta(extra={"category": "agreements"})]
DocumentId = Annotated[UUID, Meta(extra={"category": "documents"})]
MeetingId = Annotated[UUID, Meta(extra={"category": "meetings"})]
StatementId = Annotated[UUID, Meta(extra={"category": "statements"})]
PlanId = Annotated[UUID, Meta(extra={"category": "plans"})]
TaskId = Annotated[UUID, Meta(extra={"category": "tasks"})]
ProjectId = Annotated[UUID, Meta(extra={"category": "projects"})]
FigureId = Annotated[UUID, Meta(extra={"category": "figures"})]
Parties = Annotated[tuple[PartyId, ...], Meta(max_length=200)]

Precision = Literal["day", "ten_days", "month", "quarter", "half_year", "year", "range", "before", "after", "unknown"]
Basis = Literal["stated", "inferred", "restored", "external", "curated"]

WIDE = 120
"""A citation longer than this many code points says why (`why`)."""


SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The registry's days. China has had one offset without summer time since 1991 (IANA tzdata, asia)."""


def day_of(time: datetime) -> date:
    """The day in Asia/Shanghai that a time falls on."""
    return time.astimezone(SHANGHAI).date()


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of all values: immutable, without unknown fields, defaults left out when written."""


def distinct(ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Ids that say who, not in which order: sorted and without repetition, so that a fact has one encoding."""
    return tuple(sorted(set(ids)))


def canonical(decimal: str) -> str:
    """A decimal without what says nothing: `1.50` is `1.5`, `-0.0` is `0`. One number has one encoding."""
    if "." in decimal:
        decimal = decimal.rstrip("0").removesuffix(".")
    return "0" if decimal == "-0" else decimal


class UncertainDate(Value, frozen=True, kw_only=True, gc=False):
    """A date as it is known: the days that it may be, how it was printed, and what the bounds rest on.

    `earliest` and `latest` are days in Asia/Shanghai, both included; either may be unknown. `precision` says what the
    source gave, and fits the bounds: one day has both the same; `before` has a latest day alone (11月底前), `after` an
    earliest alone; `unknown` without printed words says that nobody knows. A deadline counts by `latest`. `basis` is
    left out where nobody says what the bounds rest on.
    """

    earliest: date | None = None
    latest: date | None = None
    precision: Precision | None = None
    printed: Label | None = None
    basis: Literal["stated", "inferred", "external"] | None = None

    def __post_init__(self) -> None:
        """Refuse bounds in the wrong order, and a precision that the bounds are not of."""
        first, last = self.earliest, self.latest
        if first and last and first > last:
            raise ValueError("earliest lies after latest")
        if first is None and last is None:
            if self.precision not in {None, "unknown"}:
                raise ValueError("a date without bounds has no precision but unknown")
            if self.printed is None and self.precision is None:
                raise ValueError("a date has a bound, or at least the words that it was printed in")
        elif self.precision == "unknown":
            raise ValueError("a date with bounds is not unknown")
        elif self.precision in {"before", "after"}:
            if (first is None) != (self.precision == "before") or (last is None) != (self.precision == "after"):
                raise ValueError("before has a latest day alone, after an earliest alone")
        elif self.precision is not None:
            if first is None or last is None:
                raise ValueError(f"precision {self.precision} needs earliest and latest")
            if not SPANS[self.precision](first, last):
                raise ValueError(f"earliest and latest are not the bounds of one {self.precision}")

    @classmethod
    def day(cls, day: date) -> "UncertainDate":
        """The date of one known day."""
        return cls(earliest=day, latest=day)

    @classmethod
    def since(cls, *days: "UncertainDate | None") -> "UncertainDate":
        """The date of what nobody dates, which came after all of these: some day from the last of their first days on.

        Where none of them is known to begin, nobody knows.
        """
        first = max((day.earliest for day in days if day is not None and day.earliest is not None), default=None)
        return cls(earliest=first, precision="after" if first is not None else "unknown", basis="inferred")

    def open_on(self, day: date) -> bool:
        """Whether nobody can say if it has come by `day`: from its first day until the last, when it certainly has.

        An end that is not known leaves it open for ever.
        """
        return (self.earliest is None or self.earliest <= day) and (self.latest is None or day < self.latest)

    def agrees(self, other: "UncertainDate | None") -> bool:
        """Whether the other date has the same bounds, however it was printed."""
        return other is not None and (self.earliest, self.latest) == (other.earliest, other.latest)

    def covers(self, other: "UncertainDate | None") -> bool:
        """Whether all days that the other date may be are days of this one: the same date, told as exactly or less.

        A date of which words alone are known (近日) covers every known one.
        """
        if other is None:
            return False
        first = self.earliest is None or (other.earliest is not None and self.earliest <= other.earliest)
        return first and (self.latest is None or (other.latest is not None and other.latest <= self.latest))


def _whole_months(first: date, last: date, months: int) -> bool:
    """Whether two days bound that many whole months, beginning where such a span begins."""
    after = last + timedelta(days=1)
    counted = (after.year - first.year) * 12 + after.month - first.month
    return first.day == 1 and after.day == 1 and counted == months and (first.month - 1) % months == 0


SPANS: dict[str, Callable[[date, date], bool]] = {
    "day": lambda first, last: first == last,
    "ten_days": lambda first, last: (
        (first.year, first.month) == (last.year, last.month)
        and (first.day, last.day if last.day < 21 else 0 if (last + timedelta(days=1)).day == 1 else -1)
        in {(1, 10), (11, 20), (21, 0)}
    ),
    "month": lambda first, last: _whole_months(first, last, 1),
    "quarter": lambda first, last: _whole_months(first, last, 3),
    "half_year": lambda first, last: _whole_months(first, last, 6),
    "year": lambda first, last: _whole_months(first, last, 12),
    "range": lambda first, last: first < last,
}
"""Whether two days bound what a precision names. The three 旬 of a month begin on its days 1, 11 and 21."""


class Period(Value, frozen=True, kw_only=True, gc=False):
    """A span of time that something lasts: from when, to when, both as they are known. Not a day within it."""

    starts: UncertainDate | None = None
    ends: UncertainDate | None = None
    printed: Label | None = None

    def __post_init__(self) -> None:
        """A period says something, and does not end before it starts."""
        if self.starts is None and self.ends is None and self.printed is None:
            raise ValueError("a period has a start, an end, or the words that it was printed in")
        first = self.starts.earliest if self.starts else None
        last = self.ends.latest if self.ends else None
        if first and last and first > last:
            raise ValueError("the period ends before it starts")


class Quantity(Value, frozen=True, kw_only=True, gc=False):
    """An amount as claimed: `value`, or `low` and `high` of a range, in `unit`, as exact decimal strings.

    `bound` says how the source hedges it (`below` for 近, `above` for 多, 余 and 超, `about` for 约); `modality` what
    kind of amount it is, so that planned money is never added to paid in. Decimals are kept in their shortest form.
    """

    value: DecimalText | None = None
    low: DecimalText | None = None
    high: DecimalText | None = None
    unit: Label
    bound: Literal["exact", "about", "below", "above", "range"]
    modality: Literal["planned", "intended", "contracted", "total", "paid_in"] | None = None
    printed: Label | None = None

    def __post_init__(self) -> None:
        """A range has both ends and no value, all else has a value and no ends."""
        if self.bound == "range":
            if self.low is None or self.high is None or self.value is not None:
                raise ValueError("a range has low and high, and no value")
            if Decimal(self.low) > Decimal(self.high):
                raise ValueError("low is above high")
        elif self.value is None or self.low is not None or self.high is not None:
            raise ValueError("a quantity has a value; low and high belong to the bound range")
        for field in ("value", "low", "high"):
            if (given := getattr(self, field)) is not None:
                force_setattr(self, field, canonical(given))


class Magnitude(Quantity, frozen=True, kw_only=True, gc=False):
    """A quantity that is never below zero: a number of things or people, how long something lasts, a sum to be paid.

    Who pays whom is told beside a sum, never by its sign. A target and what was reached of it may be below zero.
    """

    value: UnsignedText | None = None
    low: UnsignedText | None = None
    high: UnsignedText | None = None


class Locator(Value, frozen=True, kw_only=True, gc=False):
    """Where in a document without captured text: a page, or a cell of a sheet."""

    page: Label | None = None
    sheet: Label | None = None
    cell: Label | None = None

    def __post_init__(self) -> None:
        """A page, or a sheet and its cell."""
        if (self.page is None) == (self.sheet is None):
            raise ValueError("a locator is a page, or a sheet and a cell")
        if (self.sheet is None) != (self.cell is None):
            raise ValueError("a sheet needs its cell, and a cell its sheet")


class Citation(Value, frozen=True, kw_only=True, gc=False):
    """The words that a fact comes from.

    `start` and `end` are code-point offsets into the document's captured text, end excluded, and `sha256` is the hash
    of the slice's UTF-8; or `locator` where there is no text. `quote` and `occurrence` exist on the way in only: where
    the text is held here the registry turns them into offsets and hash, and no quote ever enters the log.
    """

    document: DocumentId
    text_version: Literal["captured"] = "captured"
    start: Offset | None = None
    end: Offset | None = None
    sha256: Sha256 | None = None
    locator: Locator | None = None
    quote: Label | None = None
    occurrence: Count | None = None
    why: Note | None = None

    def __post_init__(self) -> None:
        """Exactly one way of pointing, and a narrow one."""
        offsets = self.start is not None or self.end is not None
        if offsets + (self.locator is not None) + (self.quote is not None) != 1:
            raise ValueError("a citation is start and end, or quote, or locator")
        if offsets:
            if self.start is None or self.end is None or self.start >= self.end:
                raise ValueError("start and end are both needed, and start lies before end")
            if self.end - self.start > WIDE and self.why is None:
                raise ValueError(f"a citation of more than {WIDE} code points says why")
        elif self.sha256 is not None:
            raise ValueError("sha256 belongs to start and end")
        if self.occurrence is not None and self.quote is None:
            raise ValueError("occurrence belongs to quote")


class PrintedName(Value, frozen=True, kw_only=True, gc=False):
    """A name as it stands on the page, and what is meant by it.

    `simplified` is the name in simplified script, `restored` the name that a garbled one stands for.
    """

    printed: Label
    simplified: Label | None = None
    restored: Label | None = None
    script: Script | None = None

    @property
    def meant(self) -> str:
        """The name to show: restored, else simplified, else as printed."""
        return self.restored or self.simplified or self.printed


class Person(Value, frozen=True, kw_only=True, gc=False):
    """An office holder in a public act, as printed. Never private contact data.

    `organisations` are those that the title as printed names an office in, in no order: often several.
    """

    name: PrintedName
    title: Label | None = None
    organisations: Parties = ()

    def __post_init__(self) -> None:
        """Organisations say which, not in which order."""
        force_setattr(self, "organisations", distinct(self.organisations))


class Credit(Value, frozen=True, kw_only=True, gc=False):
    """Who made a text, and in which role as printed (记者, 摄, 责任编辑)."""

    name: PrintedName
    role: Label | None = None


class Source(Value, frozen=True, kw_only=True, gc=False):
    """What a part's fields rest on: the event, since when it holds, its basis and the words cited.

    `fields` empty means every field that no later source of the same part names. `attests` is the sequence of the
    event that an attestation supports; where there is none the source is the event that set the fields.
    """

    sequence: int
    attests: int | None = None
    fields: tuple[str, ...] = ()
    effective: UncertainDate | None = None
    basis: Basis | None = None
    note: Note | None = None
    citations: tuple[Citation, ...] = ()


class Part(Value, frozen=True, kw_only=True, gc=False):
    """A part of a state that is stored as one row, with the sources of its fields."""

    sources: tuple[Source, ...] = ()


def content(part: Part) -> Part:
    """The part without its sources: what it says, not where it is said."""
    return msgspec.structs.replace(part, sources=()) if part.sources else part
