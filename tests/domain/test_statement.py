"""The statement: every command, and every refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service.domain import errors, meeting, participants
from service.domain import party as parties
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseAdded, ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.agreement.life import Signed
from service.domain.decider import Event, Ref, State
from service.domain.statement import DECIDER, Register, header, life, voices
from service.domain.statement.state import Statement, status
from service.domain.values import Magnitude, Period, Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on


def spoke(**told: Any) -> voices.ParticipantAdded:
    """A participant, with the id that follows from the words."""
    return voices.ParticipantAdded(participant=participants.id_of(ID, voices.AddParticipant(**told)), **told)


TEXT = "愿把更多资源带到该市,为企业服务。"
REGISTERED = header.Registered(text=TEXT)
DAY = UncertainDate(earliest=date(2016, 4, 7), latest=date(2016, 4, 7), printed="4月7日", basis="stated")
MADE = life.Made(effective=DAY, meeting=no(3))
INFERRED = UncertainDate(earliest=date(2016, 4, 7), latest=date(2016, 4, 7), basis="inferred")
OUTSIDE = UncertainDate(earliest=date(2016, 4, 7), latest=date(2016, 4, 7), printed="4月7日", basis="external")
SINCE = UncertainDate(earliest=date(2016, 4, 7), precision="after", basis="inferred")
SOME_DAY = UncertainDate(precision="unknown", basis="inferred")
MET = {
    Ref("meetings", no(3)): newest(
        meeting.DECIDER, [meeting.header.Registered(called="座谈会"), meeting.life.Held(effective=DAY)]
    )
}
ABROAD = {
    Ref("meetings", no(3)): newest(
        meeting.DECIDER, [meeting.header.Registered(called="座谈会"), meeting.life.Held(effective=OUTSIDE)]
    )
}


def signed(*events: Event) -> dict[Ref, State]:
    """An agreement after these events."""
    return {Ref("agreements", no(6)): newest(AGREEMENTS, [AgreementRegistered(called="某协议"), *events])}


YEAR: dict[str, Any] = {"earliest": date(2017, 1, 1), "latest": date(2017, 12, 31), "precision": "year"}
PLANNED = {Ref("meetings", no(3)): newest(meeting.DECIDER, [meeting.header.Registered(called="座谈会")])}
HEAD = Person(name=PrintedName(printed="某乙"), title="理事长")
SPOKE = spoke(role="speaker", person=HEAD)
ONE, CLAUSE = f"agreements/{no(6)}", f"clauses/{no(9)}"
AGREED = {
    Ref("agreements", no(6)): newest(
        AGREEMENTS, [AgreementRegistered(called="某协议"), ClauseRecorded(clause=no(9), heading="某")]
    )
}
TAKEN = life.TakenUp(by=ONE, by_part=CLAUSE, effective=on(2017))
WITHDRAWN = life.Withdrawn(effective=on(2018), grounds="情况有变")
DUPLICATE = header.DuplicateMerged(into=no(4))
PERFORMED = voices.PerformanceRecorded(performers=(no(2),))
TOPIC = voices.TopicAdded(about=f"parties/{no(2)}")

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
made = given(DECIDER, REGISTERED, MADE)
taken = given(DECIDER, REGISTERED, MADE, TAKEN)
gone = given(DECIDER, REGISTERED, MADE, WITHDRAWN)
merged = given(DECIDER, REGISTERED, DUPLICATE)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            text=TEXT,
            kind="promise",
            made=life.Make(effective=DAY, meeting=no(3)),
            performance=voices.RecordPerformance(performers=(no(3), no(2), no(3)), basis="inferred"),
            participants=(
                voices.AddParticipant(role="speaker", person=HEAD, citations=cite(5)),
                voices.AddParticipant(role="principal", party=no(2)),
                voices.AddParticipant(role="addressee", group="企业"),
            ),
            topics=(voices.AddTopic(about=f"parties/{no(2)}"),),
            uptakes=(life.TakeUp(by=ONE, effective=on(2017)),),
            withdrawn=life.Withdraw(effective=on(2018)),
            citations=cite(0),
            basis="stated",
        )
    ).then(
        header.Registered(text=TEXT, citations=cite(0), basis="stated"),
        header.Described(kind="promise", citations=cite(0), basis="stated"),
        life.Made(effective=DAY, meeting=no(3), citations=cite(0), basis="stated"),
        voices.PerformanceRecorded(performers=(no(2), no(3)), citations=cite(0), basis="inferred"),
        spoke(role="speaker", person=HEAD, citations=cite(5), basis="stated"),
        spoke(role="principal", party=no(2), citations=cite(0), basis="stated"),
        spoke(role="addressee", group="企业", citations=cite(0), basis="stated"),
        voices.TopicAdded(about=f"parties/{no(2)}", citations=cite(0), basis="stated"),
        life.TakenUp(by=ONE, effective=on(2017), citations=cite(0), basis="stated"),
        life.Withdrawn(effective=on(2018), citations=cite(0), basis="stated"),
    ),
    "registered on a day": bare.when(Register(text=TEXT, effective=on(2020))).refused(errors.Invalid, "/effective"),
    "registered again from another source": known.when(Register(text=TEXT, citations=cite(1))).then(
        header.Attested(attests=1, citations=cite(1))
    ),
    "registered again otherwise": known.when(Register(text="别的")).refused(errors.AlreadyOtherwise, "/text"),
    "registered again, more being known": made.when(
        Register(text=TEXT, kind="promise", made=life.Make(meeting=no(3), place="某厅"))
    ).then(header.Described(kind="promise"), life.StepDescribed(step="made", place="某厅")),
    "nothing happens to what is not registered": bare.when(life.Make()).refused(errors.NotFound),
    # --- header
    "its kind becomes known": known.when(header.Describe(kind="talk")).then(header.Described(kind="talk")),
    "its kind is another": given(DECIDER, REGISTERED, header.Described(kind="promise"))
    .when(header.Describe(kind="talk"))
    .refused(errors.AlreadyOtherwise, "/kind"),
    "described on a day": known.when(header.Describe(kind="talk", effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is a duplicate": known.when(header.MergeDuplicate(into=no(4))).then(DUPLICATE),
    "is a duplicate of itself": known.when(header.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is none after all": merged.when(header.UnmergeDuplicate()).then(header.DuplicateUnmerged()),
    "was none": known.when(header.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate is not changed": merged.when(voices.AddParticipant(role="speaker", person=HEAD)).refused(
        errors.NotInThisState
    ),
    # --- life
    "is made": known.when(life.Make(effective=DAY, place="北京")).then(life.Made(effective=DAY, place="北京")),
    "is made on the day of the meeting": known.when(life.Make(meeting=no(3)), MET).then(
        life.Made(meeting=no(3), effective=INFERRED)
    ),
    "is made on the unknown day of a meeting": known.when(life.Make(meeting=no(3)), PLANNED).then(
        life.Made(meeting=no(3))
    ),
    "is made on a day that rests on something outside the documents": known.when(life.Make(meeting=no(3)), ABROAD).then(
        life.Made(
            meeting=no(3),
            effective=UncertainDate(earliest=date(2016, 4, 7), latest=date(2016, 4, 7), basis="external"),
        )
    ),
    "is made again, without a day": made.when(life.Make(meeting=no(3), citations=cite(1)), MET).then(
        header.Attested(attests=2, fields=("step", "meeting"), citations=cite(1))
    ),
    "at which meeting becomes known": given(DECIDER, REGISTERED, life.Made(effective=DAY))
    .when(life.Make(meeting=no(3)), MET)
    .then(life.StepDescribed(step="made", meeting=no(3))),
    "is made at another meeting": made.when(life.Make(meeting=no(4))).refused(errors.AlreadyOtherwise, "/meeting"),
    "is made on another day": made.when(life.Make(effective=on(2016))).refused(errors.AlreadyOtherwise, "/effective"),
    "is taken up by a clause": made.when(life.TakeUp(by=ONE, by_part=CLAUSE, effective=on(2017)), AGREED).then(TAKEN),
    "is taken up by another thing too, nobody knows when": taken.when(life.TakeUp(by=f"parties/{no(2)}")).then(
        life.TakenUp(by=f"parties/{no(2)}", effective=SINCE)
    ),
    "is taken up when nobody knows when it was made": known.when(life.TakeUp(by=f"parties/{no(2)}")).then(
        life.TakenUp(by=f"parties/{no(2)}", effective=SOME_DAY)
    ),
    "is taken up by an agreement signed later": made.when(life.TakeUp(by=ONE), signed(Signed(effective=on(2017)))).then(
        life.TakenUp(
            by=ONE, effective=UncertainDate(earliest=date(2017, 1, 1), latest=date(2017, 1, 1), basis="inferred")
        )
    ),
    "is taken up by a body founded later": made.when(
        life.TakeUp(by=f"parties/{no(2)}"),
        {
            Ref("parties", no(2)): newest(
                parties.DECIDER,
                [
                    parties.identity.Registered(kind="mechanism", name=PrintedName(printed="某机制")),
                    parties.life.Founded(effective=UncertainDate(**YEAR, printed="次年", basis="external")),
                ],
            )
        },
    ).then(life.TakenUp(by=f"parties/{no(2)}", effective=UncertainDate(**YEAR, basis="external"))),
    "is taken up by an agreement signed before": made.when(
        life.TakeUp(by=ONE), signed(Signed(effective=on(2015)))
    ).then(life.TakenUp(by=ONE, effective=SINCE)),
    "is taken up by a clause that came in later": made.when(
        life.TakeUp(by=ONE, by_part=CLAUSE),
        signed(
            Signed(effective=on(2015)),
            ClauseAdded(clause=no(9), heading="某", instrument=no(7), effective=on(2017)),
        ),
    ).then(
        life.TakenUp(
            by=ONE,
            by_part=CLAUSE,
            effective=UncertainDate(earliest=date(2017, 1, 1), latest=date(2017, 1, 1), basis="inferred"),
        )
    ),
    "is taken up again": taken.when(life.TakeUp(by=ONE, by_part=CLAUSE, citations=cite(1)), AGREED).then(
        header.Attested(attests=3, citations=cite(1))
    ),
    "is taken up since another day": taken.when(
        life.TakeUp(by=ONE, by_part=CLAUSE, effective=on(2019)), AGREED
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "is taken up by a clause that is none": made.when(life.TakeUp(by=ONE, by_part=f"clauses/{no(8)}"), AGREED).refused(
        errors.UnknownPart, "/by_part"
    ),
    "is taken up by a document": made.when(life.TakeUp(by=f"documents/{no(2)}")).refused(errors.WrongKind, "/by"),
    "is taken up by itself": made.when(life.TakeUp(by=f"statements/{ID}")).refused(errors.Circular, "/by"),
    "is taken up after it was withdrawn": gone.when(life.TakeUp(by=ONE)).refused(errors.Ended),
    "had been taken up before it was withdrawn": gone.when(life.TakeUp(by=ONE, effective=on(2017))).then(
        life.TakenUp(by=ONE, effective=on(2017))
    ),
    "is withdrawn": taken.when(life.Withdraw(effective=on(2018), grounds="情况有变")).then(WITHDRAWN),
    "is withdrawn, nobody knows when": made.when(life.Withdraw()).then(life.Withdrawn(effective=SINCE)),
    "is withdrawn, nobody knows when it was made": known.when(life.Withdraw()).then(life.Withdrawn(effective=SOME_DAY)),
    "who withdrew it becomes known": gone.when(life.Withdraw(by=(no(3), no(2)))).then(
        life.StepDescribed(step="withdrawn", by=(no(2), no(3)))
    ),
    "is withdrawn on other grounds": gone.when(life.Withdraw(grounds="无")).refused(
        errors.AlreadyOtherwise, "/grounds"
    ),
    # --- voices
    "somebody said it": made.when(voices.AddParticipant(role="speaker", person=HEAD)).then(SPOKE),
    "the speaker becomes better known": given(DECIDER, REGISTERED, SPOKE)
    .when(
        voices.AddParticipant(
            role="speaker", person=Person(name=PrintedName(printed="某乙"), organisations=(no(2),)), citations=cite(1)
        )
    )
    .then(
        voices.ParticipantDescribed(
            participant=SPOKE.participant,
            person=Person(name=PrintedName(printed="某乙"), title="理事长", organisations=(no(2),)),
            citations=cite(1),
        ),
        header.Attested(attests=2, fields=("id", "role"), citations=cite(1)),
    ),
    "several said it": given(DECIDER, REGISTERED, SPOKE)
    .when(voices.AddParticipant(role="speaker", party=no(2), group="各县"))
    .then(spoke(role="speaker", party=no(2), group="各县")),
    "to how many it was said becomes known": given(DECIDER, REGISTERED, spoke(role="addressee", group="嘉宾"))
    .when(voices.AddParticipant(role="addressee", group="嘉宾", number=Magnitude(value="9", unit="人", bound="exact")))
    .then(
        voices.ParticipantDescribed(
            participant=spoke(role="addressee", group="嘉宾").participant,
            number=Magnitude(value="9", unit="人", bound="exact"),
        )
    ),
    "what it is about": made.when(voices.AddTopic(about=f"parties/{no(2)}")).then(TOPIC),
    "what it is about, said again": given(DECIDER, REGISTERED, TOPIC)
    .when(voices.AddTopic(about=f"parties/{no(2)}", citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1))),
    "about a clause": made.when(voices.AddTopic(about=ONE, about_part=CLAUSE), AGREED).then(
        voices.TopicAdded(about=ONE, about_part=CLAUSE)
    ),
    "about a clause that is none": made.when(voices.AddTopic(about=ONE, about_part=f"clauses/{no(8)}"), AGREED).refused(
        errors.UnknownPart, "/about_part"
    ),
    "about itself": made.when(voices.AddTopic(about=f"statements/{ID}")).refused(errors.Circular, "/about"),
    "about something since a day": made.when(voices.AddTopic(about=f"parties/{no(2)}", effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "who is to do it": made.when(voices.RecordPerformance(performers=(no(2),))).then(PERFORMED),
    "by when becomes known": given(DECIDER, REGISTERED, PERFORMED)
    .when(
        voices.RecordPerformance(
            performers=(no(2),), due=on(2025), period=Period(printed="十四五期间"), manner="each", citations=cite(1)
        )
    )
    .then(
        voices.PerformanceRecorded(due=on(2025), period=Period(printed="十四五期间"), manner="each", citations=cite(1)),
        header.Attested(attests=2, citations=cite(1)),
    ),
    "others are to do it": given(DECIDER, REGISTERED, PERFORMED)
    .when(voices.RecordPerformance(performers=(no(3),)))
    .refused(errors.AlreadyOtherwise, "/performers"),
    "to be done since a day": made.when(voices.RecordPerformance(performers=(no(2),), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    header.Described,
    lambda: life.StepDescribed(step="made"),
    lambda: voices.AddParticipant(role="speaker"),
    lambda: voices.ParticipantDescribed(participant=no(2)),
    voices.RecordPerformance,
    voices.PerformanceRecorded,
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_says_nothing_is_no_value(number: int) -> None:
    """A command or an event that means nothing does not exist."""
    with pytest.raises(ValueError, match=r"\w"):
        MALFORMED[number]()


def test_status() -> None:
    """What was withdrawn stays so; what nobody dates is registered."""
    for events, wanted in (
        ([REGISTERED], "registered"),
        ([REGISTERED, MADE], "made"),
        ([REGISTERED, MADE, TAKEN], "taken_up"),
        ([REGISTERED, MADE, TAKEN, WITHDRAWN], "withdrawn"),
        ([REGISTERED, MADE, TAKEN, DUPLICATE], "merged"),
    ):
        state = newest(DECIDER, events)
        assert isinstance(state, Statement)
        assert status(state) == wanted
