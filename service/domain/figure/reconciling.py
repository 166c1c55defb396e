"""Whether a figure adds up: what is claimed of the whole and of each item against what it is made of.

Pure, in exact decimals. A claim is a set of numbers (`amounts`); several claims of one item hold together. It adds up
where whatever the parts are, they come to a number that is claimed (`yes`); it does not where they can come to no such
number (`no`); else it cannot be said. Categories add up to what they are categories of, once as many are recorded as
are claimed. A stage is not more than the one before it, nor a number of things or a sum more than what it is a part of:
of other measures, which may be below zero, the rest may be. What is named counts once, in its item and in all that this
is a part of. Of sums, those of one modality alone are added; against a claim of another modality they prove only that
the numbers are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from service.domain import amounts
from service.domain.amounts import SOME, Interval
from service.domain.figure.members import Member, Thing, named, things
from service.domain.figure.nodes import Measure, Node, Within, overall
from service.domain.figure.state import Figure, Item
from service.domain.figure.totals import Key, Parts, Totals, Value, added, like
from service.domain.figure.verdicts import Bounds, Reason, Told, Verdict, because, bounds, modality, words

RULE, VERSION = "sets_of_numbers", 1
Judged = tuple[Verdict, list[Reason]]
Worth = Mapping[str | None, Value]
"""Sums by their modality."""


def reconcile(figure: Figure, members: Mapping[str, Member]) -> list[Node]:
    """The whole and its items, each before what stands under it. `members` are the things counted, by subject."""
    totals = Totals(figure)
    own = named(figure, members)
    counted = things(own, totals.order, totals.children)
    worth = {one: sums(one, members) for one in counted[None]}
    before = dict(previous(totals))
    found = []
    for item in totals.order:
        held = figure.items.get(str(item)) if item is not None else None
        here = _Item(
            totals,
            item,
            {one: worth[one] for one in in_order(counted[item])},
            before.get(item) if item is not None else None,
            stage=held is not None and held.sort == "stage",
        )
        measures = tuple(here.measure(key) for key in here.asked())
        found.append(
            Node(
                item=item,
                parent=held.parent if held is not None else None,
                sort=held.sort if held is not None else None,
                label=(held.label or held.text) if held is not None else None,
                measures=measures,
                members=tuple(own.get(item, ())),
                adds_up=overall([one.adds_up for one in measures]),
            )
        )
    return found


def in_order(counted: Iterable[Thing]) -> list[Thing]:
    """Things in one order, whatever they were made of."""
    return sorted(counted, key=lambda one: (one.subject, one.part or ""))


def sums(thing: Thing, members: Mapping[str, Member]) -> Worth:
    """What a thing is worth, in each modality: of a part of a thing nobody says."""
    found: dict[str | None, list[Value]] = {}
    for one in members[thing.subject].sums if thing.part is None else ():
        unit = amounts.scaled(one.unit)[1]
        value = Value(interval=amounts.interval(one), unit=unit, shown=one.unit, modality=one.modality)
        found.setdefault(one.modality, []).append(value)
    return {held: added(Key("sum", held), values, more=False) for held, values in found.items()}


def previous(totals: Totals) -> Iterator[tuple[UUID, UUID | None]]:
    """Each item with what it is not more than: the stage before it, else what it is a part of."""
    for parent in totals.order:
        last: Item | None = None
        for item in totals.children.get(parent, ()):
            yield item.id, last.id if last is not None and item.sort == "stage" else parent
            last = item if item.sort == "stage" else last


def judge(claimed: Value, parts: Value, *, complete: bool, fits: Reason, differs: Reason) -> Judged:
    """Whether what the parts come to is what is claimed. Parts that are not complete may come to any more."""
    if parts.problem is not None:
        return "cannot_be_said", [parts.problem]
    if parts.unit != claimed.unit:
        return "cannot_be_said", [because("units_differ", units=Told(*[f"{parts.unit}, {claimed.unit}"] * 2))]
    other = []
    if parts.modality != claimed.modality:
        other = [because("modality_differs", whole=modality(claimed.modality), parts=modality(parts.modality))]
    if claimed.vague:
        return "cannot_be_said", [because("about")]
    if not parts.interval.meets(claimed.interval):
        return ("cannot_be_said" if other else "no"), [differs, *other]
    if complete and parts.interval.within(claimed.interval):
        return "yes", [fits, *other]
    if not complete:
        return "cannot_be_said", other
    if parts.vague:
        return "cannot_be_said", [because("about"), *other]
    return "cannot_be_said", [because("bounds_overlap", computed=tell(parts), declared=tell(claimed)), *other]


def tell(value: Value, unit: str | None = None) -> Told:
    """A number in words."""
    return words(value.interval, unit or value.shown)


class _Item:
    """One item, or the whole, with what there is to say of each of its numbers."""

    def __init__(
        self, totals: Totals, item: UUID | None, named: Mapping[Thing, Worth], before: UUID | None, *, stage: bool
    ) -> None:
        self.totals, self.item, self.named, self.before, self.stage = totals, item, named, before, stage
        self.claimed = totals.claimed[item]

    def asked(self) -> list[Key]:
        """The numbers that something can be said of."""
        keys = list(self.totals.keys[self.item])
        if self.named and not any(key.measure == "count" for key in keys):
            keys.insert(0, Key("count", None))
        if not any(key.measure == "sum" for key in keys):
            keys += [
                Key("sum", one) for one in sorted({one for worth in self.named.values() for one in worth}, key=str)
            ]
        return keys

    def measure(self, key: Key) -> Measure:
        """What is claimed of a number, what it comes to, and whether that is the same."""
        claimed = self.claimed.get(key)
        parts = self.totals.parts.get((self.item, key))
        shown = claimed or (parts.value if parts is not None else None)
        total, without = self.counted() if key.measure == "count" else self.worth(key)
        unit = shown.shown if shown is not None else total.shown if total is not None else ""
        judged: list[Judged] = []
        if claimed is None:
            judged.append(("cannot_be_said", [because("unclaimed")]))
        elif claimed.problem is not None:
            judged.append(("cannot_be_said", [claimed.problem]))
        else:
            judged += [] if parts is None else [self.by_categories(claimed, parts)]
            if total is not None:
                by_sum = key.measure == "sum"
                judged.append(self.by_sum(claimed, total, without) if by_sum else self.by_count(claimed, total))
        inside = self.within(key, claimed)
        if inside is not None and inside.verdict == "no":
            judged.append(("no", list(inside.reasons)))
        if not judged:
            judged.append(("cannot_be_said", [because("nothing_told")]))
        verdicts = [verdict for verdict, _ in judged]
        verdict: Verdict = "no" if "no" in verdicts else "yes" if "yes" in verdicts else "cannot_be_said"
        return Measure(
            measure=key.measure,
            modality=key.modality,
            declared=shown_in(claimed, unit),
            claims=claimed.claims if claimed is not None else (),
            computed=shown_in(parts.value if parts is not None else None, unit),
            named=shown_in(total, unit),
            missing=missing(claimed, total, unit),
            without_sum=tuple(without),
            adds_up=verdict,
            reasons=tuple(reason for found, reasons in judged for reason in reasons if found == verdict),
            within=inside,
        )

    # --- What it is made of -------------------------------------------------------------------------------------------

    def by_categories(self, claimed: Value, parts: Parts) -> Judged:
        """Whether the categories add up to it."""
        if parts.claimed is not None and parts.listed > parts.claimed:
            return "no", [because("categories_too_many", listed=parts.listed, claimed=parts.claimed)]
        unknown = because("categories_unknown", count=max(parts.listed, parts.claimed or 0), known=parts.known)
        if parts.value is None:
            return "cannot_be_said", [unknown]
        told = {"computed": tell(parts.value), "declared": tell(claimed)}
        fits, differs = because("categories_fit", computed=told["computed"]), because("categories_differ", **told)
        verdict, reasons = judge(claimed, parts.value, complete=parts.complete, fits=fits, differs=differs)
        return verdict, [unknown, *reasons] if verdict == "cannot_be_said" and not parts.complete else reasons

    def counted(self) -> tuple[Value | None, list[str]]:
        """How many things are named, None where none is."""
        if not self.named:
            return None, []
        number = Decimal(len(self.named))
        like_claimed = like(self.claimed, Key("count", None))
        unit = like_claimed.unit if like_claimed is not None else "个"
        return Value(interval=Interval(low=number, high=number), unit=unit, shown=unit, modality=None), []

    def by_count(self, claimed: Value, total: Value) -> Judged:
        """Whether as many are named as are claimed, or more."""
        count, told = len(self.named), tell(claimed)
        if not total.interval.plus(SOME).meets(claimed.interval):
            return "no", [because("too_many_named", named=count, declared=told)]
        if claimed.interval == total.interval:
            return "yes", [because("all_named")]
        return "cannot_be_said", [
            because("about") if claimed.vague else because("some_named", named=count, declared=told)
        ]

    def worth(self, key: Key) -> tuple[Value | None, list[str]]:
        """What those named are worth in the modality of a claim, else in the only one that they have; and who is not.

        None where none of them has a sum, or what is asked is no sum.
        """
        if key.measure != "sum" or not self.named:
            return None, []
        modalities = {one for held in self.named.values() for one in held}
        chosen = key.modality if key.modality in modalities else min(modalities, key=str, default=None)
        clear = key.modality in modalities or len(modalities) == 1
        values = [held[chosen] for held in self.named.values() if clear and chosen in held]
        without = list(
            dict.fromkeys(one.subject for one, held in self.named.items() if not clear or chosen not in held)
        )
        return (added(key, values, more=False) if values else None), without

    def by_sum(self, claimed: Value, total: Value, without: list[str]) -> Judged:
        """Whether those named come to it: exactly where all are named, else to no more."""
        counts = [value for key, value in self.claimed.items() if key.measure == "count" and value.problem is None]
        number = Decimal(len(self.named))
        complete = not without and any(one.interval.one == number and not one.vague for one in counts)
        whole = total if complete else added(Key("sum", total.modality), [total], more=True)
        told = {"computed": tell(total), "declared": tell(claimed)}
        fits, differs = because("sums_fit", computed=told["computed"]), because("sums_differ", **told)
        verdict, reasons = judge(claimed, whole, complete=complete, fits=fits, differs=differs)
        if verdict == "cannot_be_said" and not complete:
            some = because("some_named", named=len(self.named), declared=tell(counts[0])) if counts else None
            reasons = [*([some] if some else []), *reasons]
            reasons += [because("sums_unknown", count=len(without))] if without else []
        return verdict, reasons or [because("nothing_told")]

    # --- What it is a part of -----------------------------------------------------------------------------------------

    def within(self, key: Key, claimed: Value | None) -> Within | None:
        """Whether the number is not more than that of the stage before, or of what it is a part of."""
        if self.item is None or claimed is None or claimed.problem is not None:
            return None
        if key.measure == "quantity" and not self.stage:
            return None
        upper = self.totals.value(self.before, key)
        if upper is None or upper.problem is not None or upper.unit != claimed.unit:
            return None
        told, reasons = tell(upper), []
        if upper.modality != claimed.modality:
            reasons = [because("modality_differs", whole=modality(upper.modality), parts=modality(claimed.modality))]
        left = upper.interval.minus(claimed.interval)
        verdict: Verdict = "cannot_be_said"
        if not left.meets(SOME):
            verdict = "cannot_be_said" if reasons else "no"
            reasons.insert(0, because("beyond", upper=told))
        elif left.within(SOME):
            verdict = "yes"
            reasons.insert(0, because("within", upper=told))
        elif claimed.vague or upper.vague:
            reasons.insert(0, because("about"))
        else:
            reasons.insert(0, because("bounds_overlap", computed=tell(claimed), declared=told))
        return Within(item=self.before, verdict=verdict, reasons=tuple(reasons))


def shown_in(value: Value | None, unit: str) -> Bounds | None:
    """A number as an answer has it: in that unit, unless it is of another sort."""
    if value is None or value.problem is not None:
        return None
    return bounds(value.interval, unit if amounts.scaled(unit)[1] == value.unit else value.shown)


def missing(claimed: Value | None, total: Value | None, unit: str) -> Bounds | None:
    """What is claimed beyond what is named, as far as that can be said."""
    if claimed is None or total is None or claimed.vague or claimed.unit != total.unit:
        return None
    if claimed.problem is not None or total.problem is not None:
        return None
    left = claimed.interval.minus(total.interval).both(SOME)
    return None if left.empty else bounds(left, unit)


def contradictions(figure: Figure) -> list[tuple[Node, Measure]]:
    """The numbers of a figure that do not add up, whatever is named: by its own claims and items alone."""
    return [(node, one) for node in reconcile(figure, {}) for one in node.measures if one.adds_up == "no"]
