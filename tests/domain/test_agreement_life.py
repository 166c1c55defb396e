"""The agreement's header, term, life, signatories and links: every command, and every refusal."""

from collections.abc import Callable
from datetime import date

import pytest

from service.domain import errors
from service.domain.agreement import DECIDER, Register, clauses, duties, header, life, links, signatories, term
from service.domain.agreement.state import Agreement
from service.domain.decider import Event, Ref
from service.domain.party.life import Proposed
from service.domain.references import references
from service.domain.values import Magnitude, Period, Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

TITLE = PrintedName(printed="某某合作协议")
REGISTERED = header.Registered(title=TITLE)
CALLED = header.Registered(called="某两市的协议")
SIGNED = life.Signed(effective=on(2013, 11, 29), place="某厅")
ENVOY = Person(name=PrintedName(printed="某甲"), title="副市长")
NAMELY = Person(name=PrintedName(printed="某甲"))
ANNEX = f"agreements/{no(2)}"
TERM = term.TermSet(period=Period(starts=on(2020)))
FIVE = Magnitude(value="5", unit="年", bound="exact")
DUPLICATE = header.DuplicateMerged(into=no(3))
OTHER = {Ref("agreements", no(3)): newest(DECIDER, [REGISTERED, header.DuplicateMerged(into=no(4))])}
SUPPLEMENT = newest(
    DECIDER,
    [REGISTERED, life.Signed(effective=on(2018, 5, 1)), clauses.ClauseRecorded(clause=no(9), heading="某")],
)
BY_SUPPLEMENT = {Ref("agreements", no(3)): SUPPLEMENT}
LINKED = links.Linked(relation="implements", target=ANNEX)

AFTER = UncertainDate(earliest=date(2013, 11, 29), precision="after", basis="inferred")
NOBODY_KNOWS = UncertainDate(precision="unknown", basis="inferred")

bare = given(DECIDER)
agreed = given(DECIDER, REGISTERED)
called = given(DECIDER, CALLED)
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
merged = given(DECIDER, REGISTERED, DUPLICATE)
lasting = given(DECIDER, REGISTERED, TERM)
left = given(
    DECIDER,
    REGISTERED,
    signatories.SignatoryAdded(party=no(2)),
    signatories.SignatoryWithdrawn(party=no(2), effective=on(2018)),
)
enveloped = given(
    DECIDER,
    REGISTERED,
    signatories.SignatoryAdded(party=no(2)),
    signatories.SignatureRecorded(party=no(2), representative=ENVOY, effective=on(2013)),
)
printed_otherwise = UncertainDate(
    earliest=date(2013, 11, 29), latest=date(2013, 11, 29), printed="11月29日", basis="inferred"
)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            kinds=("supply", "multi_party", "supply"),
            instruments=4,
            titles=(header.AddTitle(title=PrintedName(printed="某协议"), variant="caption", citations=cite(9)),),
            declared=header.DeclareSignatories(signatories=5, pairing="unknown"),
            term=term.SetTerm(period=Period(ends=on(2025))),
            proposed=life.Propose(by=(no(3), no(2), no(3))),
            signed=life.Sign(effective=on(2021, 2, 6)),
            in_force=life.EnterIntoForce(),
            signatories=(signatories.AddSignatory(party=no(2), basis="inferred"),),
            signatures=(signatories.RecordSignature(party=no(2), representative=ENVOY),),
            clauses=(
                clauses.RecordClause(
                    id=no(7),
                    heading="互通",
                    citations=cite(5),
                    obligation=duties.Obligation(obligors=(no(2),), basis="inferred"),
                ),
            ),
            links=(links.LinkTo(relation="annex_of", target=ANNEX),),
            citations=cite(0),
            basis="stated",
            note="摘自报道",
        )
    ).then(
        header.Registered(title=TITLE, citations=cite(0), basis="stated", note="摘自报道"),
        header.Classified(kind="multi_party", citations=cite(0), basis="stated", note="摘自报道"),
        header.Classified(kind="supply", citations=cite(0), basis="stated", note="摘自报道"),
        header.Described(instruments=4, citations=cite(0), basis="stated", note="摘自报道"),
        life.Signed(effective=on(2021, 2, 6), citations=cite(0), basis="stated", note="摘自报道"),
        life.Proposed(by=(no(2), no(3)), citations=cite(0), basis="stated", note="摘自报道"),
        life.EnteredIntoForce(citations=cite(0), basis="stated", note="摘自报道"),
        header.SignatoriesDeclared(
            signatories=5, pairing="unknown", citations=cite(0), basis="stated", note="摘自报道"
        ),
        term.TermSet(period=Period(ends=on(2025)), citations=cite(0), basis="stated", note="摘自报道"),
        header.Titled(
            title=PrintedName(printed="某协议"), variant="caption", citations=cite(9), basis="stated", note="摘自报道"
        ),
        signatories.SignatoryAdded(party=no(2), citations=cite(0), basis="inferred", note="摘自报道"),
        signatories.SignatureRecorded(
            party=no(2), representative=ENVOY, citations=cite(0), basis="stated", note="摘自报道"
        ),
        clauses.ClauseRecorded(clause=no(7), heading="互通", citations=cite(5), basis="stated", note="摘自报道"),
        duties.ObligationRecorded(
            clause=no(7), obligors=(no(2),), citations=cite(5), basis="inferred", note="摘自报道"
        ),
        links.Linked(relation="annex_of", target=ANNEX, citations=cite(0), basis="stated", note="摘自报道"),
    ),
    "registered without a title": bare.when(Register(called="某两市的协议")).then(CALLED),
    "registered on a day": bare.when(Register(title=TITLE, effective=on(2020))).refused(errors.Invalid, "/effective"),
    "stated by nothing": bare.when(Register(title=TITLE, basis="stated")).refused(errors.Invalid, "/basis"),
    "a part stated by nothing": bare.when(
        Register(title=TITLE, signatories=(signatories.AddSignatory(party=no(2), basis="stated"),))
    ).refused(errors.Invalid, "/signatories/0/basis"),
    "registered again changes nothing": agreed.when(Register(title=TITLE)).then(),
    "registered again from another source": agreed.when(
        Register(title=TITLE, citations=cite(1), basis="external")
    ).then(header.Attested(attests=1, basis="external", citations=cite(1))),
    "registered again on a day": agreed.when(Register(title=TITLE, effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "registered again otherwise": agreed.when(Register(title=PrintedName(printed="别的协议"))).refused(
        errors.AlreadyOtherwise, "/title"
    ),
    "registered again with a part more": agreed.when(Register(title=TITLE, signed=life.Sign())).refused(
        errors.AlreadyOtherwise, "/signed"
    ),
    "registered again with a part changed": given(DECIDER, REGISTERED, LINKED, TERM)
    .when(Register(title=TITLE, term=term.SetTerm(period=Period(starts=on(2021)))))
    .refused(errors.AlreadyOtherwise, "/term/period"),
    "registered again, more being known": bound.when(
        Register(
            title=TITLE,
            kinds=("supply",),
            signed=life.Sign(place="某厅"),
            signatories=(signatories.AddSignatory(party=no(2), role="主办"),),
        )
    ).then(
        header.Classified(kind="supply"),
        signatories.SignatoryDescribed(party=no(2), role="主办"),
    ),
    "registered again after it changed": left.when(
        Register(title=TITLE, signatories=(signatories.AddSignatory(party=no(2)),))
    ).refused(errors.AlreadyOtherwise, "/signatories/0"),
    "one thing twice in a whole": bare.when(
        Register(
            title=TITLE,
            signatories=(signatories.AddSignatory(party=no(2)), signatories.AddSignatory(party=no(2), side="甲方")),
        )
    ).refused(errors.AlreadyOtherwise, "/signatories/1"),
    "nothing happens to what is not registered": bare.when(life.Sign()).refused(errors.NotFound),
    # --- header
    "its kinds become known": agreed.when(header.Describe(kinds=("supply", "project"), instruments=2)).then(
        header.Classified(kind="project"), header.Classified(kind="supply"), header.Described(instruments=2)
    ),
    "its title becomes known": called.when(header.Describe(title=TITLE, called="某两市的协议", citations=cite(1))).then(
        header.Described(title=TITLE, citations=cite(1)), header.Attested(attests=1, citations=cite(1))
    ),
    "its title becomes known in simplified script": agreed.when(
        header.Describe(title=PrintedName(printed="某某合作协议", simplified="某某合作协议"))
    ).then(header.Described(title=PrintedName(printed="某某合作协议", simplified="某某合作协议"))),
    "another source adds a kind and attests one": given(DECIDER, REGISTERED, header.Classified(kind="supply"))
    .when(header.Describe(kinds=("supply", "project", "supply"), citations=cite(1)))
    .then(header.Classified(kind="project", citations=cite(1)), header.Attested(attests=2, citations=cite(1))),
    "registered again with a kind more": given(DECIDER, REGISTERED, header.Classified(kind="supply"))
    .when(Register(title=TITLE, kinds=("project", "supply")))
    .then(header.Classified(kind="project")),
    "its kinds have no date": agreed.when(header.Describe(kinds=("supply",), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "another title": agreed.when(header.AddTitle(title=PrintedName(printed="全称"), variant="full")).then(
        header.Titled(title=PrintedName(printed="全称"), variant="full")
    ),
    "the main title told as another": agreed.when(header.AddTitle(title=TITLE, citations=cite(2))).then(
        header.Attested(attests=1, citations=cite(2))
    ),
    "what sort of title it is becomes known": given(
        DECIDER, REGISTERED, header.Titled(title=PrintedName(printed="全称"))
    )
    .when(header.AddTitle(title=PrintedName(printed="全称", script="hans"), variant="full"))
    .then(header.Titled(title=PrintedName(printed="全称", script="hans"), variant="full")),
    "a title of another sort": given(
        DECIDER, REGISTERED, header.Titled(title=PrintedName(printed="全称"), variant="short")
    )
    .when(header.AddTitle(title=PrintedName(printed="全称"), variant="full"))
    .refused(errors.AlreadyOtherwise, "/variant"),
    "signatories are declared": agreed.when(header.DeclareSignatories(signatories=7)).then(
        header.SignatoriesDeclared(signatories=7)
    ),
    "more is declared": given(DECIDER, REGISTERED, header.SignatoriesDeclared(signatories=7))
    .when(header.DeclareSignatories(signatories=7, pairing="unknown", citations=cite(1)))
    .then(
        header.SignatoriesDeclared(pairing="unknown", citations=cite(1)),
        header.Attested(attests=2, citations=cite(1)),
    ),
    "another number is declared": given(DECIDER, REGISTERED, header.SignatoriesDeclared(signatories=7))
    .when(header.DeclareSignatories(signatories=8))
    .refused(errors.AlreadyOtherwise, "/signatories"),
    "is a duplicate": signed.when(header.MergeDuplicate(into=no(3))).then(DUPLICATE),
    "is a duplicate since a day": signed.when(header.MergeDuplicate(into=no(3), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is a duplicate of itself": signed.when(header.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is a duplicate of another": merged.when(header.MergeDuplicate(into=no(2))).refused(
        errors.AlreadyOtherwise, "/into"
    ),
    "is a duplicate of a duplicate": agreed.when(header.MergeDuplicate(into=no(3)), OTHER).refused(
        errors.NotInThisState, "/into"
    ),
    "is no duplicate after all": merged.when(header.UnmergeDuplicate()).then(header.DuplicateUnmerged()),
    "was no duplicate": agreed.when(header.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate gets no title": merged.when(header.AddTitle(title=PrintedName(printed="全称"))).refused(
        errors.NotInThisState
    ),
    "a duplicate is not signed": merged.when(life.Sign()).refused(errors.NotInThisState),
    "a duplicate is told as it stands": merged.when(Register(title=TITLE, citations=cite(1))).then(
        header.Attested(attests=1, citations=cite(1))
    ),
    # --- term
    "a term": agreed.when(term.SetTerm(period=Period(starts=on(2020), ends=on(2025)), renewal="自动续期")).then(
        term.TermSet(period=Period(starts=on(2020), ends=on(2025)), renewal="自动续期")
    ),
    "the end of a term becomes known": lasting.when(term.SetTerm(period=Period(ends=on(2025)), lasts=FIVE)).then(
        term.TermSet(period=Period(starts=on(2020), ends=on(2025)), lasts=FIVE)
    ),
    "another term": lasting.when(term.SetTerm(period=Period(starts=on(2021)))).refused(
        errors.AlreadyOtherwise, "/period"
    ),
    "a term that would end before it starts": lasting.when(term.SetTerm(period=Period(ends=on(2019)))).refused(
        errors.AlreadyOtherwise, "/period"
    ),
    "a term since another day": lasting.when(term.SetTerm(period=Period(starts=on(2020)), effective=on(2020))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "a longer term by another agreement": lasting.when(
        term.ChangeTerm(period=Period(ends=on(2030)), instrument=no(3), instrument_part=f"clauses/{no(9)}"),
        BY_SUPPLEMENT,
    ).then(
        term.TermChanged(
            period=Period(ends=on(2030)),
            instrument=no(3),
            instrument_part=f"clauses/{no(9)}",
            effective=UncertainDate(earliest=date(2018, 5, 1), latest=date(2018, 5, 1), basis="inferred"),
        )
    ),
    "a longer term again": given(DECIDER, REGISTERED, TERM, term.TermChanged(lasts=FIVE, effective=on(2022)))
    .when(term.ChangeTerm(lasts=FIVE, effective=on(2022), citations=cite(1)))
    .then(header.Attested(attests=3, citations=cite(1))),
    "a term changed by itself": lasting.when(term.ChangeTerm(renewal=None, instrument=ID)).refused(
        errors.Circular, "/instrument"
    ),
    "a term of an ended agreement": terminated.when(term.SetTerm(lasts=FIVE)).refused(errors.Ended),
    "a term of an ended agreement becomes better known": given(DECIDER, REGISTERED, SIGNED, TERM, life.Terminated())
    .when(term.SetTerm(lasts=FIVE))
    .then(term.TermSet(lasts=FIVE)),
    "a longer term after the end": terminated.when(term.ChangeTerm(period=Period(ends=on(2030)))).refused(errors.Ended),
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
    ).then(header.Attested(attests=2, fields=("step", "place"), citations=cite(3))),
    "is signed on another day": signed.when(life.Sign(place="某厅", effective=on(2014))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "is signed elsewhere": signed.when(life.Sign(place="别处")).refused(errors.AlreadyOtherwise, "/place"),
    "when it was signed is a matter of the first record": given(DECIDER, REGISTERED, life.Signed())
    .when(life.Sign(effective=on(2016)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "where it was signed is learnt": given(DECIDER, REGISTERED, life.Signed(effective=on(2016)))
    .when(life.Sign(effective=on(2016), place="某厅", citations=cite(1)))
    .then(
        life.StepDescribed(step="signed", place="某厅", citations=cite(1)),
        header.Attested(attests=2, fields=("step",), citations=cite(1)),
    ),
    "is signed after it was withdrawn": withdrawn.when(life.Sign()).refused(errors.NotInThisState),
    "enters into force": signed.when(life.EnterIntoForce(effective=on(2014))).then(
        life.EnteredIntoForce(effective=on(2014))
    ),
    "is terminated": signed.when(life.Terminate(by=(no(2),), grounds="期满")).then(
        life.Terminated(by=(no(2),), grounds="期满", effective=AFTER)
    ),
    "is terminated on a day": signed.when(life.Terminate(effective=on(2015))).then(life.Terminated(effective=on(2015))),
    "ends on a day that nobody knows, and is told again": given(
        DECIDER, REGISTERED, SIGNED, life.Terminated(effective=AFTER)
    )
    .when(life.Terminate(citations=cite(1)))
    .then(header.Attested(attests=3, fields=("step",), citations=cite(1))),
    "is signed nobody knows when, and terminated": given(DECIDER, REGISTERED, life.Signed())
    .when(life.Terminate())
    .then(life.Terminated(effective=NOBODY_KNOWS)),
    "is terminated again": terminated.when(life.Terminate()).then(),
    "who terminated it is learnt": terminated.when(life.Terminate(by=(no(3), no(2)))).then(
        life.StepDescribed(step="terminated", by=(no(2), no(3)))
    ),
    "is terminated after it was withdrawn": withdrawn.when(life.Terminate()).refused(errors.NotInThisState),
    "is superseded": signed.when(life.Supersede(successor=no(3))).then(
        life.Superseded(successor=no(3), effective=AFTER)
    ),
    "is superseded by what was signed later": signed.when(life.Supersede(successor=no(3)), BY_SUPPLEMENT).then(
        life.Superseded(
            successor=no(3), effective=UncertainDate(earliest=date(2018, 5, 1), precision="after", basis="inferred")
        )
    ),
    "is superseded by itself": signed.when(life.Supersede(successor=ID)).refused(errors.Circular, "/successor"),
    "is superseded by another": given(DECIDER, REGISTERED, life.Superseded(successor=no(3)))
    .when(life.Supersede(successor=no(2)))
    .refused(errors.AlreadyOtherwise, "/successor"),
    "is withdrawn": agreed.when(life.Withdraw(grounds="搁置")).then(
        life.Withdrawn(grounds="搁置", effective=NOBODY_KNOWS)
    ),
    "is withdrawn after the proposal": given(DECIDER, REGISTERED, life.Proposed(effective=on(2012)))
    .when(life.Withdraw())
    .then(life.Withdrawn(effective=UncertainDate(earliest=date(2012, 1, 1), precision="after", basis="inferred"))),
    "is withdrawn after signing": signed.when(life.Withdraw()).refused(errors.NotInThisState),
    "is retracted": terminated.when(life.Retract(grounds="误报")).then(life.Retracted(grounds="误报")),
    "is retracted on a day": terminated.when(life.Retract(effective=on(2021))).refused(errors.Invalid, "/effective"),
    # --- signatories
    "a signatory": agreed.when(
        signatories.AddSignatory(party=no(2), name=PrintedName(printed="甲市"), side="甲方", role="主办")
    ).then(signatories.SignatoryAdded(party=no(2), name=PrintedName(printed="甲市"), side="甲方", role="主办")),
    "a signatory again, of whom less is said": bound.when(
        signatories.AddSignatory(party=no(2), citations=cite(1))
    ).then(header.Attested(attests=3, fields=("party",), citations=cite(1))),
    "a signatory again, of whom more is said": bound.when(
        signatories.AddSignatory(party=no(2), side="甲方", role="主办", citations=cite(1))
    ).then(
        signatories.SignatoryDescribed(party=no(2), role="主办", citations=cite(1)),
        header.Attested(attests=3, fields=("party", "side"), citations=cite(1)),
    ),
    "what is said of a signatory rests on two events": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2), side="甲方"),
        signatories.SignatoryDescribed(party=no(2), role="主办"),
    )
    .when(signatories.AddSignatory(party=no(2), side="甲方", role="主办", citations=cite(1), basis="stated"))
    .then(
        header.Attested(attests=2, fields=("party", "side"), citations=cite(1), basis="stated"),
        header.Attested(attests=3, citations=cite(1), basis="stated"),
    ),
    "a signatory on another side": bound.when(signatories.AddSignatory(party=no(2), side="乙方")).refused(
        errors.AlreadyOtherwise, "/side"
    ),
    "a signatory since another day": bound.when(signatories.AddSignatory(party=no(2), effective=on(2015))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "a signatory of an ended agreement": terminated.when(signatories.AddSignatory(party=no(3))).refused(errors.Ended),
    "a signatory from before the end": terminated.when(signatories.AddSignatory(party=no(3), effective=on(2019))).then(
        signatories.SignatoryAdded(party=no(3), effective=on(2019))
    ),
    "a signatory from a day that the end may lie behind": given(
        DECIDER, REGISTERED, SIGNED, life.Terminated(effective=AFTER)
    )
    .when(signatories.AddSignatory(party=no(3), effective=on(2019)))
    .then(signatories.SignatoryAdded(party=no(3), effective=on(2019))),
    "a signatory of nobody knows when, after an end of nobody knows when": given(
        DECIDER, REGISTERED, SIGNED, life.Terminated(effective=AFTER)
    )
    .when(signatories.AddSignatory(party=no(3)))
    .refused(errors.Ended),
    "a signatory said again after the end": terminated.when(
        signatories.AddSignatory(party=no(2), side="甲方", citations=cite(2))
    ).then(
        signatories.SignatoryDescribed(party=no(2), side="甲方", citations=cite(2)),
        header.Attested(attests=3, fields=("party",), citations=cite(2)),
    ),
    "a signatory leaves": bound.when(signatories.WithdrawSignatory(party=no(2), effective=on(2018))).then(
        signatories.SignatoryWithdrawn(party=no(2), effective=on(2018))
    ),
    "a signatory that left leaves": left.when(signatories.WithdrawSignatory(party=no(2))).then(),
    "a signatory left on another day": left.when(
        signatories.WithdrawSignatory(party=no(2), effective=on(2017))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "a signatory joins again": left.when(signatories.AddSignatory(party=no(2), effective=on(2021))).then(
        signatories.SignatoryAdded(party=no(2), effective=on(2021))
    ),
    "a signatory that is none leaves": agreed.when(signatories.WithdrawSignatory(party=no(2))).refused(
        errors.UnknownPart, "/party"
    ),
    "a signature": bound.when(signatories.RecordSignature(party=no(2), representative=ENVOY)).then(
        signatories.SignatureRecorded(party=no(2), representative=ENVOY)
    ),
    "a signature again, the title left out": enveloped.when(
        signatories.RecordSignature(party=no(2), representative=NAMELY, citations=cite(4))
    ).then(header.Attested(attests=3, fields=("party", "representative"), citations=cite(4))),
    "who signed becomes better known": given(
        DECIDER,
        REGISTERED,
        signatories.SignatoryAdded(party=no(2)),
        signatories.SignatureRecorded(party=no(2), representative=NAMELY),
    )
    .when(signatories.RecordSignature(party=no(2), representative=ENVOY))
    .then(signatories.SignatureDescribed(party=no(2), representative=ENVOY)),
    "a signature under another title": enveloped.when(
        signatories.RecordSignature(party=no(2), representative=Person(name=PrintedName(printed="某甲"), title="市长"))
    ).refused(errors.AlreadyOtherwise, "/representative"),
    "a signature on another day": enveloped.when(
        signatories.RecordSignature(party=no(2), representative=ENVOY, effective=on(2014))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "a signature of nobody bound": agreed.when(signatories.RecordSignature(party=no(2), representative=ENVOY)).refused(
        errors.UnknownPart, "/party"
    ),
    # --- links
    "is linked": agreed.when(links.LinkTo(relation="implements", target=ANNEX)).then(LINKED),
    "a clause constitutes a body": given(DECIDER, REGISTERED, clauses.ClauseRecorded(clause=no(7), heading="某"))
    .when(links.LinkTo(relation="constitutes", target=f"parties/{no(5)}", clause=no(7)))
    .then(links.Linked(relation="constitutes", target=f"parties/{no(5)}", clause=no(7))),
    "an agreement constitutes no agreement": agreed.when(links.LinkTo(relation="constitutes", target=ANNEX)).refused(
        errors.WrongKind, "/target"
    ),
    "a part without an id of its own": agreed.when(
        links.LinkTo(relation="implements", target=f"agreements/{no(3)}", target_part=f"signatories/{no(2)}"),
        {Ref("agreements", no(3)): newest(DECIDER, [REGISTERED, signatories.SignatoryAdded(party=no(2))])},
    ).refused(errors.UnknownPart, "/target_part"),
    "a clause is linked to a clause": given(DECIDER, REGISTERED, clauses.ClauseRecorded(clause=no(7), heading="某"))
    .when(
        links.LinkTo(relation="implements", target=f"agreements/{no(3)}", clause=no(7), target_part=f"clauses/{no(9)}"),
        BY_SUPPLEMENT,
    )
    .then(
        links.Linked(relation="implements", target=f"agreements/{no(3)}", clause=no(7), target_part=f"clauses/{no(9)}")
    ),
    "a clause that is none is linked": agreed.when(
        links.LinkTo(relation="implements", target=ANNEX, clause=no(7))
    ).refused(errors.UnknownPart, "/clause"),
    "is linked to a clause that is none": agreed.when(
        links.LinkTo(relation="implements", target=ANNEX, target_part=f"clauses/{no(7)}")
    ).refused(errors.UnknownPart, "/target_part"),
    "belongs to a mechanism": agreed.when(links.LinkTo(relation="member_of", target=f"parties/{no(2)}")).then(
        links.Linked(relation="member_of", target=f"parties/{no(2)}")
    ),
    "is signed at a meeting": agreed.when(links.LinkTo(relation="signed_at", target=f"meetings/{no(2)}")).then(
        links.Linked(relation="signed_at", target=f"meetings/{no(2)}")
    ),
    "is signed at what is no meeting": agreed.when(links.LinkTo(relation="signed_at", target=ANNEX)).refused(
        errors.WrongKind, "/target"
    ),
    "is linked to the wrong kind": agreed.when(links.LinkTo(relation="implements", target=f"parties/{no(2)}")).refused(
        errors.WrongKind, "/target"
    ),
    "is linked to itself": agreed.when(links.LinkTo(relation="amends", target=f"agreements/{ID}")).refused(
        errors.Circular, "/target"
    ),
    "is unlinked": given(DECIDER, REGISTERED, LINKED)
    .when(links.Unlink(relation="implements", target=ANNEX, effective=on(2020)))
    .then(links.Unlinked(relation="implements", target=ANNEX, effective=on(2020))),
    "is unlinked from nothing": agreed.when(links.Unlink(relation="implements", target=ANNEX)).refused(
        errors.UnknownPart, "/target"
    ),
    "a clause is unlinked from nothing": given(DECIDER, REGISTERED, LINKED)
    .when(links.Unlink(relation="implements", target=ANNEX, clause=no(7)))
    .refused(errors.UnknownPart, "/target"),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def status(day: date, *events: Event) -> str:
    """The status after those events, on `day`."""
    return life.status(newest_of(REGISTERED, *events), day)


def test_status_is_the_furthest_step_and_expiry_is_computed() -> None:
    """Registering alone is no step; a term that ran out expires what holds, and nothing else."""
    day = date(2021, 6, 1)
    ran_out = term.TermSet(period=Period(ends=on(2021, 5, 31)))
    assert status(day) == "registered"
    assert status(day, life.Proposed()) == "proposed"
    assert status(day, SIGNED) == "signed"
    assert status(day, SIGNED, life.EnteredIntoForce()) == "in_force"
    assert status(day, SIGNED, ran_out) == "expired"
    assert status(date(2021, 5, 31), SIGNED, ran_out) == "signed"
    assert status(day, ran_out) == "registered"
    assert status(day, SIGNED, ran_out, life.Terminated()) == "terminated"
    assert status(day, SIGNED, life.Terminated(), DUPLICATE) == "merged"
    assert status(day, SIGNED, DUPLICATE, header.DuplicateUnmerged()) == "signed"


@pytest.mark.parametrize(
    ("signed_on", "lasts", "expiry"),
    [
        (on(2020, 3, 1), FIVE, date(2025, 3, 1)),
        (on(2020, 2, 29), FIVE, date(2025, 2, 28)),
        (on(2020, 10, 31), Magnitude(value="4", unit="个月", bound="exact"), date(2021, 2, 28)),
        (on(2020, 3, 1), Magnitude(value="5", unit="年", bound="about"), None),
        (on(2020, 3, 1), Magnitude(value="5", unit="届", bound="exact"), None),
        (on(2020, 3, 1), Magnitude(value="1.5", unit="年", bound="exact"), None),
        (on(2020, 3, 1), Magnitude(value="9000", unit="年", bound="exact"), None),
        (None, FIVE, None),
        (UncertainDate(earliest=date(2020, 3, 1), latest=date(2020, 3, 31)), FIVE, None),
    ],
)
def test_a_term_that_lasts_is_counted_from_the_signing(
    signed_on: UncertainDate | None, lasts: Magnitude, expiry: date | None
) -> None:
    """In whole years and months, from one known day; else nobody knows."""
    assert term.expires(newest_of(REGISTERED, life.Signed(effective=signed_on), term.TermSet(lasts=lasts))) == expiry
    assert term.expires(newest_of(REGISTERED)) is None


def newest_of(*events: Event) -> Agreement:
    """The agreement after those events."""
    state = newest(DECIDER, events)
    assert isinstance(state, Agreement)
    return state


def test_the_first_end_counts() -> None:
    """What binds an ended agreement is the earliest end, not the first one recorded."""
    over = life.end(newest_of(REGISTERED, life.Retracted(), life.Terminated(effective=on(2020))))
    assert over is not None
    assert over.step == "terminated"


def test_what_is_learnt_stands_beside_what_was_known() -> None:
    """Each field rests on the event that told it, and attestations stand beside that one."""
    state = newest_of(
        REGISTERED,
        life.Signed(effective=on(2016), citations=cite(1)),
        life.StepDescribed(step="signed", place="某厅", citations=cite(2)),
        header.Attested(attests=2, citations=cite(3)),
        header.Attested(attests=3, fields=("place",), citations=cite(4)),
        header.Attested(attests=9, citations=cite(5)),
    )
    step = state.steps["signed"]
    assert (step.effective, step.place) == (on(2016), "某厅")
    assert [(source.sequence, source.attests, source.fields) for source in step.sources] == [
        (2, None, ()),
        (4, 2, ()),
        (3, None, ("place",)),
        (5, 3, ("place",)),
    ]


def test_a_change_of_the_term_keeps_what_it_leaves_out() -> None:
    """Also where no term was known before."""
    extended = term.TermChanged(period=Period(ends=on(2030)), instrument=no(3), effective=on(2024))
    state = newest_of(REGISTERED, term.TermSet(lasts=FIVE), extended)
    assert state.term is not None
    assert (state.term.lasts, state.term.changed_by) == (FIVE, no(3))
    assert term.expires(state) == date(2030, 1, 1)
    assert life.amended(state)
    assert not life.amended(newest_of(REGISTERED, TERM))
    alone = newest_of(REGISTERED, extended).term
    assert alone is not None
    assert alone.period == Period(ends=on(2030))


@pytest.mark.parametrize(
    "wrong",
    [
        Register,
        header.Registered,
        header.Describe,
        header.Described,
        header.DeclareSignatories,
        header.SignatoriesDeclared,
        term.SetTerm,
        term.TermSet,
        lambda: term.ChangeTerm(instrument=no(3)),
        lambda: term.TermChanged(renewal=None, instrument_part=f"clauses/{no(3)}"),
        lambda: life.StepDescribed(step="signed"),
        lambda: signatories.SignatoryDescribed(party=no(2)),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: Callable[[], object]) -> None:
    """A command that exists is well formed, and so is the event that a correction brings."""
    with pytest.raises(ValueError, match=r"."):
        wrong()


def test_refs_of_events_are_those_of_their_commands() -> None:
    """A correction brings an event in: what it names must exist as well."""
    event = signatories.SignatureRecorded(
        party=no(2), representative=Person(name=PrintedName(printed="某甲"), organisations=(no(3),))
    )
    assert [pointer for pointer, _ in references(event)] == ["/party", "/representative/organisations/0"]
    assert [str(ref) for _, ref in references(links.Linked(relation="amends", target=ANNEX))] == [ANNEX]
    assert list(references(header.Attested(attests=1))) == []
    assert [pointer for pointer, _ in references(Proposed(by=(no(2), no(3))))] == ["/by/0", "/by/1"]
