"""Every command has a scenario that it is accepted in, every refusal one that it is raised in."""

import ast
import inspect
import typing
from collections.abc import Iterator
from types import ModuleType

from service.domain import (
    agreement,
    catalogue,
    decider,
    discrepancy,
    document,
    duplicates,
    figure,
    meeting,
    participants,
    party,
    plan,
    project,
    references,
    statement,
    task,
)
from service.domain.agreement import clauses, compensation, header, instruments, life, links, signatories, term
from service.domain.decider import Command
from service.domain.discrepancy import claims
from service.domain.discrepancy import life as settled
from service.domain.document import description, parts, standing, text
from service.domain.figure import assessments, concerned
from service.domain.figure import claims as claimed
from service.domain.figure import header as counted
from service.domain.figure import items as divided
from service.domain.figure import links as led
from service.domain.meeting import activities, attendance, conveners, resolutions
from service.domain.meeting import header as called
from service.domain.meeting import held as held_at
from service.domain.meeting import life as held
from service.domain.party import bodies, identity, record
from service.domain.party import life as lives
from service.domain.plan import bodies as named
from service.domain.plan import header as planned
from service.domain.plan import items, papers, revisions, rules, targets
from service.domain.plan import life as carried
from service.domain.plan import links as tied
from service.domain.project import header as built
from service.domain.project import investments
from service.domain.project import life as built_life
from service.domain.project import links as built_links
from service.domain.project import parties as built_parties
from service.domain.statement import header as said
from service.domain.statement import life as made
from service.domain.statement import voices
from service.domain.task import bases, duties, entitled, progress, reminders, terms, units
from service.domain.task import header as asked
from service.domain.task import life as rounds
from tests.domain import (
    test_agreement_clauses,
    test_agreement_life,
    test_discrepancy,
    test_document,
    test_figure,
    test_meeting,
    test_party,
    test_plan,
    test_project,
    test_statement,
    test_task,
)
from tests.given import Scenario

SCENARIOS: list[Scenario] = [
    scenario
    for module in (
        test_agreement_clauses,
        test_agreement_life,
        test_discrepancy,
        test_document,
        test_figure,
        test_meeting,
        test_party,
        test_plan,
        test_project,
        test_project,
        test_statement,
        test_task,
    )
    for scenario in module.SCENARIOS.values()
]
ROOMS: tuple[ModuleType, ...] = (
    decider,
    duplicates,
    participants,
    agreement,
    header,
    term,
    instruments,
    life,
    signatories,
    clauses,
    compensation,
    links,
    party,
    identity,
    bodies,
    lives,
    record,
    document,
    description,
    text,
    parts,
    standing,
    meeting,
    called,
    conveners,
    held,
    attendance,
    resolutions,
    activities,
    references,
    statement,
    said,
    made,
    voices,
    task,
    asked,
    bases,
    units,
    entitled,
    terms,
    rounds,
    progress,
    duties,
    reminders,
    plan,
    planned,
    carried,
    named,
    items,
    targets,
    rules,
    revisions,
    tied,
    papers,
    held_at,
    project,
    built,
    built_life,
    investments,
    built_parties,
    built_links,
    discrepancy,
    claims,
    settled,
    figure,
    counted,
    concerned,
    divided,
    claimed,
    led,
    assessments,
)


def commands() -> set[type[Command]]:
    """Every command that the deciders decide, the registry's own aside."""
    found: set[type[Command]] = set()
    for module in (agreement, party, document, meeting, statement, plan, task, project, discrepancy, figure):
        found.update((module.Register, *typing.get_args(module.Contained)))
    return found


def test_every_command_is_accepted_somewhere() -> None:
    """A command without a scenario is not known to work."""
    accepted = {type(scenario.command) for scenario in SCENARIOS if scenario.events}
    assert commands() - accepted == set()


def test_every_event_but_the_registrys_own_comes_from_a_command() -> None:
    """No event type is there for nothing. Voiding is the registry's."""
    recorded = {type(event).type for scenario in SCENARIOS for event in scenario.events}
    assert {name for name in catalogue.EVENTS if name not in recorded and not name.startswith("registry.")} == {
        "agreement.voided",
        "party.voided",
        "document.voided",
        "meeting.voided",
        "statement.voided",
        "plan.voided",
        "task.voided",
        "project.voided",
        "discrepancy.voided",
        "figure.voided",
    }


def raising(module: ModuleType) -> Iterator[tuple[str, int]]:
    """Where in a module a refusal is made."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and "errors." in ast.unparse(node.exc):
            yield module.__name__, node.lineno


def test_every_refusal_is_raised_somewhere() -> None:
    """Each line that refuses is reached by a scenario."""
    seen: set[tuple[str, int]] = set()
    for scenario in SCENARIOS:
        refusal = scenario.refusal() if scenario.error else None
        step = refusal.__traceback__ if refusal else None
        while step is not None:
            seen.add((step.tb_frame.f_globals["__name__"], step.tb_lineno))
            step = step.tb_next
    missing = {place for module in ROOMS for place in raising(module)} - seen
    assert missing == set()
