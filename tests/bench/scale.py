"""The scale set: a log of test data as large as a province's, the same bytes on every machine, line by line.

At full size it has 1,000,000 agreements with 2,000,000 clauses of 30 to 400 characters, and about 5,000,000 events:
median 3 a stream, the longest 200. Agreements come with signatories, signings, amendments, corrections, attestations
and citations; beside them stand parties, documents, meetings, statements, plans, tasks, projects, figures and
discrepancies in proportion, with something for each filter of their lists. Streams grow beside each other, as they do
in life. Nobody agreed to any of it.

Words are drawn from a vocabulary by rank: a few stand in every other clause, hundreds in some of a hundred, thousands
in hardly any, so that a search meets each sort.
"""

import datetime as dt
import heapq
import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple
from uuid import UUID, uuid5

from service.domain import decider
from service.domain.agreement import amendments, clauses, life, links, signatories
from service.domain.agreement import header as agreements
from service.domain.agreement.state import Kind as Sort
from service.domain.decider import Event, Recorded, Ref
from service.domain.discrepancy import claims
from service.domain.discrepancy import header as discrepancies
from service.domain.document import description as documents
from service.domain.figure import claims as numbers
from service.domain.figure import concerned
from service.domain.figure import header as figures
from service.domain.figure import items as shares
from service.domain.figure import links as counted
from service.domain.meeting import attendance, conveners
from service.domain.meeting import header as meetings
from service.domain.meeting import life as sessions
from service.domain.party import bodies
from service.domain.party import identity as parties
from service.domain.party.state import Kind
from service.domain.plan import bodies as organs
from service.domain.plan import header as plans
from service.domain.plan import items
from service.domain.plan import life as papers
from service.domain.plan import links as connected
from service.domain.project import header as projects
from service.domain.project import investments
from service.domain.project import life as stages
from service.domain.project import links as tied
from service.domain.project import parties as involved
from service.domain.project.state import Kind as Field
from service.domain.project.state import Role as Part
from service.domain.statement import header as statements
from service.domain.statement import life as sayings
from service.domain.statement import voices
from service.domain.task import bases, duties, terms, units
from service.domain.task import header as tasks
from service.domain.task import life as works
from service.domain.values import Citation, Magnitude, Period, Person, PrintedName, UncertainDate
from service.store import line as lines

FULL = 1_000_000
"""Agreements of the whole set."""
BEGAN = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=30)
"""From one line to the next."""


def pairs(text: str) -> tuple[str, ...]:
    """The words of two characters that a text is made of."""
    return tuple(text[start : start + 2] for start in range(0, len(text), 2))


FREQUENT = pairs("合作发展济南建设双方推进项目机制加强共同服务产业支持交流企业资源开展聊城平台政策")
"""The words that stand nearly everywhere."""
MIDDLING = pairs(
    "协调联动规划交通铁路公路港口机场物流农业粮食蔬菜水利水库湿地生态补偿环境污染治理监测断面水质上游"
    "下游教育学校培训人才医疗医院医保养老康复文化旅游景区线路客运货运科技创新专利实验数据信息网络通信"
    "能源风电光伏储能电网燃气供热金融信贷担保基金投资融资税收财政审批许可登记窗口异地通办证照户籍社保"
    "公积住房城乡社区乡村振兴土地矿产林业渔业畜牧食品药品质量标准检验计量认证商标贸易口岸海关保税展会"
    "招商园区集群链条制造装备材料化工钢铁纺织汽车航空船舶电子软件芯片机器智能应急消防防汛抗旱气象地震"
    "公安司法仲裁调解信访统计审计督查考核台账会议联席秘书联络简报通报备案评估验收销号年度季度期限责任"
    "牵头配合落实"
)
SPACE = uuid5(UUID(int=0), "the scale set")
GLUE = ("", "", "的", "与", "和", "及", "等", "在", "对", "将")
KINDS: tuple[Kind, ...] = ("city", "county", "agency", "enterprise", "hospital", "university", "association")
SORTS: tuple[Sort, ...] = (
    "strategic_framework",
    "sector_cooperation",
    "supply",
    "project",
    "one_stop_service",
    "multi_party",
)
PART = f"items/{UUID(int=1)}"
"""The part of a plan that some tasks carry out: each plan has such an item."""
PARTS: tuple[Part, ...] = ("owner", "partner", "builder", "operator", "financier", "host", "regulator")
FIELDS: tuple[Field, ...] = ("industry", "energy", "transport", "logistics", "water", "environment")
BOUNDS: tuple[Literal["exact", "about", "below"], ...] = ("exact", "exact", "about", "below")
NAMED = "测试"
"""What is called the same on many things: who published them, a person, an office, a sector."""
CODE = "370100"
"""An identifier of parties."""
STEPS = (stages.Planned, stages.Intended, stages.Signed, stages.Filed, stages.Started, stages.Completed, stages.Opened)


class Sizes(NamedTuple):
    """How many streams of each kind there are."""

    agreements: int

    @property
    def parties(self) -> int:
        """Who signs."""
        return max(50, self.agreements // 200)

    @property
    def documents(self) -> int:
        """What is cited."""
        return max(20, self.agreements // 100)

    @property
    def meetings(self) -> int:
        """Where things were said."""
        return max(10, self.agreements // 200)

    @property
    def plans(self) -> int:
        """What tasks carry out."""
        return max(5, self.agreements // 2_000)

    @property
    def statements(self) -> int:
        """What was said."""
        return self.agreements // 50

    @property
    def tasks(self) -> int:
        """What is to be done."""
        return self.agreements // 10

    @property
    def projects(self) -> int:
        """What is built."""
        return max(20, self.agreements // 50)

    @property
    def figures(self) -> int:
        """What was counted."""
        return max(5, self.agreements // 500)

    @property
    def discrepancies(self) -> int:
        """What is told differently."""
        return max(5, self.agreements // 1_000)


class Again(NamedTuple):
    """An earlier event of the stream, by its number in it, told by another document."""

    number: int
    citations: tuple[Citation, ...]


class Wrong(NamedTuple):
    """An earlier event of the stream, by its number in it, was wrong: what it should have said."""

    number: int
    event: Event


Act = Event | Again | Wrong


class World:
    """The one who draws: words, ids, days, who and what is spoken of."""

    def __init__(self, size: Sizes) -> None:
        """The vocabulary and the sentences that clauses are made of."""
        self.random = random.Random(7)  # noqa: S311 -- test data that is the same everywhere
        self.size = size
        draw = self.random
        rare = ["".join(chr(draw.randrange(0x4E00, 0x8FFF)) for _ in range(2)) for _ in range(20_000)]
        self.words = [*FREQUENT, *MIDDLING, *rare]
        weights = [60.0] * len(FREQUENT) + [2.0] * len(MIDDLING) + [0.01] * len(rare)
        self.ranks = list(accumulate(weights))
        self.sentences = [self.sentence() for _ in range(40_000)]
        self.agreement = self.statement = self.duty = UUID(int=0)
        """The agreement, the statement and the standing duty that came last."""

    def word(self) -> str:
        """A word, as often as its rank says."""
        return self.words[bisect(self.ranks, self.random.random() * self.ranks[-1])]

    def sentence(self) -> str:
        """Eight to forty characters."""
        length, told = self.random.randint(7, 36), ""
        while len(told) < length:
            told += self.word() + self.random.choice(GLUE)
        return told[:39] + ("。" if self.random.random() < 0.5 else ",")

    def text(self) -> str:
        """A clause: 30 to 400 characters, most of them short."""
        length = min(400, 30 + int(self.random.expovariate(1 / 70)))
        told = self.random.choice(self.sentences)
        while len(told) < length:
            told += self.random.choice(self.sentences)
        return told[: max(30, length)]

    def title(self, what: str) -> PrintedName:
        """What something is called, which says what it is."""
        return PrintedName(printed=f"测试{self.word()}{self.word()}{self.word()}{what}")

    def id(self, time: dt.datetime | None = None) -> UUID:
        """An id nobody else has, of a time if one is given."""
        if time is not None:
            return timed(time, self.random.getrandbits(62))
        return UUID(int=self.random.getrandbits(128), version=4)

    def one(self, category: str) -> UUID:
        """One of the things of a kind that are there from the start; the first of them are spoken of most."""
        count = getattr(self.size, category)
        return named(category, int(count * self.random.random() ** 3))

    def day(self) -> dt.date:
        """Some day of ten years."""
        return dt.date(2015, 1, 1) + dt.timedelta(days=self.random.randrange(4_000))

    def cited(self) -> tuple[Citation, ...]:
        """Words that a fact comes from."""
        start = self.random.randrange(20_000)
        sha256 = f"{self.random.getrandbits(256):064x}"
        return (Citation(document=self.one("documents"), start=start, end=start + 40, sha256=sha256),)

    def money(self, modality: Literal["planned", "contracted"]) -> Magnitude:
        """A sum, sometimes only about."""
        bound = BOUNDS[self.random.randrange(4)]
        value = str(self.random.randint(1, 4_000) / 100)
        return Magnitude(value=value, unit="亿元", bound=bound, modality=modality)

    def claim(self, item: UUID | None, low: int, high: int) -> numbers.Claimed:
        """How many things there are, and what they come to."""
        count = Magnitude(value=str(self.random.randint(low, high)), unit="个", bound="exact")
        cited = self.cited()
        return numbers.Claimed(claim=self.id(), item=item, count=count, sum=self.money("contracted"), citations=cited)


def timed(time: dt.datetime, number: int) -> UUID:
    """An id of version 7."""
    return UUID(int=int(time.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62 | number)


def named(category: str, number: int) -> UUID:
    """The id of the thing with that number."""
    return uuid5(SPACE, f"{category}/{number}")


def known(day: dt.date) -> UncertainDate:
    """A day that is known."""
    return UncertainDate.day(day)


# --- Streams ----------------------------------------------------------------------------------------------------------


def a_party(world: World, number: int) -> list[Act]:
    """Its kind and name, and a short one; some stand under others, are members of others, have a code."""
    name = f"测试{world.word()}{world.word()}{number}号"
    kind = KINDS[number % len(KINDS)]
    alias = parties.AliasRecorded(alias=PrintedName(printed=name[2:]), sorts=("short",))
    told: list[Act] = [parties.Registered(kind=kind, name=PrintedName(printed=name), citations=world.cited()), alias]
    if number % 4 == 1:
        told.append(bodies.Reparented(parent=world.one("parties")))
    if number % 4 == 2:
        told.append(parties.Identified(scheme="division_code", value=CODE))
    if number % 5 == 0:
        told += [bodies.MemberAdded(member=world.one("parties")) for _ in range(3)]
    return told


def a_document(world: World, number: int) -> list[Act]:
    """A title, a kind, a day, its publisher and language."""
    registered = documents.Registered(
        title=world.title("通稿"),
        kind=("press", "official_notice", "repost")[number % 3],
        date=known(world.day()),
        publisher=PrintedName(printed=NAMED) if number % 2 else None,
        publisher_party=world.one("parties"),
        language="zh",
        citations=world.cited(),
    )
    return [registered]


def a_meeting(world: World, number: int) -> list[Act]:
    """Its title, its kind and its day, who came to it; every second one is a body's."""
    day = known(world.day())
    told: list[Act] = [
        meetings.Registered(title=world.title("座谈会"), citations=world.cited()),
        sessions.Held(effective=day),
    ]
    told.append(meetings.Classified(kind="symposium" if number % 3 else "joint_conference"))
    told.append(attendance.AttendanceRecorded(attendance=world.id(), party=world.one("parties")))
    if number % 2:
        told.append(conveners.SessionRecorded(body=world.one("parties")))
    return told


def a_plan(world: World, number: int) -> list[Act]:
    """Its title, its kind and ten items; who made it, when and at which meeting; what it goes back to."""
    told = [items.ItemRecorded(item=UUID(int=n), label=str(n), text=world.text()) for n in range(1, 11)]
    day, kind = known(world.day()), ("action_plan", "guidance")[number % 2]
    return [
        plans.Registered(title=world.title("行动方案"), citations=world.cited()),
        plans.Classified(kind=kind),  # type: ignore[arg-type]
        organs.BodyNamed(role="drafter", party=world.one("parties")),
        papers.Adopted(effective=day, meeting=world.one("meetings"), number=NAMED),
        connected.Linked(relation="based_on", target=f"plans/{world.one('plans')}"),
        *told,
    ]


def a_statement(world: World) -> list[Act]:
    """What a party said at a meeting; of some of it for whom, to whom, of what, and who is to do it."""
    speaker = voices.ParticipantAdded(participant=world.id(), role="speaker", party=world.one("parties"))
    made = sayings.Made(effective=known(world.day()), meeting=world.one("meetings"))
    told: list[Act] = [statements.Registered(text=world.text(), citations=world.cited()), made, speaker]
    if world.random.random() < 0.3:
        roles: tuple[Literal["principal", "addressee"], ...] = ("principal", "addressee")
        several = {role: world.one("parties") for role in roles}
        told += [voices.ParticipantAdded(participant=world.id(), role=one, party=several[one]) for one in roles]
        told.append(statements.Described(kind="promise"))
        told.append(voices.TopicAdded(about=f"projects/{world.one('projects')}"))
        doing, served = (world.one("parties"),), (world.one("parties"),)
        told.append(voices.PerformanceRecorded(performers=doing, beneficiaries=served))
    return told


def a_project(world: World, number: int) -> list[Act]:
    """Where it stands, who pays how much for it, how far it has come; another part in it, or a link."""
    day, draw = world.day(), world.random
    paid = world.money("contracted" if draw.random() < 0.5 else "planned")
    investor = world.one("parties")
    told: list[Act] = [
        projects.Registered(title=world.title("项目"), citations=world.cited()),
        projects.Classified(kind=FIELDS[number % len(FIELDS)]),
        involved.Located(party=world.one("parties")),
        involved.PartyNamed(role="investor", party=investor),
        investments.InvestmentStated(investment=world.id(), quantity=paid, investor=investor, citations=world.cited()),
    ]
    for place, step in enumerate(STEPS[: draw.randint(0, len(STEPS))]):
        day += dt.timedelta(days=draw.randrange(10, 200))
        meeting = world.one("meetings") if place == 1 else None
        told.append(step(effective=known(day), citations=world.cited(), meeting=meeting))
    if number % 2:
        told.append(involved.PartyNamed(role=PARTS[number // 2 % len(PARTS)], party=world.one("parties")))
    elif number % 4:
        told.append(tied.Linked(relation="in_plan", target=f"plans/{world.one('plans')}"))
    elif number % 8:
        told.append(tied.Linked(relation="part_of", target=f"projects/{world.one('projects')}"))
    else:
        told.append(projects.Described(sector=NAMED))
    return told


def a_figure(world: World, number: int) -> list[Act]:
    """How many projects there are, in three categories, some of them by name; of which year, meeting and plan."""
    first = int(world.size.projects * world.random.random())
    named_ones = [f"projects/{named('projects', number)}" for number in range(first, first + 12)]
    held = [shares.ItemRecorded(item=world.id(), sort="category", label=world.word(), order=n) for n in (1, 2, 3)]
    told: list[Act] = [
        figures.Registered(metric="签约项目", called=world.title("统计").printed),
        concerned.PartyNamed(role="subject", party=world.one("parties")),
        world.claim(None, 40, 60),
        *held,
        *(world.claim(one.item, 10, 25) for one in held),
    ]
    for place, target in enumerate(named_ones):
        told.append(counted.Linked(relation="counts", target=target, item=held[place % 3].item))
    year = 2015 + number % 11
    first_day, last_day = known(dt.date(year, 1, 1)), known(dt.date(year, 12, 31))
    told.append(figures.Described(period=Period(starts=first_day, ends=last_day)))
    told.append(counted.Linked(relation="at", target=f"meetings/{world.one('meetings')}"))
    told.append(counted.Linked(relation="under", target=f"plans/{world.one('plans')}"))
    return told


def a_task(world: World, number: int) -> list[Act]:
    """What is to be done for a plan, by whom, by when; half of them are begun.

    Of forty one is a standing duty and carries out what was agreed and said last, one was yielded by the last of these,
    one carries out a meeting. For a fifth of all somebody else answers too.
    """
    draw, starts, which = world.random, world.day(), number % 40
    due = known(starts + dt.timedelta(days=draw.randrange(30, 900)))
    yielded = {"occurrence_of": world.duty, "period": str(starts.year)} if which == 1 and number > 1 else {}
    role = {2: "supporting", 3: "supervising"}.get(number % 10)
    person = Person(name=PrintedName(printed=NAMED))
    told: list[Act] = [
        tasks.Registered(called=world.title("任务").printed, **yielded),  # type: ignore[arg-type]
        bases.Based(on=f"plans/{world.one('plans')}", on_part=PART if which < 8 else None, number=str(which + 1)),
        terms.TermsSet(text=world.text(), starts=known(starts), due=due, citations=world.cited()),
        units.UnitNamed(role="lead", party=world.one("parties"), office=NAMED if which == 5 else None, person=person)
        if which < 6
        else units.UnitNamed(role="lead", party=world.one("parties")),
    ]
    if which == 0:
        told.append(duties.RecurrenceSet(every="year", month=6, day=15, first=starts))
        told += [bases.Based(on=f"agreements/{world.agreement}"), bases.Based(on=f"statements/{world.statement}")]
    if role is not None:
        told.append(units.UnitNamed(role=role, party=world.one("parties")))  # type: ignore[arg-type]
    if which == 7:
        told.append(bases.Based(on=f"meetings/{world.one('meetings')}"))
    if draw.random() < 0.5:
        told.append(works.Started(round=1, effective=known(starts)))
    return told


def a_discrepancy(world: World) -> list[Act]:
    """Two sides tell of a party otherwise."""
    subject = f"parties/{world.one('parties')}"
    told: list[Act] = [discrepancies.Detected(what=world.text()[:100], proposed_by="curator", citations=world.cited())]
    for side in ("甲", "乙"):
        place = {"subject": subject, "subject_part": "header", "field": "name"}
        told.append(claims.ClaimRecorded(claim=world.id(), **place, value=side, citations=world.cited()))  # type: ignore[arg-type]
    return told


def an_agreement(world: World) -> list[Act]:
    """Most are short: a title, a signatory, a clause or two; some are whole, a few of those long and much amended."""
    lot = world.random.random()
    registered = agreements.Registered(title=world.title("合作协议"), citations=world.cited())
    if lot < 0.85:
        few = [clause(world) for _ in range(1 if lot < 0.55 else 2)]
        return [registered, signatory(world, None), *few]
    signed = world.day()
    acts: list[Act] = [
        registered,
        agreements.Classified(kind=world.random.choice(SORTS)),
        life.Signed(effective=known(signed), citations=world.cited()),
        *(signatory(world, side) for side in ("甲方", "乙方")),
    ]
    if world.random.random() < 0.2:
        acts.append(links.Linked(relation="signed_at", target=f"meetings/{world.one('meetings')}"))
    held = [clause(world) for _ in range(world.random.randint(4, 5) if lot < 0.99 else world.random.randint(6, 40))]
    acts += held
    if lot < 0.99:
        return acts
    day = signed
    for _ in range(min(198 - len(acts), int(world.random.paretovariate(1.1) * 4))):
        day += dt.timedelta(days=world.random.randrange(5, 60))
        one = world.random.choice(held)
        acts.append(amendments.ClauseAmended(clause=one.clause, text=world.text(), effective=known(day)))
    right = life.Signed(effective=known(signed - dt.timedelta(days=1)), citations=world.cited())
    return [*acts, Again(0, world.cited()), Wrong(2, right)]


def signatory(world: World, side: str | None) -> signatories.SignatoryAdded:
    """Who is bound."""
    return signatories.SignatoryAdded(party=world.one("parties"), side=side)


def clause(world: World) -> clauses.ClauseRecorded:
    """What is agreed."""
    label, heading = str(world.random.randint(1, 40)), world.word() + world.word()
    return clauses.ClauseRecorded(
        clause=world.id(), label=label, heading=heading, text=world.text(), citations=world.cited()
    )


# --- The log ----------------------------------------------------------------------------------------------------------


class Growing:
    """A stream with what is still to be told of it."""

    def __init__(self, ref: Ref, acts: Sequence[Act]) -> None:
        """Nothing is told yet."""
        self.ref = ref
        self.acts = acts
        self.sequences: list[int] = []

    def next(self) -> tuple[Event, int | None]:
        """The next event, and the sequence of the one that it corrects."""
        act = self.acts[len(self.sequences)]
        if isinstance(act, Again):
            attested: Callable[..., decider.Attested] = agreements.Attested
            return attested(attests=self.sequences[act.number], citations=act.citations), None
        if isinstance(act, Wrong):
            return act.event, self.sequences[act.number]
        return act, None


def streams(world: World, now: Callable[[], dt.datetime]) -> Iterator[Growing]:
    """Every stream: first what others speak of, then the agreements with what is said and done beside them.

    These have ids as the registry gives them, which begin with the time (RFC 9562, version 7).
    """
    size = world.size
    first = {
        "parties": a_party,
        "documents": a_document,
        "meetings": a_meeting,
        "plans": a_plan,
        "projects": a_project,
        "figures": a_figure,
    }
    for category, make in first.items():
        for number in range(getattr(size, category)):
            yield Growing(Ref(category, named(category, number)), make(world, number))
    for number in range(size.agreements):
        world.agreement = world.id(now())
        yield Growing(Ref("agreements", world.agreement), an_agreement(world))
        if number % (size.agreements // size.statements) == 0:
            world.statement = world.id(now())
            yield Growing(Ref("statements", world.statement), a_statement(world))
        if number % (size.agreements // size.discrepancies) == 0:
            yield Growing(Ref("discrepancies", world.id(now())), a_discrepancy(world))
        nth, other = divmod(number, size.agreements // size.tasks)
        if other == 0:
            ref = Ref("tasks", world.id(now()))
            yield Growing(ref, a_task(world, nth))
            if nth % 40 == 0:
                world.duty = ref.id


def log(agreements: int) -> Iterator[bytes]:
    """The lines of the set with that many agreements (100 at least); `FULL` of them make it whole."""
    world = World(Sizes(agreements))
    envelope = lines.Envelope(source="urn:mengfu:scale", actor=UUID(int=5))
    waiting: list[tuple[int, int, Growing]] = []
    sequence, time = 0, BEGAN
    coming = streams(world, lambda: time)
    draw = world.random

    def tell(growing: Growing) -> bytes:
        nonlocal sequence, time
        event, corrects = growing.next()
        sequence, time = sequence + 1, time + STEP
        recorded = Recorded(
            sequence=sequence,
            version=len(growing.sequences) + 1,
            time=time,
            effective=event.effective.earliest if event.effective else None,
            actor=envelope.actor,
            event=event,
            cause="change" if corrects is None else "correction",
            corrects=corrects,
            reason=None if corrects is None else "测试:日期读错",
        )
        growing.sequences.append(sequence)
        if len(growing.sequences) < len(growing.acts):
            # Most of a stream is told at once, the rest whenever it comes.
            wait = 0 if draw.random() < 0.7 else int(draw.expovariate(1 / 20_000))
            heapq.heappush(waiting, (sequence + wait, sequence, growing))
        return lines.encode(envelope, growing.ref, recorded, timed(time, sequence))

    for growing in coming:
        yield tell(growing)
        while waiting and waiting[0][0] <= sequence:
            yield tell(heapq.heappop(waiting)[2])
    while waiting:
        yield tell(heapq.heappop(waiting)[2])
