"""The meeting: every command, and every refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service.domain import document, errors, participants
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.agreement.signatories import SignatoryAdded
from service.domain.decider import Ref
from service.domain.document.description import Registered as DocumentRegistered
from service.domain.document.text import TextCaptured, TextVersionRecorded
from service.domain.meeting import DECIDER, Register, activities, attendance, conveners, header, life, resolutions
from service.domain.meeting.state import Meeting, status
from service.domain.values import Magnitude, Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, held_on, newest, no, on


def was(**told: Any) -> attendance.AttendanceRecorded:
    """Somebody at the meeting, with the id that follows from the words."""
    return attendance.AttendanceRecorded(attendance=participants.id_of(ID, attendance.RecordAttendance(**told)), **told)


def learnt(of: attendance.AttendanceRecorded, **told: Any) -> attendance.AttendanceDescribed:
    """What became known of somebody."""
    return attendance.AttendanceDescribed(attendance=of.attendance, **told)


TITLE = PrintedName(printed="某经济圈第二次联席会议")
REGISTERED = header.Registered(title=TITLE)
HELD = life.Held(effective=on(2021, 2, 6), place="某厅")
CANCELLED = life.Cancelled(effective=on(2021, 2, 5))
DUPLICATE = header.DuplicateMerged(into=no(3))
OTHER = {Ref("meetings", no(3)): newest(DECIDER, [REGISTERED, header.DuplicateMerged(into=no(4))])}
MINE = {Ref("meetings", no(3)): newest(DECIDER, [REGISTERED, header.DuplicateMerged(into=ID)])}
INSIDE = {Ref("meetings", no(3)): newest(DECIDER, [REGISTERED, header.Described(within=ID)])}
MAYOR = Person(name=PrintedName(printed="某甲"), title="市长")
WRONG = Person(name=PrintedName(printed="某申"), title="市长")
NAMELY = Person(name=PrintedName(printed="某甲"))
SEATED = Person(name=PrintedName(printed="某甲", script="hans"), title="市长", organisations=(no(2),))
SPOKE = was(role="speaker", person=MAYOR)
REVIEWED = activities.ActivityRecorded(activity=no(8), sort="reviewed", text="总结工作。")
MANY = Magnitude(value="186", unit="家", bound="exact")
PLAN = PrintedName(printed="行动方案")
ADOPTED = resolutions.ResolutionRecorded(resolution=no(7), manner="adopted", name=PLAN)
PAPER = f"documents/{no(5)}"
CLAUSE = f"clauses/{no(9)}"
TEXTED = {
    Ref("documents", no(5)): newest(
        document.DECIDER,
        [
            DocumentRegistered(kind="minutes"),
            TextCaptured(sha256="a" * 64, length=9),
            TextVersionRecorded(
                sort="simplified", sha256="b" * 64, length=9, derived_from="a" * 64, tool="t", tool_version="1"
            ),
        ],
    )
}
AGREED = {
    Ref("agreements", no(6)): newest(
        AGREEMENTS,
        [AgreementRegistered(called="某协议"), ClauseRecorded(clause=no(9), heading="某"), SignatoryAdded(party=no(2))],
    )
}
HOUR = Magnitude(value="1", unit="小时", bound="about")

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
held = given(DECIDER, REGISTERED, HELD)
merged = given(DECIDER, REGISTERED, DUPLICATE)
off = given(DECIDER, REGISTERED, CANCELLED)
attended = given(DECIDER, REGISTERED, HELD, SPOKE)
resolved = given(DECIDER, REGISTERED, ADOPTED)
reviewed = given(DECIDER, REGISTERED, HELD, REVIEWED)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            kinds=("promotion_meeting", "joint_conference", "promotion_meeting"),
            within=no(3),
            titles=(header.AddTitle(title=PrintedName(printed="联席会"), variant="short", citations=cite(9)),),
            announced=life.Announce(planned=on(2021, 2, 6), by=(no(3), no(2), no(3))),
            held=life.Hold(effective=on(2021, 2, 6)),
            sessions=(conveners.RecordSession(body=no(4), number=2),),
            conveners=(
                conveners.NameConvener(party=no(2), citations=cite(5)),
                conveners.NameConvener(party=no(3), basis="inferred"),
            ),
            attendance=(attendance.RecordAttendance(role="chair", person=MAYOR),),
            resolutions=(resolutions.RecordResolution(id=no(7), manner="adopted", name=PLAN, by=(no(3), no(2))),),
            citations=cite(0),
            basis="stated",
        )
    ).then(
        header.Registered(title=TITLE, citations=cite(0), basis="stated"),
        header.Classified(kind="joint_conference", citations=cite(0), basis="stated"),
        header.Classified(kind="promotion_meeting", citations=cite(0), basis="stated"),
        header.Described(within=no(3), citations=cite(0), basis="stated"),
        life.Held(effective=on(2021, 2, 6), citations=cite(0), basis="stated"),
        life.Announced(planned=on(2021, 2, 6), by=(no(2), no(3)), citations=cite(0), basis="stated"),
        header.Titled(title=PrintedName(printed="联席会"), variant="short", citations=cite(9), basis="stated"),
        conveners.SessionRecorded(body=no(4), number=2, citations=cite(0), basis="stated"),
        conveners.ConvenerNamed(party=no(2), citations=cite(5), basis="stated"),
        conveners.ConvenerNamed(party=no(3), citations=cite(0), basis="inferred"),
        was(role="chair", person=MAYOR, citations=cite(0), basis="stated"),
        resolutions.ResolutionRecorded(
            resolution=no(7), manner="adopted", name=PLAN, by=(no(2), no(3)), citations=cite(0), basis="stated"
        ),
    ),
    "registered without a title": bare.when(Register(called="市领导的一次会见", cancelled=life.Cancel())).then(
        header.Registered(called="市领导的一次会见"), life.Cancelled()
    ),
    "registered on a day": bare.when(Register(title=TITLE, effective=on(2020))).refused(errors.Invalid, "/effective"),
    "registered again from another source": known.when(Register(title=TITLE, citations=cite(1))).then(
        header.Attested(attests=1, citations=cite(1))
    ),
    "registered again otherwise": known.when(Register(title=PrintedName(printed="别的会议"))).refused(
        errors.AlreadyOtherwise, "/title"
    ),
    "registered again, more being known": held.when(
        Register(title=TITLE, kinds=("forum",), held=life.Hold(lasts=HOUR, citations=cite(3)))
    ).then(
        header.Classified(kind="forum"),
        life.StepDescribed(step="held", lasts=HOUR, citations=cite(3)),
        header.Attested(attests=2, fields=("step",), citations=cite(3)),
    ),
    "registered again with a part more": known.when(
        Register(title=TITLE, conveners=(conveners.NameConvener(party=no(2)),))
    ).refused(errors.AlreadyOtherwise, "/conveners/0"),
    "nothing happens to what is not registered": bare.when(life.Hold()).refused(errors.NotFound),
    # --- header
    "what it is a part of becomes known": known.when(header.Describe(within=no(3))).then(
        header.Described(within=no(3))
    ),
    "another source adds a kind and attests one": given(DECIDER, REGISTERED, header.Classified(kind="forum"))
    .when(header.Describe(kinds=("visit", "forum", "visit"), citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1)), header.Classified(kind="visit", citations=cite(1))),
    "registered again with a kind more": given(DECIDER, REGISTERED, header.Classified(kind="forum"))
    .when(Register(title=TITLE, kinds=("forum", "visit")))
    .then(header.Classified(kind="visit")),
    "described on a day": known.when(header.Describe(kinds=("visit",), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is a part of itself": known.when(header.Describe(within=ID)).refused(errors.Circular, "/within"),
    "is a part of its own part": known.when(header.Describe(within=no(3)), INSIDE).refused(errors.Circular, "/within"),
    "another title": known.when(header.AddTitle(title=PrintedName(printed="座谈会"), variant="short")).then(
        header.Titled(title=PrintedName(printed="座谈会"), variant="short")
    ),
    "the main title told as another": known.when(header.AddTitle(title=TITLE, citations=cite(2))).then(
        header.Attested(attests=1, citations=cite(2))
    ),
    "of what sort a title is becomes known": given(
        DECIDER, REGISTERED, header.Titled(title=PrintedName(printed="座谈会"))
    )
    .when(header.AddTitle(title=PrintedName(printed="座谈会"), variant="short"))
    .then(header.Titled(title=PrintedName(printed="座谈会"), variant="short")),
    "is a duplicate": known.when(header.MergeDuplicate(into=no(3))).then(DUPLICATE),
    "is a duplicate of itself": known.when(header.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is a duplicate of a duplicate": known.when(header.MergeDuplicate(into=no(3)), OTHER).refused(
        errors.NotInThisState, "/into"
    ),
    "is a duplicate of its own duplicate": known.when(header.MergeDuplicate(into=no(3)), MINE).refused(
        errors.Circular, "/into"
    ),
    "is a duplicate of two": merged.when(header.MergeDuplicate(into=no(4))).refused(errors.AlreadyOtherwise, "/into"),
    "is none after all": merged.when(header.UnmergeDuplicate()).then(header.DuplicateUnmerged()),
    "was none": known.when(header.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate is not changed": merged.when(life.Hold()).refused(errors.NotInThisState),
    "a duplicate is attested": merged.when(header.AddTitle(title=TITLE, citations=cite(2))).then(
        header.Attested(attests=1, citations=cite(2))
    ),
    # --- conveners
    "is a session of a body": known.when(conveners.RecordSession(body=no(4))).then(
        conveners.SessionRecorded(body=no(4))
    ),
    "the how many-th becomes known": given(DECIDER, REGISTERED, conveners.SessionRecorded(body=no(4)))
    .when(conveners.RecordSession(body=no(4), number=2, citations=cite(1)))
    .then(
        conveners.SessionDescribed(body=no(4), number=2, citations=cite(1)),
        header.Attested(attests=2, citations=cite(1)),
    ),
    "of which term becomes known": given(DECIDER, REGISTERED, conveners.SessionRecorded(body=no(4), number=3))
    .when(conveners.RecordSession(body=no(4), term=14, number=3))
    .then(conveners.SessionDescribed(body=no(4), term=14)),
    "is another session": given(DECIDER, REGISTERED, conveners.SessionRecorded(body=no(4), number=2))
    .when(conveners.RecordSession(body=no(4), number=3))
    .refused(errors.AlreadyOtherwise, "/number"),
    "is convened": known.when(conveners.NameConvener(party=no(2), role="host")).then(
        conveners.ConvenerNamed(party=no(2), role="host")
    ),
    "another source names another convener": given(DECIDER, REGISTERED, conveners.ConvenerNamed(party=no(2)))
    .when(conveners.NameConvener(party=no(3), citations=cite(1)))
    .then(conveners.ConvenerNamed(party=no(3), citations=cite(1))),
    "another source has it convened as something else": given(
        DECIDER, REGISTERED, conveners.ConvenerNamed(party=no(2), role="host")
    )
    .when(conveners.NameConvener(party=no(2), role="organiser"))
    .then(conveners.ConvenerNamed(party=no(2), role="organiser")),
    "how a convener is printed becomes known": given(
        DECIDER, REGISTERED, conveners.ConvenerNamed(party=no(2), role="host")
    )
    .when(conveners.NameConvener(party=no(2), name=PrintedName(printed="甲市"), citations=cite(1)))
    .then(
        conveners.ConvenerDescribed(party=no(2), role="host", name=PrintedName(printed="甲市"), citations=cite(1)),
        header.Attested(attests=2, fields=("party",), citations=cite(1)),
    ),
    "other words for the same role": given(
        DECIDER,
        REGISTERED,
        conveners.ConvenerNamed(party=no(2), role="host", wording=PrintedName(printed="舉辦", simplified="举办")),
    )
    .when(conveners.NameConvener(party=no(2), role="host", wording=PrintedName(printed="主办")))
    .refused(errors.AlreadyOtherwise, "/wording"),
    "in which words it was convened becomes known": given(
        DECIDER, REGISTERED, conveners.ConvenerNamed(party=no(2), role="host")
    )
    .when(conveners.NameConvener(party=no(2), role="host", wording=PrintedName(printed="主办")))
    .then(conveners.ConvenerDescribed(party=no(2), role="host", wording=PrintedName(printed="主办"))),
    "is convened on a day": known.when(conveners.NameConvener(party=no(2), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    # --- life
    "is announced": known.when(life.Announce(planned=on(2022), effective=on(2021), venue=no(3))).then(
        life.Announced(planned=on(2022), effective=on(2021), venue=no(3))
    ),
    "is announced, as is learnt late": held.when(life.Announce(planned=on(2021))).then(
        life.Announced(planned=on(2021))
    ),
    "is held, and ends before it began": held.when(life.Hold(ends=on(2021, 2, 5))).refused(errors.Invalid, "/ends"),
    "is held": known.when(life.Hold(effective=on(2021), ends=on(2021, 1, 2), lasts=HOUR)).then(
        life.Held(effective=on(2021), ends=on(2021, 1, 2), lasts=HOUR)
    ),
    "where it was held becomes known": held.when(life.Hold(venue=no(3), place="某厅", citations=cite(1))).then(
        life.StepDescribed(step="held", venue=no(3), citations=cite(1)),
        header.Attested(attests=2, fields=("step", "place"), citations=cite(1)),
    ),
    "is held on another day": held.when(life.Hold(effective=on(2021, 2, 7))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "is held elsewhere": held.when(life.Hold(place="别处")).refused(errors.AlreadyOtherwise, "/place"),
    "is called off": known.when(life.Cancel(by=(no(3), no(2)), grounds="因故")).then(
        life.Cancelled(by=(no(2), no(3)), grounds="因故")
    ),
    "is called off after it was held": held.when(life.Cancel()).refused(errors.NotInThisState),
    "is held after it was called off": off.when(life.Hold()).refused(errors.NotInThisState),
    # --- attendance
    "a person spoke": held.when(attendance.RecordAttendance(role="speaker", person=MAYOR)).then(SPOKE),
    "the same person in another role": attended.when(attendance.RecordAttendance(role="chair", person=MAYOR)).then(
        was(role="chair", person=MAYOR)
    ),
    "the same person under another title": attended.when(
        attendance.RecordAttendance(
            role="speaker", person=Person(name=PrintedName(printed="某甲"), title="副书记、市长"), citations=cite(1)
        )
    ).then(
        was(role="speaker", person=Person(name=PrintedName(printed="某甲"), title="副书记、市长"), citations=cite(1))
    ),
    "the same person without a title": attended.when(
        attendance.RecordAttendance(role="speaker", person=NAMELY, citations=cite(1))
    ).then(header.Attested(attests=3, citations=cite(1))),
    "the person becomes better known": attended.when(attendance.RecordAttendance(role="speaker", person=SEATED)).then(
        learnt(SPOKE, person=SEATED)
    ),
    "the person belongs elsewhere": given(DECIDER, REGISTERED, was(role="speaker", person=SEATED))
    .when(
        attendance.RecordAttendance(
            role="speaker", person=Person(name=PrintedName(printed="某甲"), title="市长", organisations=(no(3),))
        )
    )
    .refused(errors.AlreadyOtherwise, "/person"),
    "somebody known by an id, in a role that was unknown": given(DECIDER, REGISTERED, was(person=MAYOR))
    .when(
        attendance.RecordAttendance(
            id=was(person=MAYOR).attendance, role="chair", person=MAYOR, party=no(2), citations=cite(1)
        )
    )
    .then(
        learnt(was(person=MAYOR), role="chair", party=no(2), citations=cite(1)),
        header.Attested(attests=2, citations=cite(1)),
    ),
    "somebody whose name was corrected is known by the new one": given(
        DECIDER,
        REGISTERED,
        attendance.AttendanceRecorded(
            attendance=was(role="speaker", person=WRONG).attendance, role="speaker", person=MAYOR
        ),
    )
    .when(attendance.RecordAttendance(role="speaker", person=MAYOR, citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1))),
    "under an id of its own": held.when(attendance.RecordAttendance(id=no(9), party=no(2))).then(
        attendance.AttendanceRecorded(attendance=no(9), party=no(2))
    ),
    "under an id that is somebody else's": given(DECIDER, REGISTERED, SPOKE)
    .when(attendance.RecordAttendance(id=SPOKE.attendance, role="speaker", person=WRONG))
    .refused(errors.AlreadyOtherwise, "/person"),
    "parties and people counted": held.when(attendance.RecordAttendance(group="企业", number=MANY)).then(
        was(group="企业", number=MANY)
    ),
    "how many they were becomes known": given(DECIDER, REGISTERED, was(group="企业"))
    .when(attendance.RecordAttendance(group="企业", number=MANY))
    .then(learnt(was(group="企业"), number=MANY)),
    "a party as such, under another name": given(DECIDER, REGISTERED, was(role="attendee", party=no(2)))
    .when(attendance.RecordAttendance(role="attendee", party=no(2), name=PrintedName(printed="甲市")))
    .then(learnt(was(role="attendee", party=no(2)), name=PrintedName(printed="甲市"))),
    "nobody was at what was called off": off.when(attendance.RecordAttendance(party=no(2))).refused(
        errors.NotInThisState
    ),
    # --- resolutions
    "a resolution": held.when(resolutions.RecordResolution(id=no(7), manner="adopted", name=PLAN)).then(ADOPTED),
    "the version adopted becomes known": resolved.when(
        resolutions.RecordResolution(
            id=no(7), about=f"parties/{no(2)}", document=no(5), version="审议稿", sha256="a" * 64
        ),
        TEXTED,
    ).then(
        resolutions.ResolutionDescribed(
            resolution=no(7), about=f"parties/{no(2)}", document=no(5), version="审议稿", sha256="a" * 64
        ),
    ),
    "a derived text was adopted": held.when(
        resolutions.RecordResolution(id=no(7), manner="adopted", text="某", document=no(5), sha256="b" * 64), TEXTED
    ).then(
        resolutions.ResolutionRecorded(resolution=no(7), manner="adopted", text="某", document=no(5), sha256="b" * 64)
    ),
    "a text that the document has not": held.when(
        resolutions.RecordResolution(id=no(7), manner="adopted", text="某", document=no(5), sha256="c" * 64), TEXTED
    ).refused(errors.UnknownPart, "/sha256"),
    "a text of a document that has none": held.when(
        resolutions.RecordResolution(id=no(7), manner="adopted", text="某", document=no(6), sha256="a" * 64)
    ).refused(errors.UnknownPart, "/sha256"),
    "about a clause": held.when(
        resolutions.RecordResolution(
            id=no(7), manner="agreed", text="某", about=f"agreements/{no(6)}", about_part=CLAUSE
        ),
        AGREED,
    ).then(
        resolutions.ResolutionRecorded(
            resolution=no(7), manner="agreed", text="某", about=f"agreements/{no(6)}", about_part=CLAUSE
        )
    ),
    "about a clause that is none": held.when(
        resolutions.RecordResolution(
            id=no(7), manner="agreed", text="某", about=f"agreements/{no(6)}", about_part=f"clauses/{no(8)}"
        ),
        AGREED,
    ).refused(errors.UnknownPart, "/about_part"),
    "about a part that has no id of its own": held.when(
        resolutions.RecordResolution(
            id=no(7), manner="agreed", text="某", about=f"agreements/{no(6)}", about_part=f"signatories/{no(2)}"
        ),
        AGREED,
    ).refused(errors.UnknownPart, "/about_part"),
    "about the meeting itself": held.when(
        resolutions.RecordResolution(id=no(7), text="某", about=f"meetings/{ID}")
    ).refused(errors.Circular, "/about"),
    "a resolution that says otherwise": resolved.when(resolutions.RecordResolution(id=no(7), manner="agreed")).refused(
        errors.AlreadyOtherwise, "/manner"
    ),
    "an unknown resolution that says nothing": held.when(resolutions.RecordResolution(id=no(7))).refused(
        errors.Invalid, "/text"
    ),
    "a resolution that was resolved nobody says how": held.when(resolutions.RecordResolution(text="某")).refused(
        errors.Invalid, "/manner"
    ),
    "nothing is adopted at what was called off": off.when(
        resolutions.RecordResolution(manner="adopted", text="某")
    ).refused(errors.NotInThisState),
    # --- activities
    "work is reviewed": held.when(activities.RecordActivity(id=no(8), sort="reviewed", text="总结工作。")).then(
        REVIEWED
    ),
    "by whom it was reviewed becomes known": reviewed.when(
        activities.RecordActivity(id=no(8), by=(no(3), no(2)), about=f"parties/{no(4)}", citations=cite(1))
    ).then(
        activities.ActivityDescribed(activity=no(8), by=(no(2), no(3)), about=f"parties/{no(4)}", citations=cite(1)),
        header.Attested(attests=3, fields=("id",), citations=cite(1)),
    ),
    "an activity of another sort": reviewed.when(activities.RecordActivity(id=no(8), sort="heard")).refused(
        errors.AlreadyOtherwise, "/sort"
    ),
    "an activity about the meeting itself": held.when(
        activities.RecordActivity(sort="toured", text="某", about=f"meetings/{ID}")
    ).refused(errors.Circular, "/about"),
    "an unknown activity that says nothing": held.when(activities.RecordActivity(id=no(8), sort="heard")).refused(
        errors.Invalid, "/text"
    ),
    "an activity of no sort": held.when(activities.RecordActivity(text="某")).refused(errors.Invalid, "/sort"),
    "nothing is done at what was called off": off.when(activities.RecordActivity(sort="unveiled", text="某")).refused(
        errors.NotInThisState
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    lambda: Register(kinds=("forum",)),
    header.Registered,
    header.Described,
    header.Describe,
    lambda: conveners.SessionDescribed(body=no(2)),
    lambda: conveners.ConvenerDescribed(party=no(2)),
    lambda: life.StepDescribed(step="held"),
    lambda: life.Hold(effective=on(2021, 2, 6), ends=on(2021, 2, 5)),
    lambda: life.Held(effective=on(2021, 2, 6), ends=on(2021, 2, 5)),
    lambda: attendance.RecordAttendance(role="speaker"),
    lambda: attendance.RecordAttendance(person=MAYOR, name=PrintedName(printed="甲市")),
    lambda: attendance.RecordAttendance(party=no(2), number=MANY),
    lambda: attendance.AttendanceDescribed(attendance=no(2)),
    lambda: resolutions.RecordResolution(manner="adopted"),
    lambda: resolutions.RecordResolution(text="某", sha256="a" * 64),
    lambda: resolutions.RecordResolution(text="某", about_part=CLAUSE),
    lambda: resolutions.ResolutionRecorded(resolution=no(7), manner="adopted"),
    lambda: activities.RecordActivity(sort="toured"),
    lambda: activities.ActivityRecorded(activity=no(8), sort="toured"),
    lambda: activities.ActivityDescribed(activity=no(8)),
    lambda: resolutions.ResolutionDescribed(resolution=no(7)),
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_says_nothing_is_no_value(number: int) -> None:
    """A command or an event that means nothing does not exist."""
    with pytest.raises(ValueError, match=r"\w"):
        MALFORMED[number]()


def test_the_same_words_are_the_same_resolution() -> None:
    """Without an id a resolution is known by its name and text."""
    commands = (
        resolutions.RecordResolution(text="某"),
        resolutions.RecordResolution(text="某", manner="adopted"),
        resolutions.RecordResolution(text="某某"),
    )
    first, again, other = (resolutions.id_of(ID, command) for command in commands)
    assert first == again != other


def test_two_conveners_stand_each_with_its_own_words() -> None:
    """Where sources differ none of them wins."""
    state = newest(
        DECIDER,
        [
            REGISTERED,
            conveners.ConvenerNamed(party=no(2), citations=cite(1), basis="stated"),
            conveners.ConvenerNamed(party=no(3), citations=cite(2), basis="stated"),
        ],
    )
    assert isinstance(state, Meeting)
    assert {one.party: one.sources[0].citations for one in state.conveners.values()} == {no(2): cite(1), no(3): cite(2)}


def test_status() -> None:
    """The furthest step; a duplicate is merged; nothing is known of what was only registered."""
    for events, wanted in (
        ([REGISTERED], "registered"),
        ([REGISTERED, life.Announced()], "announced"),
        ([REGISTERED, HELD, life.Announced()], "held"),
        ([REGISTERED, CANCELLED], "cancelled"),
        ([REGISTERED, HELD, DUPLICATE], "merged"),
    ):
        state = newest(DECIDER, events)
        assert isinstance(state, Meeting)
        assert status(state) == wanted
        assert held_on(state) == (date(2021, 2, 6) if HELD in events else None)


def test_who_attended_an_undated_meeting_is_known_always() -> None:
    """What happens at a meeting takes its day; without one it holds always."""
    undated = UncertainDate(printed="近日", precision="unknown")
    state = newest(DECIDER, [REGISTERED, life.Held(effective=undated), SPOKE])
    assert isinstance(state, Meeting)
    assert held_on(state) is None
    assert len(state.attendance) == 1
