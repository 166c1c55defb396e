"""Every event type that there is, for ever, in one sentence each; and where to find what they mean.

===============================  =======================================================================================
agreement.registered             The agreement is known of: its title, or what the registry calls it.
agreement.described              The title or the number of papers became known.
agreement.classified             The agreement is of this kind, beside others that it may be of.
agreement.titled                 Another title of the same agreement.
agreement.signatories_declared   How many signatories a source speaks of, and whether it says who signed with whom.
agreement.duplicate_merged       This record is a duplicate of another, which stands for both.
agreement.duplicate_unmerged     The two records were of two agreements after all.
agreement.attested               Another source says the same as an earlier event of the agreement.
agreement.voided                 An event of the agreement should never have been recorded.
agreement.term_set               From when to when the agreement runs, or how long, as it was agreed.
agreement.term_changed           The agreement runs otherwise from then on; names the agreement that changes it.
agreement.proposed               Somebody proposed the agreement.
agreement.signed                 The agreement was signed; `effective` is the date of signing.
agreement.entered_into_force     The agreement came into force.
agreement.terminated             The agreement was ended before its term, by whom and on what grounds.
agreement.superseded             Another agreement took this one's place.
agreement.withdrawn              The proposal was withdrawn before it was signed.
agreement.retracted              The source took back that there is such an agreement.
agreement.step_described         What was unknown of a step became known: where, by whom, on what grounds.
agreement.signatory_added        A party is bound by the agreement, from the signing or, dated, by joining it later.
agreement.signatory_described    What was unknown of a signatory became known: its name as printed, its side, its role.
agreement.signatory_withdrawn    A party left the agreement, which goes on without it.
agreement.signature_recorded     Somebody signed for a signatory.
agreement.signature_described    What was unknown of who signed became known, such as the title.
agreement.clause_recorded        The agreement has this clause, which may stand under another.
agreement.clause_added           A later agreement put this clause in, from then on.
agreement.clause_described       What was unknown of a clause became known: its label, place, heading or text.
agreement.obligation_recorded    Who owes whom under a clause, each, jointly or one another, and by when.
agreement.clause_amended         The clause says something else from then on; names the agreement that changes it.
agreement.clause_renumbered      The clause has another label, or stands under another clause, from then on.
agreement.clause_repealed        The clause holds no more.
agreement.compensation_set       A rule of ecological compensation holds, whole, from then on.
agreement.compensation_described What was unknown of a rule of ecological compensation became known.
agreement.compensation_settled   An amount was settled under a compensation rule for a period.
agreement.linked                 The agreement, or a clause of it, stands in a relation to another thing or its part.
agreement.unlinked               The relation ended in the world.
party.registered                 The party is known of: what kind it is, and its name.
party.described                  The party is of another kind from then on.
party.renamed                    The party has another name from then on; the earlier one stays among its names.
party.alias_recorded             The party is also written so.
party.alias_described            Of what sort an alias is became known.
party.identified                 The party has this official code: of its division, or its unified social credit code.
party.reparented                 The party stands under another party from then on, or under none that is known.
party.located                    The party has a seat in that place from then on, beside those that it has.
party.place_left                 The party has no seat in that place any more.
party.member_added               Another party belongs to this one: to the alliance, the conference, the region.
party.member_described           More became known of a member.
party.member_removed             A member left.
party.secretariat_assigned       Another party does the party's daily work from then on.
party.office_holder_seen         A source names a person with an office in the party: of which day, still or no more.
party.proposed                   The party is to be founded, or its founding is explored.
party.founded                    The party came to be: established, unveiled, opened or incorporated.
party.split                      The party was divided into others, beside which it may go on.
party.merged                     The party became part of another.
party.replaced                   Another party took this one's place.
party.dissolved                  The party ended, and nobody came after it.
party.step_described             More became known of the party's beginning.
party.succession_described       More became known of what came of the party: of a split, a merging, a replacement.
party.duplicate_merged           This record is a duplicate of another, which stands for both.
party.duplicate_unmerged         The two records were of two parties after all.
party.attested                   Another source says the same as an event of the party.
party.voided                     An event of the party should never have been recorded.
document.registered              The document is known of: what kind it is, and what is known of it at once.
document.described               More became known of the document; fields left out stay.
document.attested                Another source says the same as an event of the document.
document.voided                  An event of the document should never have been recorded.
document.file_recorded           The document is this file: the hash, size and media type of its bytes, not held.
document.text_captured           The document's text was captured: its hash and length.
document.text_version_recorded   A version of the text was derived from another by a tool, with the map of offsets.
document.segmented               The document holds these texts, each in its spans.
document.part_described          Something became known of one of the document's texts.
document.spans_passed_over       No fact is taken from these spans, each for its reason.
document.republication_recorded  The document repeats another one, altered or not.
document.republication_described More became known of a republication.
document.reliability_assessed    How far the document can be relied on, and on what grounds.
document.withdrawn               Its publisher took the document back.
document.withdrawal_described    Why its publisher took the document back became known.
meeting.registered               The meeting is known of: its title, or what the registry calls it.
meeting.described                The title or the meeting that it was a part of became known.
meeting.classified               The meeting is of this kind, beside others that it may be of.
meeting.titled                   Another title of the same meeting.
meeting.duplicate_merged         This record is a duplicate of another, which stands for both.
meeting.duplicate_unmerged       The two records were of two meetings after all.
meeting.attested                 Another source says the same as an earlier event of the meeting.
meeting.voided                   An event of the meeting should never have been recorded.
meeting.session_recorded         The meeting is a session of a body, and the how many-th of which term.
meeting.session_described        The how many-th session of a body the meeting is, or of which term, became known.
meeting.convener_named           A source says that this party convened the meeting, as what; others stand beside it.
meeting.convener_described       How a convener is printed, or what it did is called, became known.
meeting.announced                The meeting was announced, for which day, where, by whom.
meeting.held                     The meeting was held; `effective` is its day, the first one of several.
meeting.cancelled                The meeting was called off before it was held.
meeting.step_described           What was unknown of a step became known: where, to which day, how long, by whom, why.
meeting.attendance_recorded      Somebody was there, in a role: a person, a party as such, people counted.
meeting.attendance_described     More became known of somebody who was there.
meeting.resolution_recorded      The meeting resolved this, with the text adopted where a source says which.
meeting.resolution_described     What was unknown of a resolution became known.
meeting.activity_recorded        This was done at the meeting and is no resolution: a review, an opening, a tour.
meeting.activity_described       What was unknown of an activity became known.
statement.registered             The statement is known of: what was said, in words of our own.
statement.described              What sort of statement it is became known.
statement.duplicate_merged       This record is a duplicate of another, which stands for both.
statement.duplicate_unmerged     The two records were of two statements after all.
statement.attested               Another source says the same as an earlier event of the statement.
statement.voided                 An event of the statement should never have been recorded.
statement.made                   It was said: when, at which meeting, or where.
statement.taken_up               Another thing carries on what was said: an agreement, a clause, a resolution, a body.
statement.withdrawn              What was said was taken back, by whom and on what grounds.
statement.step_described         What was unknown of the making or the withdrawal became known.
statement.participant_added      Somebody said it, was spoken for, or was spoken to.
statement.participant_described  More became known of a participant.
statement.topic_added            The statement is about this thing, or a part of it.
statement.performance_recorded   Who is to do what was said, for whom, how, by when; bound only where it is a promise.
plan.registered                  The plan is known of: its title, or what the registry calls it.
plan.described                   The title or the time that the plan is for became known.
plan.classified                  The plan is of this kind, beside others that it may be of.
plan.titled                      Another title of the same plan.
plan.duplicate_merged            This record is a duplicate of another, which stands for both.
plan.duplicate_unmerged          The two records were of two plans after all.
plan.attested                    Another source says the same as an earlier event of the plan.
plan.voided                      An event of the plan should never have been recorded.
plan.drafted                     The plan was drafted.
plan.submitted                   The plan was laid before those who decide on it; it is under review.
plan.adopted                     A meeting or a body adopted the plan.
plan.approved                    Those above approved the plan.
plan.issued                      The plan was issued, under which number.
plan.execution_begun             The plan is carried out from then on.
plan.evaluated                   What came of the plan was evaluated, with which result.
plan.closed                      The plan is over.
plan.step_described              What was unknown of a step became known: by whom, where, under which number.
plan.body_named                  A party or a group has to do with the plan: drafts, decides, leads, carries out.
plan.body_described              How a body of the plan is printed became known.
plan.revised                     The plan was revised: when, by whom, by which paper. Its changes name it.
plan.revision_described          What was unknown of a revision became known.
plan.item_recorded               The plan has this item, with the number of things declared to stand in it.
plan.item_added                  A revision put this item in, from then on.
plan.item_described              What was unknown of an item became known: its place, text, declared number.
plan.item_changed                The item says something else, or stands elsewhere, from then on.
plan.item_dropped                The item, with what stands under it, is asked no more.
plan.target_set                  The plan asks for this, with or without a number, by when, of whom.
plan.target_added                A revision put this target in, from then on.
plan.target_described            What was unknown of a target became known: its number, deadline, performers.
plan.target_changed              The plan asks for something else from then on, or by another day.
plan.target_dropped              The target is asked no more.
plan.rule_recorded               The plan says this of how its tasks are kept: deadlines, inspection, evaluation.
plan.rule_added                  A revision put this rule in, from then on.
plan.rule_described              Where in the plan a rule stands became known.
plan.rule_changed                The rule says something else, or stands elsewhere, from then on.
plan.rule_dropped                The rule counts no more.
plan.thresholds_set              From when on the plan's tasks count as near, behind and escalated.
plan.linked                      The plan, or an item of it, stands in a relation to another thing or its part.
plan.unlinked                    The relation ended in the world.
task.registered                  The task is known of: its title, or what the registry calls it; the duty that it is of.
task.described                   The title of the task, or what it is called, became known.
task.titled                      Another title of the same task.
task.duplicate_merged            This record is a duplicate of another, which stands for both.
task.duplicate_unmerged          The two records were of two tasks after all.
task.attested                    Another source says the same as an earlier event of the task.
task.voided                      An event of the task should never have been recorded.
task.based                       The task carries out a plan, an agreement or the like, or a part; its number there.
task.linked                      The task stands in a relation to another thing: it waits for it, is a part of it.
task.unlinked                    The relation ended in the world.
task.unit_named                  A party leads, supports or supervises the task; which office and person in it answer.
task.unit_described              More became known of a unit: its name as printed, its office, its person.
task.unit_released               A party answers for the task in that role no more, on what grounds.
task.terms_set                   What is to be done, to what standard, from when, by when, as it was first set.
task.terms_described             What was unknown of the terms became known.
task.adjusted                    The task asks for something else from then on, or by another day: why, who approved.
task.listed                      The task was put on a list.
task.assigned                    The task was assigned to those who are to do it.
task.started                     Work on the task began.
task.reported_done               Those who do the task reported that it is done.
task.closed                      The task was verified as done and struck off the list.
task.suspended                   The task rests.
task.cancelled                   The task was given up.
task.reopened                    A task closed, cancelled or reported done is to be worked on again.
task.resumed                     A suspended task goes on.
task.step_described              What was unknown of a step became known: by whom, by which paper, on what grounds.
task.progress_reported           A unit reported how far the task had come: in words, in percent, as an amount.
task.progress_described          More became known of a report of progress.
task.inspected                   Those who look after the task found it on track, behind, done or not done.
task.inspection_described        More became known of an inspection.
task.recurrence_set              The task is a standing duty: from then on it comes back by this rule.
task.recurrence_described        More became known of the rule by which a duty comes back.
task.recurrence_ended            The duty comes back no more.
task.reminded                    Somebody was reminded of a deadline, once at each level.
task.snoozed                     Until that day nobody is to be reminded of the task.
project.registered               The project is known of: its title, or what the registry calls it.
project.described                The title, the sector or what the project does became known.
project.classified               The project is of this kind, beside others that it may be of.
project.titled                   Another title of the same project.
project.duplicate_merged         This record is a duplicate of another, which stands for both.
project.duplicate_unmerged       The two records were of two projects after all.
project.attested                 Another source says the same as an earlier event of the project.
project.voided                   An event of the project should never have been recorded.
project.planned                  A plan names the project, or somebody says that it is planned.
project.talked_over              The project was talked over with those who might take part in it.
project.intended                 Those who take part declared that they intend the project.
project.signed                   The project was signed, under which agreement.
project.filed                    The authority put the project on record, or approved it, under which number.
project.started                  Work on the project began.
project.construction_reported    The project was seen under construction.
project.completed                The project was completed.
project.opened                   The project is in operation.
project.dropped                  The project was given up.
project.step_described           What was unknown of a step became known: by whom, where, under which agreement.
project.investment_stated        What is invested: how much of which modality, of whom, in which phase.
project.investment_increased     More is invested from then on, told by the increment alone.
project.investment_described     What was unknown of an investment became known: its modality, investor, phase.
project.investor_replaced        Another investor came in the place of one, in one investment or in all.
project.replacement_described    On what grounds another investor came became known.
project.party_named              A party or a group has to do with the project in a role, such as its builder.
project.party_described          How a party of the project is printed became known.
project.party_released           The party has to do with the project in that role no more.
project.located                  The project is, or is to be, in this place.
project.place_described          Where in a place the project is, or how the place is printed, became known.
project.place_left               The project is in that place no more.
project.linked                   The project stands in a relation to another thing: it is part of a greater one.
project.unlinked                 The relation ended in the world.
discrepancy.detected             Sources, or two records, tell something differently: what, and who noticed it.
discrepancy.attested             Another source says the same as an earlier event of the discrepancy.
discrepancy.voided               An event of the discrepancy should never have been recorded.
discrepancy.claim_recorded       One side says this of a thing, of a part of it, or of a field of that.
discrepancy.claim_described      What was unknown of a claim became known: its value, or its words.
discrepancy.resolved             This claim holds, and why; which correction made the record say so, if one had to.
discrepancy.waived               Nobody is to settle it, and why.
discrepancy.reopened             It has to be looked at again, and why: the next round begins.
figure.registered                The figure is known of: what is counted or measured.
figure.described                 What the figure is called, the time that it is of or more of it became known.
figure.duplicate_merged          This record is a duplicate of another, which stands for both.
figure.duplicate_unmerged        The two records were of two figures after all.
figure.attested                  Another source says the same as an earlier event of the figure.
figure.voided                    An event of the figure should never have been recorded.
figure.party_named               The figure is about a party or a group: its number, with it, within it.
figure.party_described           How a party that the figure is about is printed became known.
figure.item_recorded             What is counted has this part: a category, a stage, a share.
figure.item_described            What was unknown of an item became known: its place, label or text.
figure.claimed                   A source gives these numbers of the whole or of an item: a claim, beside others.
figure.claim_described           More became known of a claim: another of its numbers, who speaks.
figure.linked                    The figure was counted at a meeting, is a number of a thing, or counts a thing.
figure.reconciled                Somebody found the figure in order.
figure.disputed                  Somebody disputes the figure.
figure.assessment_described      What was unknown of a finding became known: by whom, on what grounds.
registry.seeded                  A seed file's facts were taken in, from the file with that hash.
registry.attested                Another source says the same of a part of the registry's own record.
registry.voided                  An event of the registry's own record should never have been recorded.
===============================  =======================================================================================
"""

import re
from typing import Any

from service.domain import (
    agreement,
    discrepancy,
    document,
    figure,
    meeting,
    party,
    plan,
    project,
    registry,
    statement,
    task,
)
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
    decider.category: decider
    for decider in (
        agreement.DECIDER,
        party.DECIDER,
        document.DECIDER,
        meeting.DECIDER,
        statement.DECIDER,
        plan.DECIDER,
        task.DECIDER,
        project.DECIDER,
        discrepancy.DECIDER,
        figure.DECIDER,
        registry.DECIDER,
    )
}
"""The deciders by the category of their streams."""

EVENTS: dict[str, type[Event]] = collect(tuple(DECIDERS.values()))
"""The events by their type."""

MEANINGS: dict[str, str] = dict(re.findall(r"^([a-z]+\.[a-z_]+) +(\S.*)$", __doc__ or "", re.MULTILINE))
"""What each type says, in a sentence: the table above."""
