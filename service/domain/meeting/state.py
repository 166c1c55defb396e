"""What a meeting's state is made of: one struct a part, each stored as one row; and what is read off it."""

from typing import Literal
from uuid import UUID

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.titles import Title
from service.domain.values import Label, Magnitude, Note, Part, Person, PrintedName, Text, UncertainDate

Kind = Literal[
    "joint_conference",
    "promotion_meeting",
    "mobilisation_meeting",
    "symposium",
    "consultation",
    "forum",
    "presentation",
    "matchmaking",
    "signing_ceremony",
    "ceremony",
    "reception",
    "visit",
    "inspection",
    "exchange",
    "fair",
    "conference",
]
"""`symposium` is 座谈会 and 恳谈会, `matchmaking` 对接会, `presentation` 推介会, `ceremony` an opening, a start of
works or an unveiling, `reception` 会见, `visit` 拜访, `inspection` 考察, `exchange` 交流会, `fair` 展会 and 交易会,
`conference` 大会."""
StepName = Literal["announced", "held", "cancelled"]
Status = Literal["registered", "announced", "held", "cancelled", "merged"]
"""`registered`: no step is known. `merged` holds while a record is a duplicate."""
Role = Literal["chair", "host", "speaker", "attendee", "signer", "witness", "guest", "leader", "visitor"]
"""`leader` is at the head of a delegation, `host` receives, `visitor` is received. Who convened is no role here."""
Convening = Literal["convener", "host", "organiser", "co_organiser", "adviser", "supporter"]
"""As what a party called a meeting together: 召集 and 召开, 主办 and 举办, 承办, 协办, 指导, 支持."""
Manner = Literal["adopted", "approved", "agreed", "assigned"]
"""How a meeting resolved: it adopted a text (审议通过), approved what others had done or asked (批准, 同意), agreed on
something among those present (商定), or assigned work to somebody (部署)."""
Sort = Literal["reviewed", "heard", "discussed", "launched", "unveiled", "published", "promoted", "toured"]
"""What was done at a meeting without a resolution: review past work (总结), hear a report (听取), discuss (讨论, 协商),
launch what works from then on (启用), unveil (揭牌), publish (发布), promote (推介, 招商), tour a place (参观)."""

RANK: dict[StepName, int] = {"announced": 1, "held": 2, "cancelled": 2}
"""Steps only go forward. Going back is a correction, which takes the step out of the record."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the meeting is: its title as printed, or what the registry calls it where no source names it.

    `within` is the meeting or the event of several days that this one was held as a part of.
    """

    title: PrintedName | None = None
    called: Label | None = None
    within: UUID | None = None


class Classification(Part, frozen=True, kw_only=True, gc=False):
    """A kind that the meeting is of, among others it may be."""

    kind: Kind


class Session(Part, frozen=True, kw_only=True, gc=False):
    """The body that the meeting is a session of, and the how many-th (次), of which term of the body (届)."""

    body: UUID
    term: int | None = None
    number: int | None = None


class Convener(Part, frozen=True, kw_only=True, gc=False):
    """Who convened the meeting as a source has it, as what, in which words. Where sources differ, each stands."""

    party: UUID
    role: Convening | None = None
    name: PrintedName | None = None
    wording: PrintedName | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the meeting's life, with what each kind of step says.

    `place` is where in words, `venue` the house or town as a party. `planned` is the day that was announced; `ends` the
    last day of a meeting of several days, `lasts` how long it took.
    """

    step: StepName
    effective: UncertainDate | None = None
    planned: UncertainDate | None = None
    place: Label | None = None
    venue: UUID | None = None
    ends: UncertainDate | None = None
    lasts: Magnitude | None = None
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None


class Attendance(Part, frozen=True, kw_only=True, gc=False):
    """Who was there in which role: a person under a title as printed, a party as such, or people nobody names."""

    id: UUID
    role: Role | None = None
    person: Person | None = None
    party: UUID | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None


class Resolution(Part, frozen=True, kw_only=True, gc=False):
    """What the meeting resolved, in words of our own or under the printed name of a paper, and who did.

    `about` is the thing adopted, or a part of it. The text adopted is one of `document`: `version` as the source calls
    it (审议稿), `sha256` where it is held.
    """

    id: UUID
    manner: Manner
    text: Text | None = None
    name: PrintedName | None = None
    about: str | None = None
    about_part: str | None = None
    document: UUID | None = None
    version: Label | None = None
    sha256: str | None = None
    by: tuple[UUID, ...] = ()


class Activity(Part, frozen=True, kw_only=True, gc=False):
    """What was done at the meeting and is no resolution, about what and by whom, in words of our own or as printed."""

    id: UUID
    sort: Sort
    text: Text | None = None
    name: PrintedName | None = None
    about: str | None = None
    by: tuple[UUID, ...] = ()


class Meeting(State, frozen=True, kw_only=True, gc=False):
    """A meeting, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    kinds: dict[str, Classification] = {}
    steps: dict[str, Step] = {}
    titles: dict[str, Title] = {}
    sessions: dict[str, Session] = {}
    conveners: dict[str, Convener] = {}
    attendance: dict[str, Attendance] = {}
    resolutions: dict[str, Resolution] = {}
    activities: dict[str, Activity] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def status(meeting: Meeting) -> Status:
    """How far the meeting is: merged while a duplicate, else its furthest step; of two as far the later recorded."""
    if meeting.duplicate is not None:
        return "merged"
    last = max(
        meeting.steps.values(),
        key=lambda step: (RANK[step.step], step.sources[0].sequence if step.sources else 0),
        default=None,
    )
    return "registered" if last is None else last.step


def title(header: Header) -> str:
    """What a list calls the meeting."""
    return header.title.meant if header.title is not None else header.called or ""
