"""What lies elsewhere, added to an answer where `expand` asks for it: words cited, names of parties, meetings."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service.api.resource import Shown, listed
from service.domain import errors
from service.domain.agreement.state import Agreement, Signatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.meeting.state import Meeting
from service.domain.party.state import name_on
from service.projections.meetings import summary
from service.registry import Registry

AROUND = 30
"""Code points shown before and after the words cited."""


def cited(value: Any) -> Iterator[dict[str, Any]]:
    """Every citation in an answer."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from cited(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "citations":
                yield from item
            else:
                yield from cited(item)


async def citations(registry: Registry, shown: Shown, whole: dict[str, Any]) -> None:
    """Give each citation by offsets its `words`, with what stands `before` and `after`, where the text is held here."""
    texts: dict[str, str | None] = {}
    for citation in cited(whole):
        document = citation["document"]
        if document not in texts:
            try:
                held = await registry.text(UUID(document))
            except errors.NotFound:
                held = None
            texts[document] = None if held is None else held.decode()
        text = texts[document]
        if text is not None and "start" in citation:
            start, end = citation["start"], citation["end"]
            citation["words"] = text[start:end]
            citation["before"] = text[max(0, start - AROUND) : start]
            citation["after"] = text[end : end + AROUND]


def signing_day(agreement: Agreement, signatory: Signatory) -> date | None:
    """The day on which a signatory signed, as far as it is known: its own signature's, else the agreement's."""
    own = [one.effective for one in listed(agreement.signatures) if one.party == signatory.party and one.effective]
    step = agreement.steps.get("signed")
    when = own[0] if own else (step.effective if step else None)
    return when.earliest if when else None


async def parties(registry: Registry, shown: Shown, whole: dict[str, Any]) -> None:
    """Give each signatory its `names`: as printed on the paper, at the signing, and now."""
    agreement: Agreement = shown.state
    signatories = listed(agreement.signatories)
    found = await registry.read([Ref("parties", signatory.party) for signatory in signatories])
    for signatory, item in zip(signatories, whole["signatories"], strict=True):
        folded = found.get(Ref("parties", signatory.party))
        party = folded.at(DECIDERS["parties"], shown.day) if folded is not None else None
        day = signing_day(agreement, signatory)
        then = name_on(party, day) if party is not None and day is not None else None
        now = name_on(party, shown.day) if party is not None else None
        item["names"] = {
            "printed": signatory.name.printed if signatory.name else None,
            "at_signing": then.meant if then else None,
            "now": now.meant if now else None,
        }


async def meeting(registry: Registry, shown: Shown, whole: dict[str, Any]) -> None:
    """Give each link `signed_at` its `meeting`: what it is called, how far it is, when and where, who convened it."""
    agreement: Agreement = shown.state
    links = [
        (Ref.of(link.target), item)
        for link, item in zip(listed(agreement.links), whole["links"], strict=True)
        if link.relation == "signed_at"
    ]
    found = await registry.read([ref for ref, _ in links])
    for ref, item in links:
        folded = found.get(ref)
        held: Meeting = folded.at(DECIDERS["meetings"], shown.day) if folded is not None else Meeting()
        told = item["meeting"] = msgspec.to_builtins(summary(ref.id, held))
        if told is not None:
            told["titles"] = [other.title.meant for other in listed(held.titles)]
            await named(registry, shown.day, told["conveners"])


async def named(registry: Registry, day: date, conveners: list[dict[str, Any]]) -> None:
    """Give each convener its name now, beside the one printed."""
    refs = [Ref("parties", UUID(convener["party"])) for convener in conveners]
    found = await registry.read(refs)
    for ref, convener in zip(refs, conveners, strict=True):
        folded = found.get(ref)
        now = name_on(folded.at(DECIDERS["parties"], day), day) if folded is not None else None
        convener["now"] = now.meant if now else None


Expansion = Callable[[Registry, Shown, dict[str, Any]], Awaitable[None]]
EXPANSIONS: Mapping[str, Expansion] = {"citations": citations, "parties": parties, "meeting": meeting}
