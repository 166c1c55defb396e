"""The agreement's clauses and its rules of compensation: every command, and every refusal."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement import DECIDER, Register, amendments, clauses, compensation, duties, header, life
from service.domain.agreement.state import Agreement, Rate
from service.domain.decider import Ref
from service.domain.values import Magnitude, Period, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

REGISTERED = header.Registered(title=PrintedName(printed="某某合作协议"))
CLAUSE = clauses.ClauseRecorded(clause=no(7), label="一", heading="互通")
OWED = duties.ObligationRecorded(clause=no(7), obligors=(no(2),), due=on(2020))
REPEALED = amendments.ClauseRepealed(clause=no(7), instrument=no(3), effective=on(2019))
TERMINATED = life.Terminated(effective=on(2020))
AMOUNT = Magnitude(value="300", unit="万元", bound="exact")
RULE = compensation.CompensationSet(rule=no(8), section="某断面", upstream=(no(2),), downstream=(no(3),))
IN_2021 = Period(starts=on(2021), ends=on(2021, 12, 31))
SETTLED = compensation.CompensationSettled(rule=no(8), period=IN_2021, amount=AMOUNT, payer=no(2))
AMENDING = newest(
    DECIDER,
    [
        REGISTERED,
        life.Signed(effective=on(2018, 5, 1)),
        clauses.ClauseRecorded(clause=no(9), heading="修改"),
    ],
)
BY_AMENDING = {Ref("agreements", no(3)): AMENDING}
INFERRED = replace(on(2018, 5, 1), basis="inferred")
ADDED = clauses.ClauseAdded(clause=no(6), heading="新增", instrument=no(3), effective=INFERRED)

agreed = given(DECIDER, REGISTERED)
one = given(DECIDER, REGISTERED, CLAUSE)
two = given(DECIDER, REGISTERED, CLAUSE, clauses.ClauseRecorded(clause=no(6), parent=no(7), text="某事"))
owing = given(DECIDER, REGISTERED, CLAUSE, OWED)
repealed = given(DECIDER, REGISTERED, CLAUSE, REPEALED)
ended = given(DECIDER, REGISTERED, CLAUSE, RULE, TERMINATED)
ruled = given(DECIDER, REGISTERED, RULE)
settled = given(DECIDER, REGISTERED, RULE, SETTLED)

SCENARIOS: dict[str, Scenario] = {
    "a clause": agreed.when(clauses.RecordClause(id=no(7), label="一", heading="互通")).then(CLAUSE),
    "a clause with who owes whom": agreed.when(
        clauses.RecordClause(
            id=no(7),
            label="一",
            heading="互通",
            obligation=duties.Obligation(obligors=(no(2),), due=on(2020), basis="inferred"),
            citations=cite(1),
        )
    ).then(replace(CLAUSE, citations=cite(1)), replace(OWED, basis="inferred", citations=cite(1))),
    "a clause without an id gets one that follows from its words": agreed.when(
        clauses.RecordClause(label="一", heading="互通")
    ).then(
        clauses.ClauseRecorded(
            clause=clauses.clause_id(ID, clauses.RecordClause(label="一", heading="互通")), label="一", heading="互通"
        )
    ),
    "a clause of which nothing is said": agreed.when(clauses.RecordClause(id=no(7), label="一")).refused(
        errors.Invalid, "/text"
    ),
    "a clause under a clause": one.when(clauses.RecordClause(id=no(6), parent=no(7), text="某事")).then(
        clauses.ClauseRecorded(clause=no(6), parent=no(7), text="某事")
    ),
    "a clause under itself": agreed.when(clauses.RecordClause(id=no(6), parent=no(6), text="某事")).refused(
        errors.Circular, "/parent"
    ),
    "a clause under what stands under it": two.when(
        clauses.RecordClause(id=no(7), parent=no(6), heading="互通")
    ).refused(errors.Circular, "/parent"),
    "a clause under none that is known": agreed.when(clauses.RecordClause(parent=no(6), text="某事")).refused(
        errors.UnknownPart, "/parent"
    ),
    "a clause again": one.when(clauses.RecordClause(id=no(7), label="一", heading="互通", citations=cite(3))).then(
        header.Attested(attests=2, fields=("id", "label", "heading"), citations=cite(3))
    ),
    "a clause becomes better known": one.when(
        clauses.RecordClause(
            id=no(7),
            text="互相通达",
            obligation=duties.Obligation(manner="mutual", citations=cite(2)),
            citations=cite(1),
        )
    ).then(
        clauses.ClauseDescribed(clause=no(7), text="互相通达", citations=cite(1)),
        header.Attested(attests=2, fields=("id",), citations=cite(1)),
        duties.ObligationRecorded(clause=no(7), manner="mutual", citations=cite(2)),
    ),
    "another clause under the same id": one.when(clauses.RecordClause(id=no(7), heading="别的")).refused(
        errors.AlreadyOtherwise, "/heading"
    ),
    "a clause since another day": one.when(clauses.RecordClause(id=no(7), heading="互通", effective=on(2015))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "a clause of an ended agreement": ended.when(clauses.RecordClause(heading="新条")).refused(errors.Ended),
    "a clause of an ended agreement becomes better known": ended.when(
        clauses.RecordClause(id=no(7), text="互相通达")
    ).then(clauses.ClauseDescribed(clause=no(7), text="互相通达")),
    "a clause of before the end": ended.when(clauses.RecordClause(id=no(6), heading="旧条", effective=on(2015))).then(
        clauses.ClauseRecorded(clause=no(6), heading="旧条", effective=on(2015))
    ),
    # --- added
    "a clause that another agreement put in": one.when(
        clauses.RecordClause(id=no(6), heading="新增", instrument=no(3)), BY_AMENDING
    ).then(ADDED),
    "a clause put in is told again": given(DECIDER, REGISTERED, ADDED)
    .when(clauses.RecordClause(id=no(6), heading="新增", instrument=no(3), citations=cite(1)), BY_AMENDING)
    .then(header.Attested(attests=2, fields=("id", "heading"), citations=cite(1))),
    "a clause of the agreement itself was put in": one.when(
        clauses.RecordClause(id=no(7), heading="互通", instrument=no(3)), BY_AMENDING
    ).refused(errors.AlreadyOtherwise, "/instrument"),
    "a clause that the agreement itself put in": one.when(
        clauses.RecordClause(id=no(6), heading="新增", instrument=ID)
    ).refused(errors.Circular, "/instrument"),
    # --- obligations
    "who owes whom": one.when(
        duties.RecordObligation(clause=no(7), obligors=(no(3), no(2), no(3)), beneficiaries=(no(4),), manner="joint")
    ).then(duties.ObligationRecorded(clause=no(7), obligors=(no(2), no(3)), beneficiaries=(no(4),), manner="joint")),
    "by when becomes known": given(
        DECIDER, REGISTERED, CLAUSE, duties.ObligationRecorded(clause=no(7), obligors=(no(2),))
    )
    .when(duties.RecordObligation(clause=no(7), obligors=(no(2),), due=on(2020), citations=cite(1)))
    .then(
        replace(OWED, obligors=(), citations=cite(1)),
        header.Attested(attests=3, citations=cite(1)),
    ),
    "by when is printed otherwise": owing.when(
        duties.RecordObligation(clause=no(7), due=replace(on(2020), printed="元旦"), citations=cite(1))
    ).then(header.Attested(attests=3, fields=("due",), citations=cite(1))),
    "another owes it": owing.when(duties.RecordObligation(clause=no(7), obligors=(no(4),))).refused(
        errors.AlreadyOtherwise, "/obligors"
    ),
    "another owes it, told with the clause": owing.when(
        clauses.RecordClause(id=no(7), obligation=duties.Obligation(obligors=(no(4),)))
    ).refused(errors.AlreadyOtherwise, "/obligation/obligors"),
    "an obligation since a day": one.when(
        duties.RecordObligation(clause=no(7), obligors=(no(2),), effective=on(2020))
    ).refused(errors.Invalid, "/effective"),
    "an obligation under no clause": agreed.when(duties.RecordObligation(clause=no(7), manner="each")).refused(
        errors.UnknownPart, "/clause"
    ),
    # --- amended
    "a clause is amended": one.when(amendments.AmendClause(clause=no(7), manner="joint", effective=on(2018))).then(
        amendments.ClauseAmended(clause=no(7), manner="joint", effective=on(2018))
    ),
    "a clause is amended by another agreement, since its signing": owing.when(
        amendments.AmendClause(
            clause=no(7), due=None, obligors=(no(5), no(2)), instrument=no(3), instrument_part=f"clauses/{no(9)}"
        ),
        BY_AMENDING,
    ).then(
        amendments.ClauseAmended(
            clause=no(7),
            due=None,
            obligors=(no(2), no(5)),
            instrument=no(3),
            instrument_part=f"clauses/{no(9)}",
            effective=INFERRED,
        )
    ),
    "a clause is amended again": given(
        DECIDER, REGISTERED, CLAUSE, amendments.ClauseAmended(clause=no(7), manner="joint", effective=on(2018))
    )
    .when(amendments.AmendClause(clause=no(7), manner="joint", effective=on(2018), citations=cite(1)))
    .then(header.Attested(attests=3, citations=cite(1))),
    "a clause is amended by a clause that is none": one.when(
        amendments.AmendClause(clause=no(7), manner="each", instrument=no(3), instrument_part=f"clauses/{no(5)}"),
        BY_AMENDING,
    ).refused(errors.UnknownPart, "/instrument_part"),
    "a clause that is none is amended": agreed.when(amendments.AmendClause(clause=no(7), manner="each")).refused(
        errors.UnknownPart, "/clause"
    ),
    "a repealed clause is amended": repealed.when(amendments.AmendClause(clause=no(7), manner="each")).refused(
        errors.Ended, "/clause"
    ),
    "a repealed clause was amended before": repealed.when(
        amendments.AmendClause(clause=no(7), manner="each", effective=on(2017))
    ).then(amendments.ClauseAmended(clause=no(7), manner="each", effective=on(2017))),
    "a clause of an ended agreement is amended": ended.when(
        amendments.AmendClause(clause=no(7), manner="each")
    ).refused(errors.Ended),
    # --- renumbered, repealed
    "a clause is renumbered": one.when(amendments.RenumberClause(clause=no(7), label="二")).then(
        amendments.ClauseRenumbered(clause=no(7), label="二")
    ),
    "a clause is renumbered by another agreement": two.when(
        amendments.RenumberClause(clause=no(6), parent=None, label="二", instrument=no(3)), BY_AMENDING
    ).then(amendments.ClauseRenumbered(clause=no(6), parent=None, label="二", instrument=no(3), effective=INFERRED)),
    "a clause is put under what stands under it": two.when(
        amendments.RenumberClause(clause=no(7), parent=no(6))
    ).refused(errors.Circular, "/parent"),
    "a repealed clause is renumbered": repealed.when(amendments.RenumberClause(clause=no(7), label="二")).refused(
        errors.Ended, "/clause"
    ),
    "a repealed clause is renumbered as it stands": repealed.when(
        amendments.RenumberClause(clause=no(7), label="一")
    ).then(),
    "a clause of an ended agreement is renumbered": ended.when(
        amendments.RenumberClause(clause=no(7), label="二")
    ).refused(errors.Ended),
    "a clause is repealed": one.when(amendments.RepealClause(clause=no(7), effective=on(2019))).then(
        amendments.ClauseRepealed(clause=no(7), effective=on(2019))
    ),
    "a clause is repealed by another agreement": one.when(
        amendments.RepealClause(clause=no(7), instrument=no(3)), BY_AMENDING
    ).then(amendments.ClauseRepealed(clause=no(7), instrument=no(3), effective=INFERRED)),
    "a clause is repealed by an agreement signed some day": one.when(
        amendments.RepealClause(clause=no(7), instrument=no(3)),
        {Ref("agreements", no(3)): newest(DECIDER, [REGISTERED])},
    ).then(amendments.ClauseRepealed(clause=no(7), instrument=no(3))),
    "a clause is repealed again": repealed.when(amendments.RepealClause(clause=no(7), citations=cite(1))).then(
        header.Attested(attests=3, citations=cite(1))
    ),
    "a clause is repealed on another day": repealed.when(
        amendments.RepealClause(clause=no(7), effective=on(2018))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "a clause is repealed by another one": repealed.when(
        amendments.RepealClause(clause=no(7), instrument=no(4)), {Ref("agreements", no(4)): AMENDING}
    ).refused(errors.AlreadyOtherwise, "/instrument"),
    "a clause of an ended agreement is repealed": ended.when(amendments.RepealClause(clause=no(7))).refused(
        errors.Ended
    ),
    # --- compensation
    "a rule": agreed.when(
        compensation.SetCompensation(
            id=no(8),
            section="某断面",
            basin="某流域",
            upstream=(no(4), no(2)),
            downstream=(no(3),),
            rates=(Rate(condition="Ⅲ类", amount=AMOUNT, payer=no(3), payee=no(2)),),
            term=Period(starts=on(2021)),
        )
    ).then(
        compensation.CompensationSet(
            rule=no(8),
            section="某断面",
            basin="某流域",
            upstream=(no(2), no(4)),
            downstream=(no(3),),
            rates=(Rate(condition="Ⅲ类", amount=AMOUNT, payer=no(3), payee=no(2)),),
            term=Period(starts=on(2021)),
        )
    ),
    "a rule of which nothing is said": agreed.when(compensation.SetCompensation(id=no(8))).then(
        compensation.CompensationSet(rule=no(8))
    ),
    "a rule without an id gets one that follows from its place and parties": agreed.when(
        compensation.SetCompensation(upstream=(no(3), no(2)))
    ).then(
        compensation.CompensationSet(
            rule=compensation.rule_id(ID, compensation.SetCompensation(upstream=(no(2), no(3)))),
            upstream=(no(2), no(3)),
        )
    ),
    "a rule changes": ruled.when(compensation.SetCompensation(id=no(8), section="别的断面", effective=on(2022))).then(
        compensation.CompensationSet(rule=no(8), section="别的断面", effective=on(2022))
    ),
    "a rule becomes better known": ruled.when(
        compensation.SetCompensation(id=no(8), section="某断面", cap=AMOUNT, citations=cite(1))
    ).then(
        compensation.CompensationDescribed(rule=no(8), cap=AMOUNT, citations=cite(1)),
        header.Attested(attests=2, fields=("id", "section"), citations=cite(1)),
    ),
    "a rule registered again since an earlier day": given(DECIDER, REGISTERED, replace(RULE, effective=on(2021)))
    .when(
        Register(
            title=PrintedName(printed="某某合作协议"),
            compensation=(
                compensation.SetCompensation(
                    id=no(8), section="某断面", upstream=(no(2),), downstream=(no(3),), effective=on(2019)
                ),
            ),
        )
    )
    .refused(errors.AlreadyOtherwise, "/compensation/0/effective"),
    "a rule of another section": ruled.when(compensation.SetCompensation(id=no(8), section="别的断面")).refused(
        errors.AlreadyOtherwise, "/section"
    ),
    "a rule of one party": agreed.when(
        compensation.SetCompensation(upstream=(no(2),), downstream=(no(2), no(3)))
    ).refused(errors.Invalid, "/downstream"),
    "a rule becomes one of one party": given(
        DECIDER, REGISTERED, compensation.CompensationSet(rule=no(8), upstream=(no(2),))
    )
    .when(compensation.SetCompensation(id=no(8), downstream=(no(2),)))
    .refused(errors.Invalid, "/downstream"),
    "a rule of an ended agreement": ended.when(compensation.SetCompensation(section="新断面")).refused(errors.Ended),
    "a settlement": ruled.when(
        compensation.SettleCompensation(rule=no(8), period=IN_2021, measured="Ⅲ类", amount=AMOUNT)
    ).then(compensation.CompensationSettled(rule=no(8), period=IN_2021, measured="Ⅲ类", amount=AMOUNT)),
    "a settlement again, of which less is said": settled.when(
        compensation.SettleCompensation(
            rule=no(8), period=replace(IN_2021, printed="二〇二一年"), amount=AMOUNT, citations=cite(1)
        )
    ).then(header.Attested(attests=3, fields=("rule", "period", "amount"), citations=cite(1))),
    "another settlement of the same period": settled.when(
        compensation.SettleCompensation(
            rule=no(8), period=IN_2021, amount=Magnitude(value="1", unit="万元", bound="exact")
        )
    ).refused(errors.AlreadyOtherwise, "/amount"),
    "a settlement of another period": settled.when(
        compensation.SettleCompensation(rule=no(8), period=Period(printed="上一年度"), amount=AMOUNT)
    ).then(compensation.CompensationSettled(rule=no(8), period=Period(printed="上一年度"), amount=AMOUNT)),
    "a settlement under no rule": agreed.when(
        compensation.SettleCompensation(rule=no(8), period=IN_2021, amount=AMOUNT)
    ).refused(errors.UnknownPart, "/rule"),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def test_citations_stay_with_their_fields() -> None:
    """An amendment takes the sources of its fields with it, and leaves the others."""
    events = [
        REGISTERED,
        clauses.ClauseRecorded(clause=no(7), heading="互通", citations=cite(1)),
        amendments.ClauseAmended(clause=no(7), heading="通达", citations=cite(2)),
        amendments.ClauseRenumbered(clause=no(7), label="二", citations=cite(3)),
        header.Attested(attests=4, fields=("label", "heading"), citations=cite(4)),
        amendments.ClauseAmended(clause=no(7), heading="直达", citations=cite(5)),
        header.Attested(attests=2, fields=("heading",), citations=cite(6)),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Agreement)
    clause = state.clauses[str(no(7))]
    said = [(source.sequence, source.fields[:1]) for source in clause.sources]
    assert said == [(2, ()), (4, ("label",)), (5, ("label",)), (6, ("heading",))]
    assert life.amended(state)


def test_an_obligation_stands_with_its_clause() -> None:
    """Undated it takes the clause's day: what a later agreement put in owes nothing before."""
    events = [REGISTERED, life.Signed(effective=on(2010)), ADDED, replace(OWED, clause=no(6))]
    state = newest(DECIDER, events)
    assert isinstance(state, Agreement)
    clause = state.clauses[str(no(6))]
    assert (clause.obligors, clause.added_by, clause.amended) == ((no(2),), no(3), False)
    assert life.amended(state)


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (IN_2021, "2021-01-01..2021-12-31"),
        (Period(starts=UncertainDate(latest=on(2021).latest)), "2021-01-01.."),
        (Period(ends=on(2021)), "..2021-01-01"),
        (Period(printed="上一年度"), "上一年度"),
        (Period(starts=UncertainDate(printed="去年初")), "去年初"),
        (Period(ends=UncertainDate(printed="去年底")), "去年底"),
    ],
)
def test_periods_are_told_apart_by_their_days(period: Period, name: str) -> None:
    """However they are printed; by the words where there are no days."""
    assert compensation.named(period) == name


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: clauses.RecordClause(label="一"),
        lambda: clauses.RecordClause(heading="一", instrument_part=f"clauses/{no(9)}"),
        lambda: clauses.ClauseRecorded(clause=no(7), label="一"),
        lambda: clauses.ClauseAdded(clause=no(7), label="一", instrument=no(3)),
        lambda: clauses.ClauseDescribed(clause=no(7)),
        lambda: clauses.ClauseRecorded(clause=no(7), parent=no(7), text="某事"),
        lambda: amendments.ClauseRenumbered(clause=no(7), parent=no(7)),
        duties.Obligation,
        lambda: duties.RecordObligation(clause=no(7)),
        lambda: duties.ObligationRecorded(clause=no(7)),
        lambda: amendments.AmendClause(clause=no(7)),
        lambda: amendments.AmendClause(clause=no(7), manner="each", instrument_part=f"clauses/{no(9)}"),
        lambda: amendments.ClauseAmended(clause=no(7)),
        lambda: amendments.RenumberClause(clause=no(7)),
        lambda: amendments.ClauseRenumbered(clause=no(7), instrument=no(3)),
        lambda: amendments.RepealClause(clause=no(7), instrument_part=f"clauses/{no(9)}"),
        lambda: amendments.ClauseRepealed(clause=no(7), instrument_part=f"clauses/{no(9)}"),
        lambda: compensation.CompensationSet(rule=no(8), upstream=(no(2),), downstream=(no(2),)),
        lambda: compensation.CompensationDescribed(rule=no(8)),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: Callable[[], object]) -> None:
    """A command that exists is well formed, and so is the event that a correction brings."""
    with pytest.raises(ValueError, match=r"."):
        wrong()
