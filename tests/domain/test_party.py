"""The party: every command, and every refusal."""

from datetime import date

import pytest

from service.domain import errors, party
from service.domain.decider import Ref
from service.domain.party import DECIDER, Party
from service.domain.values import Citation, Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

CITY = PrintedName(printed="甲市")
NEW = PrintedName(printed="乙市")
REGISTERED = party.Registered(kind="city", name=CITY)
MAYOR = Person(name="某甲", title="市长")
USCC = "91110000600037341L"
OTHER_USCC = "11370000MB2852135G"
RURAL_USCC = "N23700000000000017"

bare = given(DECIDER)
city = given(DECIDER, REGISTERED)
dissolved = given(DECIDER, REGISTERED, party.Dissolved(effective=on(2019)))
dissolved_some_day = given(DECIDER, REGISTERED, party.Dissolved())
duplicate = given(DECIDER, REGISTERED, party.DuplicateMerged(into=no(2)))

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        party.Register(
            kind="alliance",
            name=PrintedName(printed="某某聯盟", simplified="某某联盟", script="hant"),
            parent=no(2),
            proposed=party.Propose(by=(no(3),)),
            founded=party.Found(manner="unveiled", effective=on(2021)),
            located=party.Locate(place=no(4), citations=cite(7)),
            secretariat=party.AssignSecretariat(secretariat=no(5)),
            aliases=(party.RecordAlias(alias="联盟", sort="short"),),
            identifiers=(party.Identify(scheme="uscc", value=USCC),),
            members=(party.AddMember(member=no(6), role="会长"),),
            holders=(party.SeeOfficeHolder(person=MAYOR, effective=on(2021)),),
            citations=cite(0),
        )
    ).then(
        party.Registered(
            kind="alliance",
            name=PrintedName(printed="某某聯盟", simplified="某某联盟", script="hant"),
            parent=no(2),
            citations=cite(0),
        ),
        party.Proposed(by=(no(3),), citations=cite(0)),
        party.Founded(manner="unveiled", effective=on(2021), citations=cite(0)),
        party.Located(place=no(4), citations=cite(7)),
        party.SecretariatAssigned(secretariat=no(5), citations=cite(0)),
        party.AliasRecorded(alias="联盟", sort="short", citations=cite(0)),
        party.Identified(scheme="uscc", value=USCC, citations=cite(0)),
        party.MemberAdded(member=no(6), role="会长", citations=cite(0)),
        party.OfficeHolderSeen(person=MAYOR, effective=on(2021), citations=cite(0)),
    ),
    "registered again changes nothing": city.when(party.Register(kind="city", name=CITY)).then(),
    "registered again from another source is attested": city.when(
        party.Register(kind="city", name=CITY, citations=cite(3))
    ).then(party.Attested(attests="header", citations=cite(3))),
    "registered again otherwise": city.when(party.Register(kind="county", name=CITY)).refused(errors.AlreadyOtherwise),
    "registered again with more": city.when(
        party.Register(kind="city", name=CITY, aliases=(party.RecordAlias(alias="甲"),))
    ).refused(errors.AlreadyOtherwise),
    "one thing twice in a whole": bare.when(
        party.Register(kind="city", name=CITY, aliases=(party.RecordAlias(alias="甲"), party.RecordAlias(alias="甲")))
    ).refused(errors.AlreadyOtherwise, "/aliases/1"),
    "a refusal in a whole points into it": bare.when(
        party.Register(kind="city", name=CITY, members=(party.AddMember(member=ID),))
    ).refused(errors.Circular, "/members/0/member"),
    "registered under itself": bare.when(party.Register(kind="city", name=CITY, parent=ID)).refused(
        errors.Circular, "/parent"
    ),
    "nothing happens to what is not registered": bare.when(party.Rename(name=NEW)).refused(errors.NotFound),
    # --- names
    "is renamed": city.when(party.Rename(name=NEW, effective=on(2019), citations=cite(1))).then(
        party.Renamed(name=NEW, effective=on(2019), citations=cite(1))
    ),
    "renamed to the same changes nothing": city.when(party.Rename(name=CITY)).then(),
    "the name said by another source": given(DECIDER, REGISTERED, party.Renamed(name=NEW, effective=on(2019)))
    .when(party.Rename(name=NEW, effective=on(2019), citations=cite(4)))
    .then(party.Attested(attests="header", fields=("name",), effective=on(2019), citations=cite(4))),
    "the same day printed otherwise is the same fact": given(
        DECIDER, REGISTERED, party.Renamed(name=NEW, effective=on(2019))
    )
    .when(
        party.Rename(
            name=NEW,
            effective=UncertainDate(earliest=date(2019, 1, 1), latest=date(2019, 1, 1), printed="元旦"),
        )
    )
    .then(),
    "an alias": city.when(party.RecordAlias(alias="甲", sort="short")).then(
        party.AliasRecorded(alias="甲", sort="short")
    ),
    "an alias of another sort": given(DECIDER, REGISTERED, party.AliasRecorded(alias="甲", sort="short"))
    .when(party.RecordAlias(alias="甲", sort="typo"))
    .refused(errors.AlreadyOtherwise, "/sort"),
    "an alias of an ended party may be learnt": dissolved.when(party.RecordAlias(alias="甲")).then(
        party.AliasRecorded(alias="甲")
    ),
    # --- identifiers
    "a division code": city.when(party.Identify(scheme="division_code", value="370100")).then(
        party.Identified(scheme="division_code", value="370100")
    ),
    "another division code from a day on": given(
        DECIDER, REGISTERED, party.Identified(scheme="division_code", value="371202")
    )
    .when(party.Identify(scheme="division_code", value="370116", effective=on(2019)))
    .then(party.Identified(scheme="division_code", value="370116", effective=on(2019))),
    "another division code without a day": given(
        DECIDER, REGISTERED, party.Identified(scheme="division_code", value="371202")
    )
    .when(party.Identify(scheme="division_code", value="370116"))
    .refused(errors.AlreadyOtherwise, "/value"),
    "since when a code holds is learnt": given(
        DECIDER, REGISTERED, party.Identified(scheme="division_code", value="371202")
    )
    .when(party.Identify(scheme="division_code", value="371202", effective=on(1992)))
    .then(party.Identified(scheme="division_code", value="371202", effective=on(1992))),
    "a code from two different days": given(
        DECIDER, REGISTERED, party.Identified(scheme="division_code", value="371202", effective=on(1992))
    )
    .when(party.Identify(scheme="division_code", value="371202", effective=on(1993)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a division code of seven digits": city.when(party.Identify(scheme="division_code", value="3701001")).refused(
        errors.Invalid, "/value"
    ),
    "a credit code": city.when(party.Identify(scheme="uscc", value=USCC)).then(
        party.Identified(scheme="uscc", value=USCC)
    ),
    "a credit code with a wrong check digit": city.when(
        party.Identify(scheme="uscc", value="911100006000373410")
    ).refused(errors.Invalid, "/value"),
    "a credit code with a letter that none has": city.when(
        party.Identify(scheme="uscc", value="9111000060003734IL")
    ).refused(errors.Invalid, "/value"),
    "a credit code of a rural body": city.when(party.Identify(scheme="uscc", value=RURAL_USCC)).then(
        party.Identified(scheme="uscc", value=RURAL_USCC)
    ),
    "a second credit code, dated or not": given(DECIDER, REGISTERED, party.Identified(scheme="uscc", value=USCC))
    .when(party.Identify(scheme="uscc", value=OTHER_USCC, effective=on(2020)))
    .refused(errors.AlreadyOtherwise, "/value"),
    # --- where it stands
    "stands under another": city.when(party.Reparent(parent=no(2), effective=on(2019))).then(
        party.Reparented(parent=no(2), effective=on(2019))
    ),
    "stands under none": given(DECIDER, party.Registered(kind="city", name=CITY, parent=no(2)))
    .when(party.Reparent(parent=None, effective=on(2019)))
    .then(party.Reparented(parent=None, effective=on(2019))),
    "stands under itself": city.when(party.Reparent(parent=ID)).refused(errors.Circular, "/parent"),
    "stands under its child": city.when(
        party.Reparent(parent=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [party.Registered(kind="county", name=NEW, parent=ID)])},
    ).refused(errors.Circular, "/parent"),
    "has a seat": city.when(party.Locate(place=no(2))).then(party.Located(place=no(2))),
    "moves": given(DECIDER, REGISTERED, party.Located(place=no(2)))
    .when(party.Locate(place=no(3), effective=on(2020)))
    .then(party.Located(place=no(3), effective=on(2020))),
    "had its seat there earlier": given(DECIDER, REGISTERED, party.Located(place=no(2), effective=on(2020)))
    .when(party.Locate(place=no(2), effective=on(2015)))
    .then(party.Located(place=no(2), effective=on(2015))),
    "still has its seat there": given(DECIDER, REGISTERED, party.Located(place=no(2), effective=on(2020)))
    .when(party.Locate(place=no(2), effective=on(2021)))
    .then(),
    "has its seat in itself": city.when(party.Locate(place=ID)).refused(errors.Circular, "/place"),
    "a secretariat": city.when(party.AssignSecretariat(secretariat=no(2))).then(
        party.SecretariatAssigned(secretariat=no(2))
    ),
    "its own secretariat": city.when(party.AssignSecretariat(secretariat=ID)).refused(errors.Circular, "/secretariat"),
    # --- members
    "a member": city.when(party.AddMember(member=no(2), role="理事")).then(
        party.MemberAdded(member=no(2), role="理事")
    ),
    "a member again, without a role": given(DECIDER, REGISTERED, party.MemberAdded(member=no(2), role="理事"))
    .when(party.AddMember(member=no(2), citations=cite(1)))
    .then(party.Attested(attests=f"members/{no(2)}", citations=cite(1))),
    "a member in another role": given(DECIDER, REGISTERED, party.MemberAdded(member=no(2), role="理事"))
    .when(party.AddMember(member=no(2), role="会长"))
    .refused(errors.AlreadyOtherwise, "/role"),
    "a member from another day": given(DECIDER, REGISTERED, party.MemberAdded(member=no(2), effective=on(2020)))
    .when(party.AddMember(member=no(2), effective=on(2021)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a member of itself": city.when(party.AddMember(member=ID)).refused(errors.Circular, "/member"),
    "a member leaves": given(DECIDER, REGISTERED, party.MemberAdded(member=no(2)))
    .when(party.RemoveMember(member=no(2), effective=on(2020)))
    .then(party.MemberRemoved(member=no(2), effective=on(2020))),
    "a member that left leaves": given(
        DECIDER,
        REGISTERED,
        party.MemberAdded(member=no(2)),
        party.MemberRemoved(member=no(2), effective=on(2020)),
    )
    .when(party.RemoveMember(member=no(2)))
    .then(),
    "a member that left comes back": given(
        DECIDER,
        REGISTERED,
        party.MemberAdded(member=no(2)),
        party.MemberRemoved(member=no(2), effective=on(2020)),
    )
    .when(party.AddMember(member=no(2), effective=on(2022)))
    .then(party.MemberAdded(member=no(2), effective=on(2022))),
    "a member that is none leaves": city.when(party.RemoveMember(member=no(2))).refused(errors.UnknownPart, "/member"),
    # --- people
    "an office holder": city.when(party.SeeOfficeHolder(person=MAYOR, effective=on(2013))).then(
        party.OfficeHolderSeen(person=MAYOR, effective=on(2013))
    ),
    "an office holder between two days": given(
        DECIDER,
        REGISTERED,
        party.OfficeHolderSeen(person=MAYOR, effective=on(2013)),
        party.OfficeHolderSeen(person=MAYOR, effective=on(2016)),
    )
    .when(party.SeeOfficeHolder(person=MAYOR, effective=on(2014)))
    .then(),
    "an office holder after the end": dissolved.when(party.SeeOfficeHolder(person=MAYOR, effective=on(2020))).refused(
        errors.Ended
    ),
    "an office holder of a day unknown": dissolved.when(party.SeeOfficeHolder(person=MAYOR)).then(
        party.OfficeHolderSeen(person=MAYOR)
    ),
    # --- life
    "is proposed": city.when(party.Propose(by=(no(2),))).then(party.Proposed(by=(no(2),))),
    "is founded": given(DECIDER, REGISTERED, party.Proposed())
    .when(party.Found(manner="opened", effective=on(2021)))
    .then(party.Founded(manner="opened", effective=on(2021))),
    "when it was founded is learnt": given(DECIDER, REGISTERED, party.Founded())
    .when(party.Found(effective=on(2021)))
    .then(party.Founded(effective=on(2021))),
    "founded otherwise": given(DECIDER, REGISTERED, party.Founded(manner="opened"))
    .when(party.Found(manner="incorporated"))
    .refused(errors.AlreadyOtherwise),
    "splits": city.when(party.Divide(into=(no(2), no(3)), effective=on(2019))).then(
        party.Split(into=(no(2), no(3)), effective=on(2019))
    ),
    "splits off another and goes on": city.when(party.Divide(into=(no(2),), survives=True)).then(
        party.Split(into=(no(2),), survives=True)
    ),
    "splits into itself": city.when(party.Divide(into=(no(2), ID))).refused(errors.Circular, "/into/1"),
    "splits into one": city.when(party.Divide(into=(no(2),))).refused(errors.Invalid, "/into"),
    "splits into one twice": city.when(party.Divide(into=(no(2), no(2)))).refused(errors.Invalid, "/into"),
    "merges": city.when(party.Merge(into=no(2), effective=on(2019), carries=False)).then(
        party.Merged(into=no(2), effective=on(2019), carries=False)
    ),
    "merges into itself": city.when(party.Merge(into=ID)).refused(errors.Circular, "/into"),
    "is replaced": city.when(party.Replace(by=no(2))).then(party.Replaced(by=no(2))),
    "is replaced by itself": city.when(party.Replace(by=ID)).refused(errors.Circular, "/by"),
    "is dissolved": city.when(party.Dissolve(effective=on(2019))).then(party.Dissolved(effective=on(2019))),
    "is dissolved again": dissolved.when(party.Dissolve()).then(),
    "is dissolved on another day": dissolved.when(party.Dissolve(effective=on(2018))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "ends twice": dissolved.when(party.Merge(into=no(2))).refused(errors.NotInThisState),
    "changes before its end": dissolved.when(party.Rename(name=NEW, effective=on(2015))).then(
        party.Renamed(name=NEW, effective=on(2015))
    ),
    "changes after its end": dissolved.when(party.Rename(name=NEW, effective=on(2019))).refused(errors.Ended),
    "changes some day, and has ended": dissolved.when(party.AddMember(member=no(2))).refused(errors.Ended),
    "changes, and ended some day": dissolved_some_day.when(party.Locate(place=no(2), effective=on(2010))).refused(
        errors.Ended
    ),
    "said again after its end changes nothing": dissolved.when(party.Rename(name=CITY)).then(),
    # --- duplicates
    "is a duplicate": city.when(party.MergeDuplicate(into=no(2), basis="curated", note="同一机构")).then(
        party.DuplicateMerged(into=no(2), basis="curated", note="同一机构")
    ),
    "is a duplicate of itself": city.when(party.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is a duplicate of its duplicate": city.when(
        party.MergeDuplicate(into=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [REGISTERED, party.DuplicateMerged(into=ID)])},
    ).refused(errors.Circular, "/into"),
    "is a duplicate of a duplicate": city.when(
        party.MergeDuplicate(into=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [REGISTERED, party.DuplicateMerged(into=no(3))])},
    ).refused(errors.NotInThisState, "/into"),
    "is a duplicate of two": duplicate.when(party.MergeDuplicate(into=no(3))).refused(errors.AlreadyOtherwise, "/into"),
    "is a duplicate since a day": city.when(party.MergeDuplicate(into=no(2), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is no duplicate after all": duplicate.when(party.UnmergeDuplicate()).then(party.DuplicateUnmerged()),
    "was no duplicate": city.when(party.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate does not change": duplicate.when(party.RecordAlias(alias="甲")).refused(errors.NotInThisState),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def test_status_follows_the_day() -> None:
    """An end that lies ahead is no end yet, and what is only proposed is not active."""
    events = [
        REGISTERED,
        party.Proposed(),
        party.Founded(effective=on(2021)),
        party.Merged(into=no(2), effective=on(2030)),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Party)
    assert party.status(state, date(2020, 1, 1)) == "proposed"
    assert party.status(state, date(2021, 1, 1)) == "active"
    assert party.status(state, date(2030, 1, 1)) == "merged"
    assert party.status(Party(duplicate=party.Duplicate(into=no(2))), date(2020, 1, 1)) == "duplicate"


def test_a_party_that_survives_its_split_goes_on() -> None:
    """A split need not be an end."""
    state = newest(DECIDER, [REGISTERED, party.Split(into=(no(2),), survives=True)])
    assert isinstance(state, Party)
    assert party.status(state, date(2020, 1, 1)) == "active"


def test_names() -> None:
    """All names and aliases are known, and which one held on a day."""
    hant = PrintedName(printed="甲縣", simplified="甲县")
    events = [
        party.Registered(kind="county", name=hant),
        party.Renamed(name=NEW, effective=on(2019)),
        party.AliasRecorded(alias="乙", sort="short"),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Party)
    assert party.names(state) == ("乙市", "甲县", "甲縣", "乙")
    assert party.name_on(state, date(2018, 12, 31)) == hant
    assert party.name_on(state, date(2019, 1, 1)) == NEW
    assert party.name_on(Party(), date(2019, 1, 1)) is None


def test_an_attestation_keeps_its_own_basis_and_citations_once() -> None:
    """The same words cited twice are one citation; a source keeps its basis."""
    attested = party.Attested(attests="header", basis="curated", citations=cite(5) + cite(5))
    state = newest(DECIDER, [REGISTERED, attested, attested])
    assert isinstance(state, Party)
    assert state.header is not None
    assert [source.basis for source in state.header.sources] == ["stated", "curated"]
    cited: list[Citation] = [citation for source in state.header.sources for citation in source.citations]
    assert cited == list(cite(5))
