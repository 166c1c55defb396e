"""What lies elsewhere, added to an answer where `expand` asks: words cited, names of parties, meetings, weights."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.api import texts
from service.api.resource import ENCODE, Shown, listed
from service.domain.agreement.state import Agreement, Signatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.discrepancy import weighing
from service.domain.discrepancy.state import Discrepancy
from service.domain.meeting.state import Meeting
from service.domain.party.state import name_on
from service.projections.meetings import summary
from service.projections.parties import called
from service.registry import Registry


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


async def elsewhere(registry: Registry, shown: Shown, refs: Iterable[Ref]) -> dict[Ref, Any]:
    """The states of other things on the day of what is shown, and as they were known when it was."""
    if shown.known_at is None:
        found = await registry.read(refs)
    else:
        found = await registry.read_at(refs, shown.day, shown.known_at)
    return {ref: folded.at(DECIDERS[ref.category], shown.day) for ref, folded in found.items()}


async def citations(registry: Registry, shown: Shown, whole: dict[str, Any], version: str = "captured") -> None:
    """Show each citation by offsets in that version of its text, and its words where the text is held here.

    One of a document that has no such version is shown in the captured text.
    """
    told = [citation for citation in cited(whole) if "start" in citation]
    refs = {Ref("documents", UUID(document)) for document in {citation["document"] for citation in told}}
    documents = await elsewhere(registry, shown, refs)
    hashes = {ref: state.header.sha256 for ref, state in documents.items() if state.header and state.header.sha256}
    held = await registry.texts(hashes.values()) if hashes else {}
    shown_in: dict[str, texts.Text] = {}
    for ref, sha256 in hashes.items():
        captured = held[sha256].decode() if sha256 in held else None
        for name in dict.fromkeys((version, "captured")):
            if (found := await texts.text(registry, documents[ref], name, captured)) is not None:
                break
        if found is not None:
            shown_in[str(ref.id)] = found
    for citation in told:
        if (own := shown_in.get(citation["document"])) is not None:
            texts.show(citation, own)


def signing_day(agreement: Agreement, signatory: Signatory) -> date | None:
    """The day on which a signatory signed, as far as it is known: its own signature's, else the agreement's."""
    own = [one.effective for one in listed(agreement.signatures) if one.party == signatory.party and one.effective]
    step = agreement.steps.get("signed")
    when = own[0] if own else (step.effective if step else None)
    return when.earliest if when else None


_PARTY = re.compile(r"(?:parties/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def mentioned(value: Any) -> Iterator[UUID]:
    """Every id in an answer that may be a party's, alone or in a subject; of citations none, which name documents."""
    if isinstance(value, str):
        if found := _PARTY.fullmatch(value):
            yield UUID(found[1])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from mentioned(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name != "citations":
                yield from mentioned(item)


def name_all(told: dict[str, Any], names: Mapping[UUID, str]) -> None:
    """Give an answer its `party_names`: what each party that it names is called, by the party's id, but not itself."""
    others = {id for name, value in told.items() if name != "id" for id in mentioned(value)}
    told["party_names"] = {str(id): names[id] for id in sorted(others) if id in names}


async def parties(registry: Registry, shown: Shown, whole: dict[str, Any]) -> None:
    """Tell what each party that is named is called on the day; of each signatory also its three `names`."""
    refs = await registry.of("parties", set(mentioned(whole)))
    states = await elsewhere(registry, shown, refs)
    told = {ref.id: name_on(party, shown.day) for ref, party in states.items()}
    name_all(whole, {id: name.meant for id, name in told.items() if name is not None})
    if isinstance(shown.state, Agreement):
        signed(shown, states, whole)


def signed(shown: Shown, found: Mapping[Ref, Any], whole: dict[str, Any]) -> None:
    """Give each signatory its `names`: as printed on the paper, at the signing, and now."""
    agreement: Agreement = shown.state
    signatories = listed(agreement.signatories)
    for signatory, item in zip(signatories, whole["signatories"], strict=True):
        party = found.get(Ref("parties", signatory.party))
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
    found = await elsewhere(registry, shown, [ref for ref, _ in links])
    for ref, item in links:
        held: Meeting = found.get(ref, Meeting())
        told = item["meeting"] = msgspec.to_builtins(summary(ref.id, held))
        if told is not None:
            told["titles"] = [other.title.meant for other in listed(held.titles)]
            await named(registry, shown, told["conveners"])


async def named(registry: Registry, shown: Shown, conveners: list[dict[str, Any]]) -> None:
    """Give each convener its name now, beside the one printed."""
    refs = [Ref("parties", UUID(convener["party"])) for convener in conveners]
    found = await elsewhere(registry, shown, refs)
    for ref, convener in zip(refs, conveners, strict=True):
        now = name_on(found[ref], shown.day) if ref in found else None
        convener["now"] = now.meant if now else None


async def choice(registry: Registry, shown: Shown, whole: dict[str, Any]) -> None:
    """Give a discrepancy its `proposed_choice`: the claim that weighs most by the kinds of the documents cited."""
    discrepancy: Discrepancy = shown.state
    cited = {document for claim in discrepancy.claims.values() for document in weighing.documents(claim)}
    found = await elsewhere(registry, shown, [Ref("documents", document) for document in cited])
    kinds = {ref.id: state.header.kind for ref, state in found.items() if state.header is not None}
    whole["proposed_choice"] = msgspec.to_builtins(weighing.weighed(discrepancy, kinds))


async def in_list(connection: Any, items: Iterable[Any], day: date, known: int | None) -> list[dict[str, Any]]:
    """The items of a list, each with its `party_names`, on the day and as known when the list is."""
    told: list[dict[str, Any]] = [msgspec.json.decode(ENCODE(item)) for item in items]
    names = await called(connection, set(mentioned(told)), day, known)
    for item in told:
        name_all(item, names)
    return told


Expansion = Callable[[Registry, Shown, dict[str, Any]], Awaitable[None]]


def expansions(version: str) -> Mapping[str, Expansion]:
    """What can be added, citations as they stand in that version of their text."""
    return {"citations": partial(citations, version=version), "parties": parties, "meeting": meeting, "choice": choice}
