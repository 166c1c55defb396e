"""Who has to do with a thing, and as what: the parties of a meeting, statement, plan, project or figure, by their part.

Of a meeting a party is a `convener`, the `body` that meets, or `attending`: as such, as whose people or in whose place
somebody was there, or as an organisation of a person. In a statement it is `speaker`, `principal` or `addressee` in
the same ways, `performer` or `beneficiary` of what was said, or its `topic`. Of a plan it is what the plan names it as
(`drafter`, `leader`), or `performer` of a target that stands. Of a project it has a role (`investor`, `builder`), is a
`former_investor`, took a step (`acting`), or is its `place`. Of a figure it is its `subject`, `counterpart`
or `area`, or `claims` the number: itself, or by somebody of it.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from service.domain.figure.state import Claim, Figure
from service.domain.meeting.state import Meeting
from service.domain.plan.state import Plan, asked
from service.domain.project.state import Project, concerned
from service.domain.statement.state import Performance, Statement, Topic


def of(one: Any) -> Iterator[UUID]:
    """The parties that somebody who takes part is, stands for or belongs to."""
    if one.party is not None:
        yield one.party
    if one.person is not None:
        yield from one.person.organisations


def claiming(one: Claim) -> Iterator[UUID]:
    """The parties that claim a number: those that say it, and those that the speaker belongs to."""
    yield from one.by
    if one.speaker is not None:
        yield from one.speaker.organisations


def performing(one: Performance) -> Iterator[tuple[UUID, str]]:
    """Who is to do what was said, and for whom."""
    yield from ((party, "performer") for party in one.performers)
    yield from ((party, "beneficiary") for party in one.beneficiaries)


def topical(one: Topic) -> Iterator[tuple[UUID, str]]:
    """The party that a statement is about, where it is about one."""
    category, _, id = one.about.partition("/")
    if category == "parties":
        yield UUID(id), "topic"


def parts(state: Meeting | Statement | Plan | Project | Figure) -> Iterator[tuple[UUID, str]]:
    """Each party with its part."""
    if isinstance(state, Meeting):
        for convener in state.conveners.values():
            yield convener.party, "convener"
        for session in state.sessions.values():
            yield session.body, "body"
        for somebody in state.attendance.values():
            yield from ((party, "attending") for party in of(somebody))
    elif isinstance(state, Plan):
        for body in state.bodies.values():
            if body.party is not None:
                yield body.party, body.role
        for target in asked(state):
            yield from ((party, "performer") for party in target.performers)
    elif isinstance(state, Project):
        yield from concerned(state)
        yield from ((place.party, "place") for place in state.places.values() if place.party is not None)
    elif isinstance(state, Figure):
        for one in state.concerned.values():
            if one.party is not None:
                yield one.party, one.role
        for claim in state.claims.values():
            yield from ((party, "claims") for party in claiming(claim))
    else:
        for participant in state.participants.values():
            yield from ((party, participant.role) for party in of(participant))
        if state.performance is not None:
            yield from performing(state.performance)
        for topic in state.topics.values():
            yield from topical(topic)
