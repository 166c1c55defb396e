"""The document: every command, and every refusal."""

import pytest

from service.domain import document, errors
from service.domain.decider import Ref
from service.domain.document import DECIDER, Document, Edit, PassedSpan, Span, TextPart
from service.domain.values import PrintedName
from tests.given import ID, Scenario, cite, given, newest, no, on

HASH, OTHER = "a" * 64, "b" * 64
TEXT = document.Registered(kind="press", language="zh-Hans", sha256=HASH, length=100)
PAPER = document.Registered(kind="signed_instrument", language="zh-Hans")
SHORTER = document.TextVersionRecorded(
    version="boilerplate_cut",
    sha256=OTHER,
    length=90,
    derived_from="captured",
    tool="cutter",
    tool_version="1",
    edits=(Edit(start=0, end=10, length=0),),
)
PASSED = PassedSpan(start=0, end=10, reason="boilerplate")

bare = given(DECIDER)
text = given(DECIDER, TEXT)
paper = given(DECIDER, PAPER)
withdrawn = given(DECIDER, TEXT, document.Withdrawn(grounds="误发", effective=on(2020)))


def version(**fields: object) -> document.RecordTextVersion:
    """A command for a version, changed in `fields`."""
    plain = {"sha256": OTHER, "length": 100, "derived_from": "captured", "tool": "opencc", "tool_version": "1.4"}
    return document.RecordTextVersion(**{"version": "simplified", **plain, **fields})  # type: ignore[arg-type]


def parts(*spans: tuple[int, int]) -> document.Segment:
    """A command that divides the document into one text a span."""
    return document.Segment(
        parts=tuple(TextPart(key=f"{n}", spans=(Span(start=a, end=b),)) for n, (a, b) in enumerate(spans))
    )


def passing(*spans: tuple[int, int]) -> document.PassOver:
    """A command that passes over those spans."""
    return document.PassOver(spans=tuple(PassedSpan(start=a, end=b, reason="rhetoric") for a, b in spans))


ONE_TEXT = TextPart(
    key="1", title=PrintedName(printed="题"), genre="report", spans=(Span(start=0, end=20), Span(start=30, end=40))
)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        document.Register(
            title=PrintedName(printed="题"),
            kind="repost",
            publisher="某网",
            publisher_party=no(2),
            authors=("某甲",),
            date=on(2021, 12),
            language="zh-Hans",
            script="hans",
            number="某发〔2021〕1号",
            url="https://example.org/1",
            sha256=HASH,
            length=100,
            versions=(version(),),
            segments=document.Segment(parts=(ONE_TEXT,)),
            passed=document.PassOver(spans=(PASSED,)),
            republication=document.RecordRepublication(original=no(3), printed="某报", alterations="换了词"),
            reliability=document.AssessReliability(level="low", grounds="换了词", basis="curated"),
        )
    ).then(
        document.Registered(
            title=PrintedName(printed="题"),
            kind="repost",
            publisher="某网",
            publisher_party=no(2),
            authors=("某甲",),
            date=on(2021, 12),
            language="zh-Hans",
            script="hans",
            number="某发〔2021〕1号",
            url="https://example.org/1",
            sha256=HASH,
            length=100,
        ),
        document.TextVersionRecorded(
            version="simplified", sha256=OTHER, length=100, derived_from="captured", tool="opencc", tool_version="1.4"
        ),
        document.Segmented(parts=(ONE_TEXT,)),
        document.SpansPassedOver(spans=(PASSED,)),
        document.RepublicationRecorded(original=no(3), printed="某报", alterations="换了词"),
        document.ReliabilityAssessed(level="low", grounds="换了词", basis="curated"),
    ),
    "registered again, with less passed over": given(
        DECIDER, TEXT, document.SpansPassedOver(spans=(PASSED, PassedSpan(start=10, end=20, reason="rhetoric")))
    )
    .when(
        document.Register(
            kind="press",
            language="zh-Hans",
            sha256=HASH,
            length=100,
            passed=document.PassOver(spans=(PASSED,), citations=cite(1)),
        )
    )
    .then(document.Attested(attests="passed", citations=cite(1))),
    "registered again, with more passed over": given(DECIDER, TEXT, document.SpansPassedOver(spans=(PASSED,)))
    .when(
        document.Register(kind="press", language="zh-Hans", sha256=HASH, length=100, passed=passing((0, 10), (20, 30)))
    )
    .refused(errors.AlreadyOtherwise),
    "registered again with another hash": text.when(
        document.Register(kind="press", language="zh-Hans", sha256=OTHER, length=100)
    ).refused(errors.AlreadyOtherwise),
    "a whole points into its refusals": bare.when(
        document.Register(kind="press", language="zh-Hans", sha256=HASH, length=5, passed=passing((0, 6)))
    ).refused(errors.CitationOutside, "/passed/spans/0"),
    "nothing happens to what is not registered": bare.when(document.Withdraw()).refused(errors.NotFound),
    # --- Describe
    "is described": text.when(document.Describe(publisher="某报", date=on(2016), citations=cite(2))).then(
        document.Described(publisher="某报", date=on(2016), citations=cite(2))
    ),
    "is described as it stands": text.when(document.Describe(kind="press", citations=cite(2))).then(
        document.Attested(attests="header", fields=("kind",), citations=cite(2))
    ),
    "its publisher is unknown after all": given(DECIDER, TEXT, document.Described(publisher="某报"))
    .when(document.Describe(publisher=None))
    .then(document.Described(publisher=None)),
    # --- text
    "its text is captured": paper.when(document.CaptureText(sha256=HASH, length=9)).then(
        document.TextCaptured(sha256=HASH, length=9)
    ),
    "its text is captured again": text.when(document.CaptureText(sha256=HASH, length=100)).then(),
    "another text is captured": text.when(document.CaptureText(sha256=OTHER, length=100)).refused(
        errors.AlreadyOtherwise, "/sha256"
    ),
    "the same text of another length": text.when(document.CaptureText(sha256=HASH, length=99)).refused(
        errors.AlreadyOtherwise, "/length"
    ),
    # --- versions
    "a version": text.when(version()).then(
        document.TextVersionRecorded(
            version="simplified", sha256=OTHER, length=100, derived_from="captured", tool="opencc", tool_version="1.4"
        )
    ),
    "a version of a version": given(DECIDER, TEXT, SHORTER)
    .when(version(derived_from="boilerplate_cut", length=91, edits=(Edit(start=90, end=90, length=1),)))
    .then(
        document.TextVersionRecorded(
            version="simplified",
            sha256=OTHER,
            length=91,
            derived_from="boilerplate_cut",
            tool="opencc",
            tool_version="1.4",
            edits=(Edit(start=90, end=90, length=1),),
        )
    ),
    "a version again": given(DECIDER, TEXT, SHORTER)
    .when(
        version(
            version="boilerplate_cut",
            length=90,
            tool="cutter",
            tool_version="1",
            edits=(Edit(start=0, end=10, length=0),),
        )
    )
    .then(),
    "a version with another hash": given(DECIDER, TEXT, SHORTER)
    .when(version(version="boilerplate_cut", sha256=HASH))
    .refused(errors.AlreadyOtherwise, "/version"),
    "a version without a text": paper.when(version()).refused(errors.NoText, "/derived_from"),
    "a version of itself": text.when(version(derived_from="simplified")).refused(errors.Circular, "/derived_from"),
    "a version of one that is not recorded": text.when(version(derived_from="repaired")).refused(
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
    "is divided": text.when(document.Segment(parts=(ONE_TEXT,))).then(document.Segmented(parts=(ONE_TEXT,))),
    "is divided anew": given(DECIDER, TEXT, document.Segmented(parts=(ONE_TEXT,)))
    .when(parts((0, 50), (50, 100)))
    .then(document.Segmented(parts=parts((0, 50), (50, 100)).parts)),
    "is divided without a text": paper.when(parts((0, 1))).refused(errors.NoText, "/parts"),
    "is divided beyond its end": text.when(parts((0, 50), (50, 101))).refused(
        errors.CitationOutside, "/parts/1/spans/0"
    ),
    "is divided twice in one place": text.when(parts((40, 60), (0, 50))).refused(errors.Invalid, "/parts/0/spans/0"),
    "is divided into two of one key": text.when(document.Segment(parts=(ONE_TEXT, ONE_TEXT))).refused(
        errors.Invalid, "/parts/1/key"
    ),
    # --- passed over
    "spans are passed over": text.when(document.PassOver(spans=(PASSED,))).then(
        document.SpansPassedOver(spans=(PASSED,))
    ),
    "only new spans are recorded": given(DECIDER, TEXT, document.SpansPassedOver(spans=passing((0, 10)).spans))
    .when(passing((0, 10), (20, 30), (20, 30)))
    .then(document.SpansPassedOver(spans=passing((20, 30)).spans)),
    "spans passed over again": given(DECIDER, TEXT, document.SpansPassedOver(spans=passing((0, 10), (5, 20)).spans))
    .when(passing((5, 20)))
    .then(),
    "a span for another reason": given(DECIDER, TEXT, document.SpansPassedOver(spans=(PASSED,)))
    .when(passing((0, 10)))
    .refused(errors.AlreadyOtherwise, "/spans/0"),
    "spans of no text": paper.when(passing((0, 1))).refused(errors.NoText, "/spans"),
    "spans beyond the end": text.when(passing((0, 1), (99, 101))).refused(errors.CitationOutside, "/spans/1"),
    # --- republication, reliability
    "repeats another": text.when(document.RecordRepublication(printed="某报")).then(
        document.RepublicationRecorded(printed="某报")
    ),
    "repeats itself": text.when(document.RecordRepublication(original=ID)).refused(errors.Circular, "/original"),
    "repeats what repeats it": text.when(
        document.RecordRepublication(original=no(2)),
        {Ref("documents", no(2)): newest(DECIDER, [PAPER, document.RepublicationRecorded(original=ID)])},
    ).refused(errors.Circular, "/original"),
    "is assessed": text.when(document.AssessReliability(level="low", grounds="换了词")).then(
        document.ReliabilityAssessed(level="low", grounds="换了词")
    ),
    "is assessed anew": given(DECIDER, TEXT, document.ReliabilityAssessed(level="low", grounds="换了词"))
    .when(document.AssessReliability(level="medium", grounds="可对照"))
    .then(document.ReliabilityAssessed(level="medium", grounds="可对照")),
    # --- withdrawn
    "is withdrawn": text.when(document.Withdraw(grounds="误发")).then(document.Withdrawn(grounds="误发")),
    "is withdrawn again": withdrawn.when(document.Withdraw()).then(),
    "is withdrawn for another reason": withdrawn.when(document.Withdraw(grounds="过时")).refused(
        errors.AlreadyOtherwise
    ),
    "changes when withdrawn": withdrawn.when(document.Describe(publisher="某报")).refused(errors.NotInThisState),
    "is described as it stands when withdrawn": withdrawn.when(document.Describe(kind="press")).then(),
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
    counts = [len(event.spans) for event in events if isinstance(event, document.SpansPassedOver)]
    assert counts == [200, 97]
    state = newest(DECIDER, [TEXT, *events])
    assert isinstance(state, Document)
    assert state.passed is not None
    assert len(state.passed.spans) == 297


def test_status_and_weight() -> None:
    """How far a document is, and how much its kind weighs."""
    assert document.status(Document()) == "registered"
    divided = newest(DECIDER, [TEXT, document.Segmented(parts=(ONE_TEXT,))])
    assert isinstance(divided, Document)
    assert document.status(divided) == "segmented"
    taken_back = newest(DECIDER, [TEXT, document.Withdrawn()])
    assert isinstance(taken_back, Document)
    assert document.status(taken_back) == "withdrawn"
    assert document.weight("signed_instrument") > document.weight("official_notice") > document.weight("repost")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Span(start=1, end=1),
        lambda: PassedSpan(start=2, end=1, reason="other"),
        lambda: Edit(start=1, end=1, length=0),
        lambda: document.Register(kind="press", language="zh", sha256=HASH),
        document.Describe,
        lambda: document.RecordRepublication(alterations="换了词"),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: type) -> None:
    """A value or command that exists is well formed."""
    with pytest.raises(ValueError, match=r"."):
        wrong()
