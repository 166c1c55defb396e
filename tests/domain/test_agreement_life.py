"""The agreement's life, titles, term, signatories and links: every command, and every refusal."""

from datetime import date

import pytest

from service.domain import errors, party
from service.domain.agreement import DECIDER, Register, clauses, life, links, signatories
from service.domain.agreement.state import Agreement
from service.domain.decider import Event
from service.domain.references import references
from service.domain.values import Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

TITLE = PrintedName(printed="某某合作协议")
REGISTERED = life.Registered(title=TITLE, kind="strategic_framework")
SIGNED = life.Signed(effective=on(2013, 11, 29), place="某厅")
ENVOY = Person(name="某甲", title="副市长")
ANNEX = f"agreements/{no(2)}"

bare = given(DECIDER)
agreed = given(DECIDER, REGISTERED)
signed = given(DECIDER, REGISTERED, SIGNED)
bound = given(DECIDER, REGISTERED, SIGNED, signatories.SignatoryAdded(party=no(2), side="甲方"))
terminated = given(
    DECIDER,
    REGISTERED,
    SIGNED,
    signatories.SignatoryAdded(party=no(2)),
    life.Terminated(effective=on(2020)),
)
withdrawn = given(DECIDER, REGISTERED, life.Withdrawn())
printed_otherwise = UncertainDate(
    earliest=date(2013, 11, 29), latest=date(2013, 11, 29), printed="11月29日", basis="inferred"
)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            kind="multi_party",
            instruments=None,
            titles=(life.AddTitle(title=PrintedName(printed="某协议"), variant="caption", citations=cite(9)),),
            declared=life.DeclareSignatories(signatories=5, pairing="unknown"),
            term=life.SetTerm(ends=on(2025)),
            proposed=life.Propose(by=(no(2),)),
            signed=life.Sign(effective=on(2021, 2, 6)),
            in_force=life.EnterIntoForce(),
            signatories=(signatories.AddSignatory(party=no(2)),),
            signatures=(signatories.RecordSignature(party=no(2), representative=ENVOY),),
            clauses=(clauses.RecordClause(id=no(7), heading="互通"),),
            links=(links.LinkTo(relation="annex_of", target=ANNEX),),
            citations=cite(0),
        )
    ).then(
        life.Registered(title=TITLE, kind="multi_party", instruments=None, citations=cite(0)),
        life.Signed(effective=on(2021, 2, 6), citations=cite(0)),
        life.Proposed(by=(no(2),), citations=cite(0)),
        life.EnteredIntoForce(citations=cite(0)),
        life.SignatoriesDeclared(signatories=5, pairing="unknown", citations=cite(0)),
        life.TermSet(ends=on(2025), citations=cite(0)),
        life.Titled(title=PrintedName(printed="某协议"), variant="caption", citations=cite(9)),
        signatories.SignatoryAdded(party=no(2), citations=cite(0)),
        signatories.SignatureRecorded(party=no(2), representative=ENVOY, citations=cite(0)),
        clauses.ClauseRecorded(clause=no(7), heading="互通", citations=cite(0)),
        links.Linked(relation="annex_of", target=ANNEX, citations=cite(0)),
    ),
    "registered again changes nothing": agreed.when(Register(title=TITLE, kind="strategic_framework")).then(),
    "registered again from another source": agreed.when(
        Register(title=TITLE, kind="strategic_framework", citations=cite(1), basis="external")
    ).then(life.Attested(attests="header", basis="external", citations=cite(1))),
    "registered again otherwise": agreed.when(Register(title=TITLE, kind="supply")).refused(errors.AlreadyOtherwise),
    "registered again with more": agreed.when(
        Register(title=TITLE, kind="strategic_framework", signed=life.Sign())
    ).refused(errors.AlreadyOtherwise),
    "one thing twice in a whole": bare.when(
        Register(
            title=TITLE,
            kind="supply",
            signatories=(signatories.AddSignatory(party=no(2)), signatories.AddSignatory(party=no(2), side="甲方")),
        )
    ).refused(errors.AlreadyOtherwise, "/signatories/1/party"),
    "nothing happens to what is not registered": bare.when(life.Sign()).refused(errors.NotFound),
    # --- description
    "its kind becomes known": agreed.when(life.Describe(kind="supply", instruments=None)).then(
        life.Described(kind="supply", instruments=None)
    ),
    "its kind is said again": agreed.when(life.Describe(kind="strategic_framework", citations=cite(1))).then(
        life.Attested(attests="header", fields=("kind",), citations=cite(1))
    ),
    "another title": agreed.when(life.AddTitle(title=PrintedName(printed="全称"), variant="full")).then(
        life.Titled(title=PrintedName(printed="全称"), variant="full")
    ),
    "signatories are declared": agreed.when(life.DeclareSignatories(signatories=7, pairing="unknown")).then(
        life.SignatoriesDeclared(signatories=7, pairing="unknown")
    ),
    "a term": agreed.when(life.SetTerm(starts=on(2020), ends=on(2025), renewal="自动续期")).then(
        life.TermSet(starts=on(2020), ends=on(2025), renewal="自动续期")
    ),
    "a term that ends before it starts": agreed.when(life.SetTerm(starts=on(2025), ends=on(2020))).refused(
        errors.Invalid, "/ends"
    ),
    "a longer term after the end": terminated.when(life.SetTerm(ends=on(2030))).refused(errors.Ended),
    # --- steps
    "is proposed": agreed.when(life.Propose(by=(no(2),), effective=on(2012))).then(
        life.Proposed(by=(no(2),), effective=on(2012))
    ),
    "is signed": agreed.when(life.Sign(effective=on(2013), place="某厅")).then(
        life.Signed(effective=on(2013), place="某厅")
    ),
    "who proposed it is learnt late": terminated.when(life.Propose(by=(no(2),))).then(life.Proposed(by=(no(2),))),
    "is signed again changes nothing": signed.when(life.Sign(place="某厅")).then(),
    "the same day printed otherwise": signed.when(
        life.Sign(place="某厅", effective=printed_otherwise, citations=cite(3))
    ).then(life.Attested(attests="steps/signed", effective=on(2013, 11, 29), citations=cite(3))),
    "is signed on another day": signed.when(life.Sign(place="某厅", effective=on(2014))).refused(
        errors.AlreadyOtherwise
    ),
    "is signed elsewhere": signed.when(life.Sign(place="别处")).refused(errors.AlreadyOtherwise),
    "when it was signed is learnt": given(DECIDER, REGISTERED, life.Signed())
    .when(life.Sign(effective=on(2016)))
    .then(life.Signed(effective=on(2016))),
    "is signed after it was withdrawn": withdrawn.when(life.Sign()).refused(errors.NotInThisState),
    "enters into force": signed.when(life.EnterIntoForce(effective=on(2014))).then(
        life.EnteredIntoForce(effective=on(2014))
    ),
    "is terminated": signed.when(life.Terminate(by=(no(2),), grounds="期满")).then(
        life.Terminated(by=(no(2),), grounds="期满")
    ),
    "is terminated again": terminated.when(life.Terminate()).then(),
    "is terminated after it was withdrawn": withdrawn.when(life.Terminate()).refused(errors.NotInThisState),
    "is superseded": signed.when(life.Supersede(successor=no(3))).then(life.Superseded(successor=no(3))),
    "is superseded by itself": signed.when(life.Supersede(successor=ID)).refused(errors.Circular, "/successor"),
    "is withdrawn": agreed.when(life.Withdraw(grounds="搁置")).then(life.Withdrawn(grounds="搁置")),
    "is withdrawn after signing": signed.when(life.Withdraw()).refused(errors.NotInThisState),
    "is retracted": terminated.when(life.Retract(grounds="误报")).then(life.Retracted(grounds="误报")),
    "is a duplicate": signed.when(life.Merge(successor=no(3))).then(life.Merged(successor=no(3))),
    "is a duplicate of itself": signed.when(life.Merge(successor=ID)).refused(errors.Circular, "/successor"),
    # --- signatories
    "a signatory": agreed.when(
        signatories.AddSignatory(party=no(2), name=PrintedName(printed="甲市"), side="甲方", role="主办")
    ).then(signatories.SignatoryAdded(party=no(2), name=PrintedName(printed="甲市"), side="甲方", role="主办")),
    "a signatory again, of whom less is said": bound.when(
        signatories.AddSignatory(party=no(2), citations=cite(1))
    ).then(life.Attested(attests=f"signatories/{no(2)}", citations=cite(1))),
    "a signatory on another side": bound.when(signatories.AddSignatory(party=no(2), side="乙方")).refused(
        errors.AlreadyOtherwise, "/party"
    ),
    "a signatory of an ended agreement": terminated.when(signatories.AddSignatory(party=no(3))).refused(errors.Ended),
    "a signatory from before the end": terminated.when(signatories.AddSignatory(party=no(3), effective=on(2019))).then(
        signatories.SignatoryAdded(party=no(3), effective=on(2019))
    ),
    "a signatory said again after the end": terminated.when(
        signatories.AddSignatory(party=no(2), citations=cite(2))
    ).then(life.Attested(attests=f"signatories/{no(2)}", citations=cite(2))),
    "a signatory leaves": bound.when(signatories.WithdrawSignatory(party=no(2), effective=on(2018))).then(
        signatories.SignatoryWithdrawn(party=no(2), effective=on(2018))
    ),
    "a signatory that left leaves": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatoryWithdrawn(party=no(2), effective=on(2018)),
    )
    .when(signatories.WithdrawSignatory(party=no(2)))
    .then(),
    "a signatory left on another day": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatoryWithdrawn(party=no(2), effective=on(2018)),
    )
    .when(signatories.WithdrawSignatory(party=no(2), effective=on(2017)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a signatory that is none leaves": agreed.when(signatories.WithdrawSignatory(party=no(2))).refused(
        errors.UnknownPart, "/party"
    ),
    "a signature": bound.when(signatories.RecordSignature(party=no(2), representative=ENVOY)).then(
        signatories.SignatureRecorded(party=no(2), representative=ENVOY)
    ),
    "a signature again, the title left out": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatureRecorded(party=no(2), representative=ENVOY, effective=on(2013)),
    )
    .when(signatories.RecordSignature(party=no(2), representative=Person(name="某甲"), citations=cite(4)))
    .then(life.Attested(attests=f"signatures/{no(2)}:某甲", effective=on(2013), citations=cite(4))),
    "a signature under another title": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatureRecorded(party=no(2), representative=ENVOY),
    )
    .when(signatories.RecordSignature(party=no(2), representative=Person(name="某甲", title="市长")))
    .refused(errors.AlreadyOtherwise, "/representative"),
    "a signature on another day": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatureRecorded(party=no(2), representative=ENVOY, effective=on(2013)),
    )
    .when(signatories.RecordSignature(party=no(2), representative=ENVOY, effective=on(2014)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a signature of nobody bound": agreed.when(signatories.RecordSignature(party=no(2))).refused(
        errors.UnknownPart, "/party"
    ),
    # --- links
    "is linked": agreed.when(links.LinkTo(relation="implements", target=ANNEX)).then(
        links.Linked(relation="implements", target=ANNEX)
    ),
    "belongs to a mechanism": agreed.when(links.LinkTo(relation="member_of", target=f"parties/{no(2)}")).then(
        links.Linked(relation="member_of", target=f"parties/{no(2)}")
    ),
    "is linked to the wrong kind": agreed.when(links.LinkTo(relation="implements", target=f"parties/{no(2)}")).refused(
        errors.WrongKind, "/target"
    ),
    "is linked to itself": agreed.when(links.LinkTo(relation="amends", target=f"agreements/{ID}")).refused(
        errors.Circular, "/target"
    ),
    "is unlinked": given(DECIDER, REGISTERED, links.Linked(relation="implements", target=ANNEX))
    .when(links.Unlink(relation="implements", target=ANNEX, effective=on(2020)))
    .then(links.Unlinked(relation="implements", target=ANNEX, effective=on(2020))),
    "is unlinked from nothing": agreed.when(links.Unlink(relation="implements", target=ANNEX)).refused(
        errors.UnknownPart, "/target"
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def status(day: date, *events: Event) -> str:
    """The status after those events, on `day`."""
    state = newest(DECIDER, [REGISTERED, *events])
    assert isinstance(state, Agreement)
    return life.status(state, day)


def test_status_is_the_furthest_step_and_expiry_is_computed() -> None:
    """Registering alone proposes; a term that ran out expires what holds, and nothing else."""
    day = date(2021, 6, 1)
    term = life.TermSet(ends=on(2021, 5, 31))
    assert status(day) == "proposed"
    assert status(day, SIGNED) == "signed"
    assert status(day, SIGNED, life.EnteredIntoForce()) == "in_force"
    assert status(day, SIGNED, term) == "expired"
    assert status(date(2021, 5, 31), SIGNED, term) == "signed"
    assert status(day, term) == "proposed"
    assert status(day, SIGNED, term, life.Terminated()) == "terminated"
    assert status(day, SIGNED, life.Terminated(), life.Merged(successor=no(2))) == "merged"


def test_the_first_end_counts() -> None:
    """What binds an ended agreement is the earliest end, not the first one recorded."""
    state = newest(DECIDER, [REGISTERED, life.Retracted(effective=on(2022)), life.Terminated(effective=on(2020))])
    assert isinstance(state, Agreement)
    over = life.end(state)
    assert over is not None
    assert over.step == "terminated"


def test_when_a_signing_was_is_learnt_beside_what_was_known() -> None:
    """A date told later joins the step: what the step itself rests on stays."""
    state = newest(DECIDER, [REGISTERED, life.Signed(citations=cite(1)), life.Signed(effective=on(2016))])
    assert isinstance(state, Agreement)
    step = state.steps["signed"]
    assert step.effective == on(2016)
    assert [(source.sequence, source.fields) for source in step.sources] == [
        (2, ("step", "place", "by", "successor", "grounds")),
        (3, ()),
    ]


def test_refs_of_events_are_those_of_their_commands() -> None:
    """A correction brings an event in: what it names must exist as well."""
    event = signatories.SignatureRecorded(party=no(2), representative=Person(name="某甲", organisation=no(3)))
    assert [pointer for pointer, _ in references(event)] == ["/party", "/representative/organisation"]
    assert [str(ref) for _, ref in references(links.Linked(relation="amends", target=ANNEX))] == [ANNEX]
    assert list(references(life.Attested(attests="header"))) == []
    assert [pointer for pointer, _ in references(party.Proposed(by=(no(2), no(3))))] == ["/by/0", "/by/1"]
