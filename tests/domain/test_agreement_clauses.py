"""The agreement's clauses and its rules of compensation: every command, and every refusal."""

import pytest
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement import DECIDER, clauses, compensation, life
from service.domain.agreement.state import Agreement, Rate
from service.domain.decider import Ref
from service.domain.values import PrintedName, Quantity
from tests.given import ID, Scenario, cite, given, newest, no, on

REGISTERED = life.Registered(title=PrintedName(printed="某某合作协议"), kind="ecological_compensation")
CLAUSE = clauses.ClauseRecorded(clause=no(7), label="一", heading="互通", obligors=(no(2),), due=on(2020))
REPEALED = clauses.ClauseRepealed(clause=no(7), instrument=no(3), effective=on(2019))
TERMINATED = life.Terminated(effective=on(2020))
AMOUNT = Quantity(value="300", unit="万元")
RULE = compensation.CompensationSet(rule=no(8), section="某断面", upstream=no(2), downstream=no(3))
SETTLED = compensation.CompensationSettled(rule=no(8), period="2021", amount=AMOUNT)
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

agreed = given(DECIDER, REGISTERED)
one = given(DECIDER, REGISTERED, CLAUSE)
repealed = given(DECIDER, REGISTERED, CLAUSE, REPEALED)
ended = given(DECIDER, REGISTERED, CLAUSE, RULE, TERMINATED)
ruled = given(DECIDER, REGISTERED, RULE)

SCENARIOS: dict[str, Scenario] = {
    "a clause": agreed.when(
        clauses.RecordClause(id=no(7), label="一", heading="互通", obligors=(no(2),), due=on(2020))
    ).then(CLAUSE),
    "a clause without an id gets one that follows from its words": agreed.when(
        clauses.RecordClause(label="一", heading="互通")
    ).then(
        clauses.ClauseRecorded(
            clause=clauses.clause_id(ID, clauses.RecordClause(label="一", heading="互通")), label="一", heading="互通"
        )
    ),
    "a clause under a clause": one.when(clauses.RecordClause(id=no(6), parent=no(7), text="某事")).then(
        clauses.ClauseRecorded(clause=no(6), parent=no(7), text="某事")
    ),
    "a clause under itself": agreed.when(clauses.RecordClause(id=no(6), parent=no(6), text="某事")).refused(
        errors.Circular, "/parent"
    ),
    "a clause under none that is known": agreed.when(clauses.RecordClause(parent=no(6), text="某事")).refused(
        errors.UnknownPart, "/parent"
    ),
    "a clause again": one.when(
        clauses.RecordClause(id=no(7), label="一", heading="互通", obligors=(no(2),), due=on(2020), citations=cite(3))
    ).then(life.Attested(attests=f"clauses/{no(7)}", citations=cite(3))),
    "another clause under the same id": one.when(clauses.RecordClause(id=no(7), heading="别的")).refused(
        errors.AlreadyOtherwise, "/id"
    ),
    "a clause of an ended agreement": ended.when(clauses.RecordClause(heading="新条")).refused(errors.Ended),
    "a clause of before the end": ended.when(clauses.RecordClause(id=no(6), heading="旧条", effective=on(2015))).then(
        clauses.ClauseRecorded(clause=no(6), heading="旧条", effective=on(2015))
    ),
    # --- amended
    "a clause is amended": one.when(clauses.AmendClause(clause=no(7), owed="joint", effective=on(2018))).then(
        clauses.ClauseAmended(clause=no(7), owed="joint", effective=on(2018))
    ),
    "a clause is amended by another agreement, since its signing": one.when(
        clauses.AmendClause(clause=no(7), due=None, instrument=no(3), instrument_clause=no(9)), BY_AMENDING
    ).then(
        clauses.ClauseAmended(
            clause=no(7),
            due=None,
            instrument=no(3),
            instrument_clause=no(9),
            effective=INFERRED,
        )
    ),
    "a clause is amended again": given(
        DECIDER, REGISTERED, CLAUSE, clauses.ClauseAmended(clause=no(7), owed="joint", effective=on(2018))
    )
    .when(clauses.AmendClause(clause=no(7), owed="joint", effective=on(2018), citations=cite(1)))
    .then(
        life.Attested(
            attests=f"clauses/{no(7)}",
            fields=("owed", "amended", "amended_by", "amending_clause"),
            effective=on(2018),
            citations=cite(1),
        )
    ),
    "a clause is amended by a clause that is none": one.when(
        clauses.AmendClause(clause=no(7), owed="each", instrument=no(3), instrument_clause=no(5)), BY_AMENDING
    ).refused(errors.UnknownPart, "/instrument_clause"),
    "a clause that is none is amended": agreed.when(clauses.AmendClause(clause=no(7), owed="each")).refused(
        errors.UnknownPart, "/clause"
    ),
    "a repealed clause is amended": repealed.when(clauses.AmendClause(clause=no(7), owed="each")).refused(
        errors.Ended, "/clause"
    ),
    "a repealed clause was amended before": repealed.when(
        clauses.AmendClause(clause=no(7), owed="each", effective=on(2017))
    ).then(clauses.ClauseAmended(clause=no(7), owed="each", effective=on(2017))),
    "a clause of an ended agreement is amended": ended.when(clauses.AmendClause(clause=no(7), owed="each")).refused(
        errors.Ended
    ),
    # --- renumbered, repealed
    "a clause is renumbered": one.when(clauses.RenumberClause(clause=no(7), label="二")).then(
        clauses.ClauseRenumbered(clause=no(7), label="二")
    ),
    "a repealed clause is renumbered": repealed.when(clauses.RenumberClause(clause=no(7), label="二")).refused(
        errors.Ended, "/clause"
    ),
    "a repealed clause is renumbered as it stands": repealed.when(
        clauses.RenumberClause(clause=no(7), label="一")
    ).then(),
    "a clause of an ended agreement is renumbered": ended.when(
        clauses.RenumberClause(clause=no(7), label="二")
    ).refused(errors.Ended),
    "a clause is repealed": one.when(clauses.RepealClause(clause=no(7), effective=on(2019))).then(
        clauses.ClauseRepealed(clause=no(7), effective=on(2019))
    ),
    "a clause is repealed by another agreement": one.when(
        clauses.RepealClause(clause=no(7), instrument=no(3)), BY_AMENDING
    ).then(clauses.ClauseRepealed(clause=no(7), instrument=no(3), effective=INFERRED)),
    "a clause is repealed by an agreement signed some day": one.when(
        clauses.RepealClause(clause=no(7), instrument=no(3)), {Ref("agreements", no(3)): newest(DECIDER, [REGISTERED])}
    ).then(clauses.ClauseRepealed(clause=no(7), instrument=no(3))),
    "a clause is repealed again": repealed.when(clauses.RepealClause(clause=no(7))).then(),
    "a clause is repealed on another day": repealed.when(
        clauses.RepealClause(clause=no(7), effective=on(2018))
    ).refused(errors.AlreadyOtherwise, "/clause"),
    "a clause of an ended agreement is repealed": ended.when(clauses.RepealClause(clause=no(7))).refused(errors.Ended),
    # --- compensation
    "a rule": agreed.when(
        compensation.SetCompensation(
            id=no(8),
            section="某断面",
            upstream=no(2),
            downstream=no(3),
            rates=(Rate(condition="Ⅲ类", amount=AMOUNT, payer=no(3), payee=no(2)),),
        )
    ).then(
        compensation.CompensationSet(
            rule=no(8),
            section="某断面",
            upstream=no(2),
            downstream=no(3),
            rates=(Rate(condition="Ⅲ类", amount=AMOUNT, payer=no(3), payee=no(2)),),
        )
    ),
    "a rule of which nothing is said": agreed.when(compensation.SetCompensation(id=no(8))).then(
        compensation.CompensationSet(rule=no(8))
    ),
    "a rule changes": ruled.when(compensation.SetCompensation(id=no(8), section="别的断面", effective=on(2022))).then(
        compensation.CompensationSet(rule=no(8), section="别的断面", effective=on(2022))
    ),
    "a rule of one party": agreed.when(compensation.SetCompensation(upstream=no(2), downstream=no(2))).refused(
        errors.Invalid, "/downstream"
    ),
    "a rule of an ended agreement": ended.when(compensation.SetCompensation(section="新断面")).refused(errors.Ended),
    "a settlement": ruled.when(
        compensation.SettleCompensation(rule=no(8), period="2021", measured="Ⅲ类", amount=AMOUNT)
    ).then(compensation.CompensationSettled(rule=no(8), period="2021", measured="Ⅲ类", amount=AMOUNT)),
    "a settlement again": given(DECIDER, REGISTERED, RULE, SETTLED)
    .when(compensation.SettleCompensation(rule=no(8), period="2021", amount=AMOUNT))
    .then(),
    "another settlement of the same period": given(DECIDER, REGISTERED, RULE, SETTLED)
    .when(compensation.SettleCompensation(rule=no(8), period="2021", amount=Quantity(value="1", unit="万元")))
    .refused(errors.AlreadyOtherwise, "/period"),
    "a settlement under no rule": agreed.when(
        compensation.SettleCompensation(rule=no(8), period="2021", amount=AMOUNT)
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
        clauses.ClauseAmended(clause=no(7), heading="通达", citations=cite(2)),
        clauses.ClauseRenumbered(clause=no(7), label="二", citations=cite(3)),
        life.Attested(attests=f"clauses/{no(7)}", fields=("label",), citations=cite(4)),
        clauses.ClauseAmended(clause=no(7), heading="直达", citations=cite(5)),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Agreement)
    clause = state.clauses[str(no(7))]
    said = [(source.sequence, source.fields[:1]) for source in clause.sources]
    assert said == [(2, ()), (4, ("label",)), (5, ("label",)), (6, ("heading",))]
    assert life.amended(state)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: clauses.RecordClause(label="一"),
        lambda: clauses.AmendClause(clause=no(7)),
        lambda: clauses.AmendClause(clause=no(7), owed="each", instrument_clause=no(9)),
        lambda: clauses.RepealClause(clause=no(7), instrument_clause=no(9)),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: type) -> None:
    """A command that exists is well formed."""
    with pytest.raises(ValueError, match=r"."):
        wrong()
