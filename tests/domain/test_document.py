"""The document: every command, and every refusal."""

from collections.abc import Callable

import msgspec
import pytest

from service.domain import errors
from service.domain.decider import Command, Ref
from service.domain.document import DECIDER, Register
from service.domain.document.description import Attested, Describe, Described, Registered
from service.domain.document.file import FileRecorded, RecordFile
from service.domain.document.parts import (
    DescribePart,
    PartDescribed,
    PassOver,
    Segment,
    Segmented,
    SpansPassedOver,
)
from service.domain.document.standing import (
    AssessReliability,
    RecordRepublication,
    ReliabilityAssessed,
    RepublicationDescribed,
    RepublicationRecorded,
    Withdraw,
    WithdrawalDescribed,
    Withdrawn,
)
from service.domain.document.state import Document, Edit, Language, PassedSpan, Span, TextSpans, status, weight
from service.domain.document.text import CaptureText, RecordTextVersion, TextCaptured, TextVersionRecorded
from service.domain.values import Credit, PrintedName
from tests.given import ID, Scenario, cite, given, newest, no, on

HASH, SHORT, OTHER = "a" * 64, "b" * 64, "c" * 64
TITLE, PAPER, SITE = PrintedName(printed="题"), PrintedName(printed="某报"), PrintedName(printed="某网")
CREDITS = (Credit(name=PrintedName(printed="某甲"), role="记者"), Credit(name=PrintedName(printed="某乙"), role="摄"))
PRESS = Registered(kind="press", language="zh")
TEXT = TextCaptured(sha256=HASH, length=100)
SHORTER = TextVersionRecorded(
    sort="boilerplate_cut",
    sha256=SHORT,
    length=90,
    derived_from=HASH,
    tool="cutter",
    tool_version="1",
    edits=(Edit(start=0, end=10, length=0),),
)
PASSED = PassedSpan(start=0, end=10, reason="boilerplate")
ONE = TextSpans(key="1", spans=(Span(start=0, end=20), Span(start=30, end=40)))

bare = given(DECIDER)
text = given(DECIDER, PRESS, TEXT)
untaken = given(DECIDER, PRESS)
filed = given(DECIDER, PRESS, FileRecorded(sha256=HASH, size=9, media="text/csv"))
divided = given(DECIDER, PRESS, TEXT, Segmented(parts=(ONE,)))
copied = given(DECIDER, PRESS, TEXT, RepublicationRecorded(printed=PAPER))
withdrawn = given(DECIDER, PRESS, TEXT, Withdrawn(grounds="误发", effective=on(2020)))


def version(**fields: object) -> RecordTextVersion:
    """A command for a version, changed in `fields`."""
    plain = {"sha256": OTHER, "length": 100, "derived_from": HASH, "tool": "opencc", "tool_version": "1.4"}
    return RecordTextVersion(**{"sort": "simplified", **plain, **fields})  # type: ignore[arg-type]


def parts(*spans: tuple[int, int]) -> Segment:
    """A command that divides the document into one text a span."""
    return Segment(parts=tuple(TextSpans(key=f"{n}", spans=(Span(start=a, end=b),)) for n, (a, b) in enumerate(spans)))


def passing(*spans: tuple[int, int]) -> PassOver:
    """A command that passes over those spans."""
    return PassOver(spans=tuple(PassedSpan(start=a, end=b, reason="rhetoric") for a, b in spans))


SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            kind="repost",
            publisher=SITE,
            publisher_party=no(2),
            credits=CREDITS,
            date=on(2021, 12),
            language="zh",
            script="hans",
            number="某发〔2021〕1号",
            url="https://example.org/1",
            sha256=HASH,
            length=100,
            versions=(version(),),
            segments=Segment(parts=(ONE,)),
            parts=(DescribePart(key="1", title=TITLE, genre="report"),),
            passed=PassOver(spans=(PASSED,)),
            republications=(
                RecordRepublication(original=no(3), alterations="换了词"),
                RecordRepublication(printed=PAPER),
            ),
            reliability=AssessReliability(level="low", grounds="换了词", basis="curated"),
            citations=cite(0),
        )
    ).then(
        Registered(
            title=TITLE,
            kind="repost",
            publisher=SITE,
            publisher_party=no(2),
            credits=CREDITS,
            date=on(2021, 12),
            language="zh",
            script="hans",
            number="某发〔2021〕1号",
            url="https://example.org/1",
            citations=cite(0),
        ),
        TextCaptured(sha256=HASH, length=100, citations=cite(0)),
        TextVersionRecorded(
            sort="simplified",
            sha256=OTHER,
            length=100,
            derived_from=HASH,
            tool="opencc",
            tool_version="1.4",
            citations=cite(0),
        ),
        Segmented(parts=(ONE,), citations=cite(0)),
        PartDescribed(key="1", title=TITLE, genre="report", citations=cite(0)),
        SpansPassedOver(spans=(PASSED,), citations=cite(0)),
        RepublicationRecorded(original=no(3), alterations="换了词", citations=cite(0)),
        RepublicationRecorded(printed=PAPER, citations=cite(0)),
        ReliabilityAssessed(level="low", grounds="换了词", basis="curated", citations=cite(0)),
    ),
    "registers a paper of which little is known": bare.when(Register(kind="signed_instrument")).then(
        Registered(kind="signed_instrument")
    ),
    "registered since a day": bare.when(Register(kind="press", effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "stated, and cites nothing": bare.when(Register(kind="press", basis="stated")).refused(errors.Invalid, "/basis"),
    "registered again changes nothing": text.when(Register(kind="press", sha256=HASH, length=100)).then(),
    "registered again from another source is attested": text.when(
        Register(kind="press", language="zh", sha256=HASH, length=100, citations=cite(1))
    ).then(Attested(attests=1, citations=cite(1)), Attested(attests=2, citations=cite(1))),
    "registered again, with more of it": untaken.when(
        Register(kind="press", publisher=PAPER, sha256=HASH, length=100, citations=cite(1))
    ).then(
        Described(publisher=PAPER, citations=cite(1)),
        Attested(attests=1, fields=("kind",), citations=cite(1)),
        TextCaptured(sha256=HASH, length=100, citations=cite(1)),
    ),
    "registered again, with less passed over": given(
        DECIDER, PRESS, TEXT, SpansPassedOver(spans=(PASSED, PassedSpan(start=10, end=20, reason="rhetoric")))
    )
    .when(Register(kind="press", passed=PassOver(spans=(PASSED,), citations=cite(1))))
    .then(Attested(attests=3, citations=cite(1))),
    "registered again, with more passed over": given(DECIDER, PRESS, TEXT, SpansPassedOver(spans=(PASSED,)))
    .when(Register(kind="press", passed=passing((20, 30))))
    .refused(errors.AlreadyOtherwise, "/passed"),
    "registered again with another hash": text.when(Register(kind="press", sha256=OTHER, length=100)).refused(
        errors.AlreadyOtherwise, "/sha256"
    ),
    "registered again as another kind": text.when(Register(kind="repost")).refused(errors.AlreadyOtherwise, "/kind"),
    "a whole points into its refusals": bare.when(
        Register(kind="press", sha256=HASH, length=5, passed=passing((0, 6)))
    ).refused(errors.CitationOutside, "/passed/spans/0"),
    "nothing happens to what is not registered": bare.when(Withdraw()).refused(errors.NotFound),
    # --- Describe
    "more is known": text.when(Describe(publisher=PAPER, date=on(2016), citations=cite(2))).then(
        Described(publisher=PAPER, date=on(2016), citations=cite(2))
    ),
    "more is known, and the rest said again": text.when(
        Describe(publisher=PAPER, kind="press", citations=cite(2))
    ).then(
        Described(publisher=PAPER, citations=cite(2)),
        Attested(attests=1, fields=("kind",), citations=cite(2)),
    ),
    "is described as it stands": text.when(Describe(language="zh", citations=cite(2))).then(
        Attested(attests=1, fields=("language",), citations=cite(2))
    ),
    "is described otherwise": given(DECIDER, PRESS, Described(publisher=PAPER))
    .when(Describe(publisher=SITE))
    .refused(errors.AlreadyOtherwise, "/publisher"),
    "is described since a day": text.when(Describe(publisher=PAPER, effective=on(2016))).refused(
        errors.Invalid, "/effective"
    ),
    # --- text
    "its text is captured": untaken.when(CaptureText(sha256=HASH, length=9)).then(TextCaptured(sha256=HASH, length=9)),
    "its text is captured again": text.when(CaptureText(sha256=HASH, length=100, citations=cite(1))).then(
        Attested(attests=2, citations=cite(1))
    ),
    "its text is captured on a day": text.when(CaptureText(sha256=HASH, length=100, effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "another text is captured": text.when(CaptureText(sha256=OTHER, length=100)).refused(
        errors.AlreadyOtherwise, "/sha256"
    ),
    "the same text of another length": text.when(CaptureText(sha256=HASH, length=99)).refused(
        errors.AlreadyOtherwise, "/length"
    ),
    # --- the file
    "its file": untaken.when(RecordFile(sha256=HASH, size=9, media="text/csv")).then(
        FileRecorded(sha256=HASH, size=9, media="text/csv")
    ),
    "its file again": filed.when(RecordFile(sha256=HASH, size=9, media="text/csv", citations=cite(1))).then(
        Attested(attests=2, citations=cite(1))
    ),
    "another file": filed.when(RecordFile(sha256=OTHER, size=9, media="text/csv")).refused(
        errors.AlreadyOtherwise, "/sha256"
    ),
    # --- versions
    "a version": text.when(version()).then(
        TextVersionRecorded(
            sort="simplified", sha256=OTHER, length=100, derived_from=HASH, tool="opencc", tool_version="1.4"
        )
    ),
    "a version of a version": given(DECIDER, PRESS, TEXT, SHORTER)
    .when(version(derived_from=SHORT, length=91, edits=(Edit(start=90, end=90, length=1),)))
    .then(
        TextVersionRecorded(
            sort="simplified",
            sha256=OTHER,
            length=91,
            derived_from=SHORT,
            tool="opencc",
            tool_version="1.4",
            edits=(Edit(start=90, end=90, length=1),),
        )
    ),
    "a second version of one sort": given(DECIDER, PRESS, TEXT, SHORTER)
    .when(version(sort="boilerplate_cut"))
    .then(
        TextVersionRecorded(
            sort="boilerplate_cut", sha256=OTHER, length=100, derived_from=HASH, tool="opencc", tool_version="1.4"
        )
    ),
    "a version with what was restored": text.when(
        version(sort="repaired", length=99, edits=(Edit(start=5, end=7, length=1, text="字"),))
    ).then(
        TextVersionRecorded(
            sort="repaired",
            sha256=OTHER,
            length=99,
            derived_from=HASH,
            tool="opencc",
            tool_version="1.4",
            edits=(Edit(start=5, end=7, length=1, text="字"),),
        )
    ),
    "a version again": given(DECIDER, PRESS, TEXT, SHORTER)
    .when(
        version(
            sort="boilerplate_cut",
            sha256=SHORT,
            length=90,
            tool="cutter",
            tool_version="1",
            edits=(Edit(start=0, end=10, length=0),),
            citations=cite(1),
        )
    )
    .then(Attested(attests=3, citations=cite(1))),
    "a version made by another tool": given(DECIDER, PRESS, TEXT, SHORTER)
    .when(version(sha256=SHORT, length=100))
    .refused(errors.AlreadyOtherwise, "/sha256"),
    "a version without a text": untaken.when(version()).refused(errors.NoText, "/derived_from"),
    "a version of itself": text.when(version(derived_from=OTHER)).refused(errors.Circular, "/derived_from"),
    "a version that is the captured text": given(DECIDER, PRESS, TEXT, SHORTER)
    .when(version(sha256=HASH, derived_from=SHORT))
    .refused(errors.Invalid, "/sha256"),
    "a version of one that is not recorded": text.when(version(derived_from=SHORT)).refused(
        errors.UnknownPart, "/derived_from"
    ),
    "a version whose edits lie over one another": text.when(
        version(edits=(Edit(start=0, end=5, length=5), Edit(start=4, end=6, length=2)))
    ).refused(errors.Invalid, "/edits/1"),
    "a version whose edits lie outside": text.when(version(edits=(Edit(start=99, end=101, length=2),))).refused(
        errors.CitationOutside, "/edits/0"
    ),
    "a version whose length does not add up": text.when(version(length=99)).refused(errors.Invalid, "/length"),
    # --- parts
    "is divided": text.when(Segment(parts=(ONE,))).then(Segmented(parts=(ONE,))),
    "is divided, says another": divided.when(Segment(parts=(ONE,), citations=cite(1))).then(
        Attested(attests=3, citations=cite(1))
    ),
    "is divided otherwise": divided.when(parts((0, 50), (50, 100))).refused(errors.AlreadyOtherwise, "/parts"),
    "is divided without a text": untaken.when(parts((0, 1))).refused(errors.NoText, "/parts"),
    "is divided beyond its end": text.when(parts((0, 50), (50, 101))).refused(
        errors.CitationOutside, "/parts/1/spans/0"
    ),
    "is divided twice in one place": text.when(parts((40, 60), (0, 50))).refused(errors.Invalid, "/parts/0/spans/0"),
    "is divided into two of one key": text.when(Segment(parts=(ONE, ONE))).refused(errors.Invalid, "/parts/1/key"),
    "a text of it is described": divided.when(DescribePart(key="1", title=TITLE, credits=CREDITS)).then(
        PartDescribed(key="1", title=TITLE, credits=CREDITS)
    ),
    "more is known of a text of it": given(
        DECIDER, PRESS, TEXT, Segmented(parts=(ONE,)), PartDescribed(key="1", title=TITLE)
    )
    .when(DescribePart(key="1", title=TITLE, genre="report", citations=cite(1)))
    .then(
        PartDescribed(key="1", genre="report", citations=cite(1)),
        Attested(attests=4, citations=cite(1)),
    ),
    "a text of it is described otherwise": given(
        DECIDER, PRESS, TEXT, Segmented(parts=(ONE,)), PartDescribed(key="1", title=TITLE)
    )
    .when(DescribePart(key="1", title=PAPER))
    .refused(errors.AlreadyOtherwise, "/title"),
    "a text that it has not": divided.when(DescribePart(key="2", title=TITLE)).refused(errors.UnknownPart, "/key"),
    "a text of an undivided document": text.when(DescribePart(key="1", title=TITLE)).refused(
        errors.UnknownPart, "/key"
    ),
    # --- passed over
    "spans are passed over": text.when(PassOver(spans=(PASSED,))).then(SpansPassedOver(spans=(PASSED,))),
    "only new spans are recorded": given(DECIDER, PRESS, TEXT, SpansPassedOver(spans=passing((0, 10)).spans))
    .when(passing((0, 10), (20, 30), (20, 30)))
    .then(SpansPassedOver(spans=passing((20, 30)).spans)),
    "spans passed over again": given(DECIDER, PRESS, TEXT, SpansPassedOver(spans=passing((0, 10), (5, 20)).spans))
    .when(passing((5, 20)))
    .then(),
    "a span for another reason": given(DECIDER, PRESS, TEXT, SpansPassedOver(spans=(PASSED,)))
    .when(passing((0, 10)))
    .refused(errors.AlreadyOtherwise, "/spans/0"),
    "spans of no text": untaken.when(passing((0, 1))).refused(errors.NoText, "/spans"),
    "spans beyond the end": text.when(passing((0, 1), (99, 101))).refused(errors.CitationOutside, "/spans/1"),
    # --- republication, reliability
    "repeats another": text.when(RecordRepublication(printed=PAPER)).then(RepublicationRecorded(printed=PAPER)),
    "repeats a second one": copied.when(RecordRepublication(printed=SITE)).then(RepublicationRecorded(printed=SITE)),
    "repeats it, says another": copied.when(RecordRepublication(printed=PAPER, citations=cite(1))).then(
        Attested(attests=3, citations=cite(1))
    ),
    "how it alters the other is learnt": copied.when(RecordRepublication(printed=PAPER, alterations="换了词")).then(
        RepublicationDescribed(printed=PAPER, alterations="换了词")
    ),
    "what is meant by the printed name is learnt": copied.when(
        RecordRepublication(printed=PrintedName(printed="某报", restored="某日报"))
    ).then(RepublicationDescribed(printed=PrintedName(printed="某报", restored="某日报"))),
    "how the original is printed is learnt": given(DECIDER, PRESS, RepublicationRecorded(original=no(2)))
    .when(RecordRepublication(original=no(2), printed=PAPER, citations=cite(1)))
    .then(
        RepublicationDescribed(original=no(2), printed=PAPER, citations=cite(1)),
        Attested(attests=2, citations=cite(1)),
    ),
    "repeats what is known by its record, told by its name": given(
        DECIDER, PRESS, RepublicationRecorded(original=no(2), printed=PAPER)
    )
    .when(RecordRepublication(printed=PAPER, alterations="换了词"))
    .then(RepublicationDescribed(original=no(2), alterations="换了词")),
    "repeats one known by name alone, now by its record": copied.when(
        RecordRepublication(original=no(2), printed=PAPER)
    ).refused(errors.AlreadyOtherwise, "/original"),
    "alters it otherwise": given(DECIDER, PRESS, RepublicationRecorded(original=no(2), alterations="换了词"))
    .when(RecordRepublication(original=no(2), alterations="有删节"))
    .refused(errors.AlreadyOtherwise, "/alterations"),
    "repeats itself": text.when(RecordRepublication(original=ID)).refused(errors.Circular, "/original"),
    "repeats what repeats it": text.when(
        RecordRepublication(original=no(2)),
        {Ref("documents", no(2)): newest(DECIDER, [PRESS, RepublicationRecorded(original=ID)])},
    ).refused(errors.Circular, "/original"),
    "is assessed": text.when(AssessReliability(level="low", grounds="换了词")).then(
        ReliabilityAssessed(level="low", grounds="换了词")
    ),
    "is assessed anew": given(DECIDER, PRESS, TEXT, ReliabilityAssessed(level="low", grounds="换了词"))
    .when(AssessReliability(level="medium", grounds="可对照"))
    .then(ReliabilityAssessed(level="medium", grounds="可对照")),
    # --- withdrawn
    "is withdrawn": text.when(Withdraw(grounds="误发", effective=on(2020))).then(
        Withdrawn(grounds="误发", effective=on(2020))
    ),
    "is withdrawn again": withdrawn.when(Withdraw()).then(),
    "is withdrawn, says another": withdrawn.when(Withdraw(effective=on(2020), grounds="误发", citations=cite(1))).then(
        Attested(attests=3, citations=cite(1))
    ),
    "why it was withdrawn is learnt": given(DECIDER, PRESS, Withdrawn(effective=on(2020)))
    .when(Withdraw(grounds="误发", citations=cite(1)))
    .then(WithdrawalDescribed(grounds="误发", citations=cite(1))),
    "is withdrawn for another reason": withdrawn.when(Withdraw(grounds="过时")).refused(
        errors.AlreadyOtherwise, "/grounds"
    ),
    "is withdrawn on another day": withdrawn.when(Withdraw(effective=on(2021))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "withdrawn on a day, known without": given(DECIDER, PRESS, Withdrawn())
    .when(Withdraw(effective=on(2021)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "changes when withdrawn": withdrawn.when(Describe(publisher=PAPER)).refused(errors.NotInThisState),
    "is described as it stands when withdrawn": withdrawn.when(Describe(kind="press", citations=cite(1))).then(
        Attested(attests=1, fields=("kind",), citations=cite(1))
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def test_many_spans_become_several_lines() -> None:
    """No event has more spans than a line holds."""
    spans = [(start, start + 1) for start in range(100)]
    spans += [(start, start + 2) for start in range(99)] + [(start, start + 3) for start in range(98)]
    events = text.when(passing(*spans)).decided()
    counts = [len(event.spans) for event in events if isinstance(event, SpansPassedOver)]
    assert counts == [200, 97]
    state = newest(DECIDER, [PRESS, TEXT, *events])
    assert isinstance(state, Document)
    assert state.passed is not None
    assert len(state.passed.spans) == 297


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Withdraw(effective=on(2020)), Withdraw(effective=on(2020), grounds="误发", citations=cite(1))),
        (
            RecordRepublication(original=no(2)),
            RecordRepublication(original=no(2), printed=PAPER, citations=cite(1)),
        ),
        (
            RecordRepublication(printed=PAPER),
            RecordRepublication(printed=PAPER, alterations="换了词", citations=cite(1)),
        ),
        (Describe(publisher=PAPER), Describe(publisher=PAPER, number="一", citations=cite(1))),
    ],
)
def test_what_is_learnt_is_learnt_at_once(known: Command, told: Command) -> None:
    """A command that tells more leaves nothing for the same command sent again."""
    before = [PRESS, *untaken.when(known).decided()]
    learnt = given(DECIDER, *before).when(told).decided()
    assert learnt != []
    assert given(DECIDER, *before, *learnt).when(told).decided() == []


def test_status_and_weight() -> None:
    """How far a document is, and how much its kind weighs."""
    assert status(Document()) == "registered"
    one = newest(DECIDER, [PRESS, TEXT, Segmented(parts=(ONE,))])
    assert isinstance(one, Document)
    assert status(one) == "segmented"
    taken_back = newest(DECIDER, [PRESS, TEXT, Withdrawn()])
    assert isinstance(taken_back, Document)
    assert status(taken_back) == "withdrawn"
    assert weight("signed_instrument") > weight("official_notice") > weight("repost")


def test_each_field_rests_on_the_event_that_set_it() -> None:
    """Of a document described in steps, and of a part of it."""
    state = newest(
        DECIDER,
        [
            PRESS,
            TEXT,
            Described(publisher=PAPER),
            Segmented(parts=(ONE,)),
            PartDescribed(key="1", title=TITLE),
            PartDescribed(key="1", genre="report"),
        ],
    )
    assert isinstance(state, Document)
    assert state.header is not None
    assert (state.header.sha256, state.header.length, state.header.publisher) == (HASH, 100, PAPER)
    assert [(s.sequence, s.fields) for s in state.header.sources] == [
        (1, ()),
        (2, ("sha256", "length")),
        (3, ("publisher",)),
    ]
    assert [(s.sequence, s.fields) for s in state.parts["1"].sources] == [(5, ("title",)), (6, ("genre",))]


@pytest.mark.parametrize("tag", ["zh", "zh-CN", "cmn", "zh-yue", "es-419", "de-1996", "sl-rozaj"])
def test_a_language_is_told_without_its_script(tag: str) -> None:
    """One language has one tag; zh-Hans is zh in the script hans."""
    assert msgspec.convert(tag, Language) == tag
    for wrong in (f"{tag}-Hans", tag.upper(), f"{tag}-", f"{tag}_CN"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Language)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Span(start=1, end=1),
        lambda: PassedSpan(start=2, end=1, reason="other"),
        lambda: Edit(start=1, end=1, length=0),
        lambda: Register(kind="press", sha256=HASH),
        Describe,
        Described,
        lambda: DescribePart(key="1"),
        lambda: PartDescribed(key="1"),
        lambda: RecordRepublication(alterations="换了词"),
        lambda: RepublicationRecorded(alterations="换了词"),
        lambda: RepublicationDescribed(original=no(2)),
        lambda: RepublicationDescribed(alterations="换了词"),
        WithdrawalDescribed,
        lambda: Segmented(parts=(ONE, ONE)),
        lambda: Segmented(parts=parts((0, 50), (40, 60)).parts),
        lambda: TextVersionRecorded(
            sort="repaired", sha256=HASH, length=1, derived_from=HASH, tool="t", tool_version="1"
        ),
        lambda: TextVersionRecorded(
            sort="repaired",
            sha256=OTHER,
            length=1,
            derived_from=HASH,
            tool="t",
            tool_version="1",
            edits=(Edit(start=2, end=3, length=0), Edit(start=1, end=2, length=0)),
        ),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: Callable[[], object]) -> None:
    """A value, command or event that exists is well formed, so that a correction is checked as a command is."""
    with pytest.raises(ValueError, match=r"."):
        wrong()
