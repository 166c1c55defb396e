"""The discrepancy: every command, and every refusal."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from service.domain import errors, meeting, statement
from service.domain.decider import Ref
from service.domain.discrepancy import DECIDER, Propose, Register, header
from service.domain.discrepancy.claims import ClaimDescribed, ClaimRecorded, RecordClaim, claim_id
from service.domain.discrepancy.life import Reopen, Reopened, Resolve, Resolved, Waive, Waived
from service.domain.discrepancy.state import Discrepancy, status
from service.domain.values import PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

MEETING, SPOKEN = f"meetings/{no(3)}", f"statements/{no(4)}"
TOPIC = statement.voices.TopicAdded(about=f"parties/{no(2)}")
DAY = UncertainDate(earliest=date(2021, 2, 6), latest=date(2021, 2, 6), printed="2月6日")
MET = {
    Ref("meetings", no(3)): newest(
        meeting.DECIDER,
        [
            meeting.header.Registered(title=PrintedName(printed="第二次联席会议")),
            meeting.life.Held(effective=DAY),
            meeting.conveners.ConvenerNamed(party=no(7)),
            meeting.conveners.ConvenerNamed(party=no(8)),
        ],
    )
}
SIXTH = {"earliest": "2021-02-06", "latest": "2021-02-06", "printed": "2月6日"}
HELD = RecordClaim(subject=MEETING, subject_part="steps/held", field="effective", value=SIXTH, citations=cite(1))
LATER = RecordClaim(
    id=no(21), subject=MEETING, subject_part="steps/held", field="effective", value={"latest": "2021-02-07"}
)
ONE = RecordClaim(id=no(31), subject=MEETING, subject_part=f"conveners/{no(7)}", citations=cite(3))
OTHER = RecordClaim(id=no(32), subject=MEETING, subject_part=f"conveners/{no(8)}", citations=cite(5))


def recorded(command: RecordClaim, claim: UUID | None = None) -> ClaimRecorded:
    """The event of a claim."""
    said = {name: getattr(command, name) for name in command.__struct_fields__ if name != "id"}
    return ClaimRecorded(claim=claim or claim_id(ID, command), **said)


DETECTED = header.Detected(what="会议由谁召集", proposed_by="curator")
GIVEN = (DETECTED, recorded(ONE), recorded(OTHER))
RESOLVED = Resolved(round=1, choose=no(31), reason="以公报为准")
WAIVED = Waived(round=1, reason="两说并存")
REOPENED = Reopened(round=2, reason="另有新证")

bare = given(DECIDER)
known = given(DECIDER, *GIVEN)
resolved = given(DECIDER, *GIVEN, RESOLVED)
waived = given(DECIDER, *GIVEN, WAIVED)
reopened = given(DECIDER, *GIVEN, RESOLVED, REOPENED)
full = given(DECIDER, DETECTED, *(ClaimRecorded(claim=no(100 + n), subject=MEETING, text=f"{n}") for n in range(20)))


def claims(scenario: Scenario, command: RecordClaim) -> Scenario:
    """A claim of the meeting."""
    return scenario.when(command, MET)


SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers what two sources say of one field": bare.when(
        Register(what="何时召开", claims=(HELD, LATER), citations=cite(0), basis="stated"), MET
    ).then(
        header.Detected(what="何时召开", proposed_by="curator", citations=cite(0), basis="stated"),
        ClaimRecorded(
            claim=claim_id(ID, HELD),
            subject=MEETING,
            subject_part="steps/held",
            field="effective",
            value=SIXTH,
            citations=cite(1),
            basis="stated",
        ),
        ClaimRecorded(
            claim=no(21),
            subject=MEETING,
            subject_part="steps/held",
            field="effective",
            value={"latest": "2021-02-07"},
            citations=cite(0),
            basis="stated",
        ),
    ),
    "registers two parts that both stand": bare.when(Register(what="会议由谁召集", claims=(ONE, OTHER)), MET).then(
        *GIVEN
    ),
    "what the registry noticed says so": bare.when(Propose(what="会议由谁召集", claims=(ONE, OTHER)), MET).then(
        header.Detected(what="会议由谁召集", proposed_by="registry"), *GIVEN[1:]
    ),
    "registered again from another source": known.when(
        Register(what="会议由谁召集", claims=(ONE, OTHER), citations=cite(9)), MET
    ).then(header.Attested(attests=1, citations=cite(9))),
    "registered again otherwise": known.when(Register(what="别的", claims=(ONE, OTHER)), MET).refused(
        errors.AlreadyOtherwise, "/what"
    ),
    "one claim twice is no discrepancy": bare.when(Register(what="何时", claims=(HELD, HELD)), MET).refused(
        errors.AlreadyOtherwise, "/claims/1"
    ),
    "nothing is settled that is not registered": bare.when(Waive(reason="无")).refused(errors.NotFound),
    # --- claims
    "a third claim": claims(known, HELD).then(recorded(HELD)),
    "told again it is attested": claims(
        known, RecordClaim(subject=MEETING, subject_part=ONE.subject_part, citations=cite(11))
    ).then(header.Attested(attests=2, citations=cite(11))),
    "told again with its words": claims(known, RecordClaim(id=no(31), subject=MEETING, text="省里召集")).then(
        ClaimDescribed(claim=no(31), text="省里召集")
    ),
    "its value becomes known": claims(
        given(DECIDER, DETECTED, ClaimRecorded(claim=no(21), subject=MEETING, subject_part="header", field="title")),
        RecordClaim(id=no(21), subject=MEETING, value={"printed": "会"}, subject_part="header", field="title"),
    ).then(ClaimDescribed(claim=no(21), value={"printed": "会"})),
    "a title as somebody else has it": claims(
        known, RecordClaim(id=no(22), subject=MEETING, subject_part="header", field="title", value={"printed": "会"})
    ).then(ClaimRecorded(claim=no(22), subject=MEETING, subject_part="header", field="title", value={"printed": "会"})),
    "the same claim of another part": claims(
        known, RecordClaim(id=no(31), subject=MEETING, subject_part=OTHER.subject_part)
    ).refused(errors.AlreadyOtherwise, "/subject_part"),
    "a part that does not stand": claims(known, RecordClaim(subject=MEETING, subject_part="steps/cancelled")).refused(
        errors.UnknownPart, "/subject_part"
    ),
    "a field that there is not": claims(
        known, RecordClaim(subject=MEETING, subject_part="steps/held", field="colour", value="红")
    ).refused(errors.UnknownPart, "/field"),
    "a value that the field cannot have": claims(
        known,
        RecordClaim(subject=MEETING, subject_part="steps/held", field="effective", value={"latest": "2021-02-30"}),
    ).refused(errors.Invalid, "/value/latest"),
    "a value that no line may hold": known.when(
        RecordClaim(subject=SPOKEN, subject_part=f"topics/parties/{no(2)}", field="about", value="a\u2028b"),
        {Ref("statements", no(4)): newest(statement.DECIDER, [TOPIC])},
    ).refused(errors.Invalid, "/value"),
    "of the discrepancy itself": known.when(RecordClaim(subject=f"discrepancies/{ID}")).refused(
        errors.Circular, "/subject"
    ),
    "more claims than anybody can weigh": claims(full, HELD).refused(errors.Invalid, ""),
    "a claim on a day": claims(known, RecordClaim(subject=MEETING, effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    # --- life
    "resolved": known.when(Resolve(choose=no(31), reason="以公报为准")).then(RESOLVED),
    "resolved by what nobody claims": known.when(Resolve(choose=no(99), reason="x")).refused(
        errors.UnknownPart, "/choose"
    ),
    "resolved again for the same reason": resolved.when(Resolve(choose=no(31), reason="以公报为准")).then(),
    "from another source too": resolved.when(
        Resolve(choose=no(31), reason="以公报为准", citations=cite(7), basis="stated")
    ).then(header.Attested(attests=4, citations=cite(7), basis="stated")),
    "resolved otherwise": resolved.when(Resolve(choose=no(32), reason="以公报为准")).refused(
        errors.AlreadyOtherwise, "/choose"
    ),
    "waived": known.when(Waive(reason="两说并存")).then(WAIVED),
    "waived again": waived.when(Waive(reason="两说并存")).then(),
    "waived when it is resolved": resolved.when(Waive(reason="两说并存")).refused(errors.NotInThisState),
    "resolved on a day": known.when(Resolve(choose=no(31), reason="x", effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "reopened": resolved.when(Reopen(reason="另有新证")).then(REOPENED),
    "reopened after a waiving": waived.when(Reopen(reason="另有新证")).then(REOPENED),
    "reopened again": reopened.when(Reopen(reason="另有新证")).then(),
    "reopened for another reason": reopened.when(Reopen(reason="别的")).refused(errors.AlreadyOtherwise, "/reason"),
    "reopened when it is open": known.when(Reopen(reason="x")).refused(errors.NotInThisState),
    "resolved in the second round": reopened.when(Resolve(choose=no(32), reason="新证")).then(
        Resolved(round=2, choose=no(32), reason="新证")
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def test_its_status_is_that_of_the_last_round() -> None:
    """Detected, resolved or waived, reopened, and so on."""
    told = [*GIVEN, RESOLVED, REOPENED, Waived(round=2, reason="x"), Reopened(round=3, reason="y")]
    found = []
    for count in range(3, len(told) + 1):
        state = newest(DECIDER, told[:count])
        assert isinstance(state, Discrepancy)
        found.append(status(state))
    assert found == ["detected", "resolved", "reopened", "waived", "reopened"]


def test_a_claim_says_something_of_something() -> None:
    """A field is of a part, a value of a field."""
    with pytest.raises(ValueError, match="subject_part"):
        RecordClaim(subject=MEETING, field="title")
    with pytest.raises(ValueError, match="field"):
        RecordClaim(subject=MEETING, subject_part="header", value="甲")


def test_a_value_is_kept_in_the_one_encoding_that_it_has() -> None:
    """Two tellings of it are one claim."""
    for value in ({"printed": "2月6日", "latest": "2021-02-06", "earliest": "2021-02-06"}, SIXTH):
        command = RecordClaim(subject=MEETING, subject_part="steps/held", field="effective", value=value)
        assert known.when(command, MET).decided() == [recorded(replace(HELD, citations=()))]
