"""Every event type that there is, for ever, in one sentence each; and where to find what they mean.

===============================  =======================================================================================
agreement.registered             The agreement is known of: its title, its kind, how many papers the record stands for.
agreement.described              The kind or the number of papers became known, or the main title was chosen anew.
agreement.titled                 Another title of the same agreement.
agreement.signatories_declared   How many signatories a source speaks of, and whether it says who signed with whom.
agreement.term_set               From when to when the agreement runs, set for the first time or anew.
agreement.proposed               Somebody proposed the agreement.
agreement.signed                 The agreement was signed; `effective` is the date of signing.
agreement.entered_into_force     The agreement came into force.
agreement.terminated             The agreement was ended before its term, by whom and on what grounds.
agreement.superseded             Another agreement took this one's place.
agreement.withdrawn              The proposal was withdrawn before it was signed.
agreement.retracted              The source took back that there is such an agreement.
agreement.merged                 This record is a duplicate of another one, which stands for both.
agreement.attested               Another source says the same of a part of the agreement.
agreement.voided                 An event of the agreement should never have been recorded.
agreement.signatory_added        A party is bound by the agreement, from the signing or, dated, by joining it later.
agreement.signatory_withdrawn    A party left the agreement, which goes on without it.
agreement.signature_recorded     Somebody signed for a signatory.
agreement.clause_recorded        The agreement has this clause, which may stand under another.
agreement.clause_amended         The clause says something else from then on; names the agreement that changes it.
agreement.clause_renumbered      The clause has another label from then on.
agreement.clause_repealed        The clause holds no more.
agreement.compensation_set       A rule of ecological compensation holds, whole, from then on.
agreement.compensation_settled   An amount was settled under a compensation rule for a period.
agreement.linked                 The agreement stands in a relation to another thing.
agreement.unlinked               The relation ended in the world.
party.registered                 The party is known of: what kind it is, its name, and the party that it stands under.
party.proposed                   The party is to be founded, or its founding is explored.
party.founded                    The party came to be: established, unveiled, opened or incorporated.
party.renamed                    The party has another name from then on; the earlier one stays among its names.
party.reparented                 The party stands under another party from then on, or under none that is known.
party.located                    The party has its seat in that place from then on.
party.alias_recorded             The party is also written so.
party.identified                 The party has this official code: of its division, or its unified social credit code.
party.member_added               Another party belongs to this one: to the alliance, the conference, the region.
party.member_removed             A member left.
party.secretariat_assigned       Another party does the party's daily work from then on.
party.office_holder_seen         A source names a person with an office in the party, on a day.
party.split                      The party was divided into others, beside which it may go on.
party.merged                     The party became part of another.
party.replaced                   Another party took this one's place.
party.dissolved                  The party ended, and nobody came after it.
party.duplicate_merged           This record is a duplicate of another, which stands for both.
party.duplicate_unmerged         The two records were of two parties after all.
party.attested                   Another source says the same of a part of the party.
party.voided                     An event of the party should never have been recorded.
document.registered              The document is known of, by hash and length where its text was captured.
document.described               More became known of the document, from another source; fields left out stay.
document.text_captured           The text of a document that was known without one was captured.
document.text_version_recorded   A version of the text was derived from another by a tool, with the map of offsets.
document.segmented               The document holds these texts, in the place of an earlier division.
document.spans_passed_over       No fact is taken from these spans, each for its reason.
document.republication_recorded  The document repeats another one, altered or not.
document.reliability_assessed    How far the document can be relied on, and on what grounds.
document.withdrawn               Its publisher took the document back.
document.attested                Another source says the same of a part of the document.
document.voided                  An event of the document should never have been recorded.
registry.seeded                  A seed file's facts were taken in, from the file with that hash.
registry.attested                Another source says the same of a part of the registry's own record.
registry.voided                  An event of the registry's own record should never have been recorded.
===============================  =======================================================================================
"""

from typing import Any

from service.domain import agreement, document, party, registry
from service.domain.decider import Decider, Event


def collect(deciders: tuple[Decider[Any], ...]) -> dict[str, type[Event]]:
    """The events of all deciders by type; refuses a type that two of them claim."""
    events: dict[str, type[Event]] = {}
    for decider in deciders:
        for event in decider.events:
            if event.type in events:
                raise TypeError(f"two events have the type {event.type}")
            events[event.type] = event
    return events


DECIDERS: dict[str, Decider[Any]] = {
    decider.category: decider for decider in (agreement.DECIDER, party.DECIDER, document.DECIDER, registry.DECIDER)
}
"""The deciders by the category of their streams."""

EVENTS: dict[str, type[Event]] = collect(tuple(DECIDERS.values()))
"""The events by their type."""


def dataschema(event: type[Event]) -> str:
    """The name of the shape that an event's data has: `urn:mengfu:schema:<type>:<shape>`."""
    return f"urn:mengfu:schema:{event.type}:{event.shape}"
