"""The question: which texts have the words, tier by tier, each tier's newest candidates ranked.

All that a cursor needs is how far in which tier the last page came: for one day and one position of the log the
candidates and their order are the same for ever.
"""

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from service.domain import errors
from service.domain.names import fold
from service.domain.searched import CATEGORIES, TIERS, Kind
from service.domain.values import DocumentId, Label, PartyId
from service.projections import carried
from service.projections.cursors import Pin, read, written
from service.projections.moments import Moment, Times
from service.projections.paging import seconds
from service.projections.pairs import PAIRS, pairs
from service.projections.search.found import Found, Hit, TierTold, excerpt, original
from service.projections.search.rows import OTHERS, tag

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection

CANDIDATES = 1_000
"""Texts of a tier that are ranked: the newest that have the words."""
WORDS = 10
SAMPLE = 3_000
"""The newest texts of a tier that are looked through to learn how frequent the words are."""
FREQUENT = SAMPLE // 10
"""So many of them with the words, and candidates are found soonest by walking on."""
RARE = 8
"""Of fewer all that the index has are read; in between those alone of the time in which `AMPLE` have likely come."""
AMPLE = CANDIDATES + 300
WINDOW = 100_000
"""The newest texts of a tier that are walked through at most, before the words are looked up in the index after all."""
FEW = 5_000
"""Things of a party or a document that are looked through one by one, where the words are frequent."""
Way = Literal["beginning", "pairs", "recent", "newest", "streams"]


class Filter(Struct, frozen=True, kw_only=True):
    """What is searched for; what is None is not asked.

    `q` are words, all of which stand in the text; one character alone is how a name begins. `kind` is what is found,
    `party` one that has to do with it (signed, was there, answers, is meant), `document` one that it cites.
    """

    q: Label
    kind: Kind | None = None
    party: PartyId | None = None
    document: DocumentId | None = None


class Place(Pin, frozen=True, array_like=True):
    """Where a page ended: in which tier, after how many hits of it."""

    tier: Annotated[int, Meta(ge=1, le=4)]
    after: Annotated[int, Meta(ge=0, le=CANDIDATES)]


def place(cursor: str, filter: Filter, asked: tuple[Any, ...]) -> Place:
    """The place that a cursor of this question names. Raises errors.BadCursor."""
    found = read(cursor, Place)
    if found.mark != _mark(filter, asked):
        raise errors.BadCursor("/cursor")
    return found


def cursor(filter: Filter, asked: tuple[Any, ...], day: date, known: int, next: tuple[int, int]) -> str:
    """The cursor of the page that begins there."""
    return written(Place(_mark(filter, asked), day, known, *next))


def _mark(filter: Filter, asked: tuple[Any, ...]) -> bytes:
    """What a cursor belongs to."""
    return hashlib.blake2b(msgspec.json.encode(("search", filter, *asked)), digest_size=8).digest()


def tables(filter: Filter) -> frozenset[str]:
    """The projections that a question with this filter reads."""
    party = {"signings", "involved", "assigned"} if filter.party is not None else set()
    document = {"citations"} if filter.document is not None else set()
    return frozenset({"search", "parties", "successions"} | party | document)


def words(q: str) -> tuple[str, ...]:
    """The words that are looked for, folded, the longest first, else in their order."""
    given = dict.fromkeys(fold(piece) for piece in q.split())
    if len(given) > WORDS:
        raise errors.Invalid(parameter="q", problem=f"a search has {WORDS} words at most")
    return tuple(sorted(given, key=len, reverse=True))


# --- One tier ---------------------------------------------------------------------------------------------------------

# One look-up a text, never a list of all that a party has to do with: PostgreSQL makes none of a subquery with a limit.
_OF_PARTY = """case when t.kind = any({1}::text[]) then (
    select true from {table:signings} as s where s.stream = t.stream and s.party = any({0}::uuid[]) and {holds:s}
    limit 1)
  when t.kind = 'task' then (
    select true from {table:assigned} as a where a.stream = t.stream and a.party = any({0}::uuid[]) and {holds:a}
    limit 1)
  else t.stream = any({0}::uuid[]) or (
    select true from {table:involved} as i where i.stream = t.stream and i.party = any({0}::uuid[]) and {holds:i}
    limit 1) end"""
_OF_AGREEMENTS = [kind for kind, category in CATEGORIES.items() if category == "agreements"]
_CITING = "select c.stream from {table:citations} as c where c.document = {0} and {holds:c}"

_INDEXED = f"{PAIRS} (t.tier, t.words, t.tags)"
_ORDER = "order by t.known_from desc, t.stream, t.part, t.field limit"
_ALL = "{table:search}"
_NEWEST = "(select t.* from {table:search} as t where {tier} and {holds:t} {order} {window})"

_SAMPLE = """
select count(*) as texts, count(*) filter (where {has}) as hits, count(*) filter (where {where}) as passing,
  min(t.known_from) as since
from {source} as t"""

# What folds to the words whole comes first, then what begins with them, then where they are most of the text.
_TIER = """
with candidates as materialized (
  select t.* from {source} as t where {where} and {holds:t} {order} {most} + 1
), ranked as (
  select t.stream, t.part, t.field, t.kind, t.words, t.changes, t.known_from, t.stands_for,
    coalesce(t.stands_for, t.stream) as thing, t.words = {whole} as exact, starts_with(t.words, {whole}) as begins,
    ({density})::float8 / length(t.words) as density
  from (select t.* from candidates as t {order} {most}) as t
  where not exists (select from string_to_table(t.above, e'\\n') as l (words) where {better})
), units as (
  select distinct on (thing, part) * from ranked
  order by thing, part, exact desc, begins desc, density desc, known_from desc, stream, field
)
select c.candidates, u.* from (select count(*) as candidates from candidates) as c left join (
  select * from units order by exact desc, begins desc, density desc, known_from desc, thing, part
  offset {offset} limit {limit}
) as u on true"""


class Search:
    """One question of one day and one position."""

    def __init__(self, connection: "Connection", filter: Filter, moment: Moment) -> None:
        """Nothing is asked yet. Raises Invalid for too many words."""
        self.connection, self.filter, self.moment = connection, filter, moment
        self.words = words(filter.q)
        self.whole = "".join(fold(piece) for piece in filter.q.split())
        self.tiers = TIERS[:1] if len(self.words[0]) == 1 else TIERS
        self._parties: list[UUID] = []
        self._few = False
        """Whether those that cite the document are few."""
        self._since = 0

    async def start(self) -> None:
        """Find out which parties are meant, and whether few things cite the document, where these are asked for."""
        if (party := self.filter.party) is not None:
            second = await seconds(self.connection, [party], self.moment)
            self._parties = [party, *second.get(party, ())]
        if self.filter.document is not None:
            times = Times(self.moment)
            citing = times.fill(_CITING, f"${len(times.values) + 1}")
            text = f"select count(*) from (select distinct stream from ({citing}) as c limit {FEW + 1}) as few"
            self._few = await self.connection.fetchval(text, *times.values, self.filter.document) <= FEW

    async def tier(self, tier: int, offset: int, limit: int) -> "list[asyncpg.Record]":
        """The hits of a tier from one on, each with the number of candidates; without hits one row that has it."""
        found: list[asyncpg.Record] = []
        for way in await self._ways(tier):
            times = Times(self.moment)
            found = await self.connection.fetch(self._statement(times, tier, way, offset, limit), *times.values)
            if way not in {"recent", "newest"} or found[0]["candidates"] > CANDIDATES:
                break
        return found

    async def _ways(self, tier: int) -> tuple[Way, ...]:
        """How to look for the candidates: what is frequent among the newest first, which may not have enough of them.

        How frequent the words are, and such texts of the party, the newest texts tell. Statistics know of the most
        frequent pairs alone, and of no two things together.
        """
        if len(self.words[0]) == 1:
            return ("beginning",)
        times = Times(self.moment)
        text = self._filled(_SAMPLE, times, tier, "newest")
        sample = await self.connection.fetchrow(text, *times.values)
        assert sample is not None  # noqa: S101 -- counts are one row
        if sample["texts"] == SAMPLE and sample["hits"] < RARE:
            return ("pairs",)
        if self.filter.document is not None:
            return ("streams",) if self._few else ("newest", "streams")
        if sample["texts"] < SAMPLE or sample["passing"] >= FREQUENT:
            return ("newest", "pairs")
        if sample["passing"] < RARE:
            return ("pairs",)
        known = self.moment.known or 0
        self._since = known - (known - sample["since"]) * AMPLE // sample["passing"]
        return ("recent", "pairs")

    def _statement(self, times: Times, tier: int, way: Way, offset: int, limit: int) -> str:
        """The statement for a tier. Its text depends on what is asked, never on the words themselves."""
        return self._filled(_TIER, times, tier, way, offset=offset, limit=limit, whole=self.whole)

    def _filled(self, text: str, times: Times, tier: int, way: Way, **values: Any) -> str:
        """A text for a tier, with what is looked for and these values."""

        def parameter(value: Any) -> str:
            times.values.append(value)
            return f"${len(times.values)}"

        each = [parameter(word) for word in self.words]
        # The tier stands in the text: the planner has to know it to choose an index. Pairs have it in them: a look-up
        # of theirs is not to read all rows of the tier beside.
        of = f"(t.tier = {tier}) is true" if way == "pairs" else f"t.tier = {tier}"
        if self.filter.kind is not None:
            of += f" and t.kind = {parameter(self.filter.kind)}"
        if way in {"newest", "recent"}:
            of += " and t.known_from <= $2"  # An index begins there: what is newer is not walked through.
        has = " and ".join(f"strpos({{row}}.words, {word}) > 0" for word in each)
        where = [of, has.format(row="t")]
        if self._parties:
            where.append(times.fill(_OF_PARTY, parameter(self._parties), parameter(_OF_AGREEMENTS)))
        if way == "beginning":
            end = parameter(beyond(self.words[0]))
            where.append(f't.words collate "C" >= {each[0]} and t.words collate "C" < {end}')
        elif way in {"pairs", "recent"}:
            looked_up = sorted({one for word in self.words for one in pairs(tier, word)})
            where.append(f"{_INDEXED} @> {parameter(looked_up)}::int4[]")
            if self._parties:
                where.append(f"{_INDEXED} && {parameter([OTHERS, *map(tag, self._parties)])}::int4[]")
        if way == "recent":
            where.append(f"t.known_from > {parameter(self._since)}")
        if text is _TIER and self.filter.document is not None:
            where.append(f"t.stream in ({times.fill(_CITING, parameter(self.filter.document))})")
        filled = {
            "source": _NEWEST if way == "newest" else _ALL,
            "tier": of,
            "where": " and ".join(where),
            "order": _ORDER,
            "window": str(WINDOW if text is _TIER else SAMPLE),
            "has": has.format(row="t"),
            "better": has.format(row="l"),
            "density": " + ".join(f"length(t.words) - length(replace(t.words, {word}, ''))" for word in each),
            "most": str(CANDIDATES),
            **{name: parameter(value) for name, value in values.items()},
        }
        for name, part in filled.items():
            text = text.replace(f"{{{name}}}", part)
        return times.fill(text)


def beyond(character: str) -> str:
    """The first character after one; it is the end of what begins with that, in the order of code points."""
    code = ord(character) + 1
    return chr(0xE000 if 0xD800 <= code < 0xE000 else min(code, 0x10FFFF))


async def ask(
    connection: "Connection", filter: Filter, day: date, known: int, *, limit: int, at: tuple[int, int] = (1, 0)
) -> Found:
    """The hits from a place on: a tier, and how many of it were told. Raises Invalid for too many words."""
    search = Search(connection, filter, Moment(day, known))
    await search.start()
    rows: list[tuple[int, asyncpg.Record]] = []
    told: list[TierTold] = []
    places: list[tuple[int, int]] = []
    for tier in search.tiers:
        if tier < at[0] or len(rows) > limit:
            continue
        offset = at[1] if tier == at[0] else 0
        found = await search.tier(tier, offset, limit + 1 - len(rows))
        candidates = found[0]["candidates"]
        told.append(TierTold(tier=tier, candidates=min(candidates, CANDIDATES), truncated=candidates > CANDIDATES))
        hits = [row for row in found if row["stream"] is not None]
        rows += [(tier, row) for row in hits]
        places += [(tier, offset + number) for number in range(len(hits))]
    items = await _hits(search, rows[:limit])
    return Found(items=items, tiers=told, next=places[limit] if len(places) > limit else None)


# --- What a hit says besides ------------------------------------------------------------------------------------------

_TITLES = """
select distinct on (t.stream) t.stream, t.words, t.changes from {table:search} as t
where t.stream = any({0}::uuid[]) and t.part = '' and {holds:t}
order by t.stream, t.tier, t.field not in ('name', 'title', 'called', 'text'), t.field"""


async def _hits(search: Search, rows: "list[tuple[int, asyncpg.Record]]") -> list[Hit]:
    """The hits of these rows, with what the things are called, and who came after those that are parties."""
    if not rows:
        return []
    times = Times(search.moment)
    text = times.fill(_TITLES, f"${len(times.values) + 1}")
    called = await search.connection.fetch(text, *times.values, sorted({row["thing"] for _, row in rows}))
    titles = {row["stream"]: original(row["words"], row["changes"]).text for row in called}
    after = await _succeeded(search, sorted({row["thing"] for _, row in rows if row["kind"] == "party"}))
    return [
        Hit(
            kind=row["kind"],
            subject=f"{CATEGORIES[row['kind']]}/{row['thing']}",
            part=row["part"] or None,
            title=titles.get(row["thing"]),
            tier=tier,
            field=row["field"],
            known_from=row["known_from"],
            stands_for=row["stream"] if row["stands_for"] is not None else None,
            succeeded_by=tuple(one for one in after if one.party.id == row["thing"]),
            **excerpt(row["words"], row["changes"], search.words),
        )
        for tier, row in rows
    ]


async def _succeeded(search: Search, parties: list[UUID]) -> list[carried.Carried]:
    """Who came after these parties, or stands for them."""
    if not parties:
        return []
    times = Times(search.moment)
    source = times.fill(carried.AFTER, f"${len(times.values) + 1}")
    text = f"select {times.fill(carried.WAYS, source)}"
    return carried.ways(await search.connection.fetchval(text, *times.values, parties))
