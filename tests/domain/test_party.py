"""The party: every command, and every refusal."""

from collections.abc import Callable
from datetime import date

import pytest

from service.domain import errors, party
from service.domain.decider import Command, Ref
from service.domain.duplicates import Duplicate
from service.domain.party import DECIDER, bodies, identity, life, record
from service.domain.party.state import Party, name_on, names, status
from service.domain.values import Citation, Person, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

CITY = PrintedName(printed="甲市")
NEW = PrintedName(printed="乙市")
REGISTERED = identity.Registered(kind="city", name=CITY)
SHORT = PrintedName(printed="甲")
MAYOR = Person(name=PrintedName(printed="某甲"), title="市长")
USCC = "91110000600037341L"
OTHER_USCC = "11370000MB2852135G"
RURAL_USCC = "N23700000000000017"

BY_2020 = UncertainDate(latest=date(2020, 1, 1), precision="before")

bare = given(DECIDER)
city = given(DECIDER, REGISTERED)
dissolved = given(DECIDER, REGISTERED, life.Dissolved(effective=on(2019)))
dissolved_some_day = given(DECIDER, REGISTERED, life.Dissolved())
duplicate = given(DECIDER, REGISTERED, record.DuplicateMerged(into=no(2)))

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        party.Register(
            kind="alliance",
            name=PrintedName(printed="某某聯盟", simplified="某某联盟", script="hant"),
            parent=no(2),
            proposed=life.Propose(by=(no(3),)),
            founded=life.Found(manner="unveiled", effective=on(2021)),
            places=(bodies.Locate(place=no(4), citations=cite(7)), bodies.Locate(place=no(7))),
            secretariat=bodies.AssignSecretariat(secretariat=no(5)),
            aliases=(identity.RecordAlias(alias=PrintedName(printed="联盟"), sorts=("short",)),),
            identifiers=(identity.Identify(scheme="uscc", value=USCC),),
            members=(bodies.AddMember(member=no(6), role="会长"),),
            holders=(bodies.SeeOfficeHolder(person=MAYOR, seen=on(2021)),),
            citations=cite(0),
        )
    ).then(
        identity.Registered(
            kind="alliance",
            name=PrintedName(printed="某某聯盟", simplified="某某联盟", script="hant"),
            citations=cite(0),
        ),
        bodies.Reparented(parent=no(2), citations=cite(0)),
        life.Proposed(by=(no(3),), citations=cite(0)),
        life.Founded(manner="unveiled", effective=on(2021), citations=cite(0)),
        bodies.SecretariatAssigned(secretariat=no(5), citations=cite(0)),
        identity.AliasRecorded(alias=PrintedName(printed="联盟"), sorts=("short",), citations=cite(0)),
        identity.Identified(scheme="uscc", value=USCC, citations=cite(0)),
        bodies.Located(place=no(4), citations=cite(7)),
        bodies.Located(place=no(7), citations=cite(0)),
        bodies.MemberAdded(member=no(6), role="会长", citations=cite(0)),
        bodies.OfficeHolderSeen(person=MAYOR, seen=on(2021), citations=cite(0)),
    ),
    "registered since a day": bare.when(party.Register(kind="city", name=CITY, effective=on(2000))).refused(
        errors.Invalid, "/effective"
    ),
    "stated, and cites nothing": city.when(identity.Rename(name=NEW, basis="stated")).refused(errors.Invalid, "/basis"),
    "registered again with its parent": city.when(
        party.Register(kind="city", name=CITY, parent=no(2), citations=cite(3))
    ).then(
        record.Attested(attests=1, citations=cite(3)),
        bodies.Reparented(parent=no(2), citations=cite(3)),
    ),
    "registered again changes nothing": city.when(party.Register(kind="city", name=CITY)).then(),
    "registered again from another source is attested": city.when(
        party.Register(kind="city", name=CITY, citations=cite(3))
    ).then(record.Attested(attests=1, citations=cite(3))),
    "registered again under a name that it had": given(
        DECIDER, REGISTERED, identity.Renamed(name=NEW, effective=on(2020))
    )
    .when(party.Register(kind="city", name=CITY, citations=cite(3)))
    .then(record.Attested(attests=1, citations=cite(3))),
    "registered again otherwise": city.when(party.Register(kind="county", name=CITY)).refused(
        errors.AlreadyOtherwise, "/kind"
    ),
    "registered again with more": city.when(
        party.Register(kind="city", name=CITY, aliases=(identity.RecordAlias(alias=SHORT),))
    ).refused(errors.AlreadyOtherwise, "/aliases/0"),
    "one thing twice in a whole": bare.when(
        party.Register(
            kind="city", name=CITY, aliases=(identity.RecordAlias(alias=SHORT), identity.RecordAlias(alias=SHORT))
        )
    ).refused(errors.AlreadyOtherwise, "/aliases/1"),
    "a refusal in a whole points into it": bare.when(
        party.Register(kind="city", name=CITY, members=(bodies.AddMember(member=ID),))
    ).refused(errors.Circular, "/members/0/member"),
    "registered under itself": bare.when(party.Register(kind="city", name=CITY, parent=ID)).refused(
        errors.Circular, "/parent"
    ),
    "nothing happens to what is not registered": bare.when(identity.Rename(name=NEW)).refused(errors.NotFound),
    # --- names
    "is renamed": city.when(identity.Rename(name=NEW, effective=on(2019), citations=cite(1))).then(
        identity.Renamed(name=NEW, effective=on(2019), citations=cite(1))
    ),
    "renamed to the same changes nothing": city.when(identity.Rename(name=CITY)).then(),
    "the name said by another source": given(DECIDER, REGISTERED, identity.Renamed(name=NEW, effective=on(2019)))
    .when(identity.Rename(name=NEW, effective=on(2019), citations=cite(4)))
    .then(record.Attested(attests=2, citations=cite(4))),
    "a name that it had, said by another source": given(
        DECIDER,
        REGISTERED,
        identity.Renamed(name=NEW, effective=on(2019)),
        identity.Renamed(name=CITY, effective=on(2020)),
    )
    .when(identity.Rename(name=NEW, effective=on(2019), citations=cite(4)))
    .then(record.Attested(attests=2, citations=cite(4))),
    "a name of no exact day told twice": given(
        DECIDER,
        REGISTERED,
        identity.Renamed(name=NEW, effective=on(2019)),
        identity.Renamed(name=NEW, effective=BY_2020, citations=cite(4)),
    )
    .when(identity.Rename(name=NEW, effective=BY_2020, citations=cite(4)))
    .then(),
    "the same day printed otherwise is the same fact": given(
        DECIDER, REGISTERED, identity.Renamed(name=NEW, effective=on(2019))
    )
    .when(
        identity.Rename(
            name=NEW,
            effective=UncertainDate(earliest=date(2019, 1, 1), latest=date(2019, 1, 1), printed="元旦"),
        )
    )
    .then(),
    "another name of that day, printed alike": given(
        DECIDER, REGISTERED, identity.Renamed(name=NEW, effective=on(2019))
    )
    .when(identity.Rename(name=PrintedName(printed="乙市", restored="丙市"), effective=on(2019)))
    .refused(errors.AlreadyOtherwise, "/name"),
    "the name it has, of a day unknown": given(DECIDER, REGISTERED, identity.Renamed(name=NEW, effective=on(2019)))
    .when(identity.Rename(name=NEW, citations=cite(4)))
    .then(record.Attested(attests=2, citations=cite(4))),
    "becomes one of another kind": city.when(identity.Describe(kind="county", effective=on(2019))).then(
        identity.Described(kind="county", effective=on(2019))
    ),
    "is of that kind": city.when(identity.Describe(kind="city", citations=cite(1))).then(
        record.Attested(attests=1, fields=("kind",), citations=cite(1))
    ),
    "an alias": city.when(identity.RecordAlias(alias=SHORT, sorts=("short",))).then(
        identity.AliasRecorded(alias=SHORT, sorts=("short",))
    ),
    "an alias again, without its sort": given(
        DECIDER, REGISTERED, identity.AliasRecorded(alias=SHORT, sorts=("short",))
    )
    .when(identity.RecordAlias(alias=SHORT, citations=cite(1)))
    .then(record.Attested(attests=2, fields=("alias",), citations=cite(1))),
    "the sort of an alias is learnt": given(DECIDER, REGISTERED, identity.AliasRecorded(alias=SHORT))
    .when(identity.RecordAlias(alias=SHORT, sorts=("former",), citations=cite(1)))
    .then(
        identity.AliasDescribed(alias=SHORT, sorts=("former",), citations=cite(1)),
        record.Attested(attests=2, citations=cite(1)),
    ),
    "an alias is short and traditional": given(DECIDER, REGISTERED)
    .when(identity.RecordAlias(alias=SHORT, sorts=("traditional", "short", "short")))
    .then(identity.AliasRecorded(alias=SHORT, sorts=("short", "traditional"))),
    "an alias of another sort": given(DECIDER, REGISTERED, identity.AliasRecorded(alias=SHORT, sorts=("short",)))
    .when(identity.RecordAlias(alias=SHORT, sorts=("typo",)))
    .refused(errors.AlreadyOtherwise, "/sorts"),
    "what is meant by an alias is learnt": given(DECIDER, REGISTERED, identity.AliasRecorded(alias=SHORT))
    .when(identity.RecordAlias(alias=PrintedName(printed="甲", restored="乙")))
    .then(identity.AliasDescribed(alias=PrintedName(printed="甲", restored="乙"))),
    "an alias that means something else": given(
        DECIDER, REGISTERED, identity.AliasRecorded(alias=PrintedName(printed="甲", restored="丙"))
    )
    .when(identity.RecordAlias(alias=PrintedName(printed="甲", restored="乙")))
    .refused(errors.AlreadyOtherwise, "/alias"),
    "the name it has, told with less": given(
        DECIDER, REGISTERED, identity.Renamed(name=PrintedName(printed="甲縣", simplified="甲县"), effective=on(2019))
    )
    .when(identity.Rename(name=PrintedName(printed="甲縣"), effective=on(2019), citations=cite(4)))
    .then(record.Attested(attests=2, citations=cite(4))),
    "an alias since a day, known without": given(DECIDER, REGISTERED, identity.AliasRecorded(alias=SHORT))
    .when(identity.RecordAlias(alias=SHORT, effective=on(2010)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "an alias of an ended party may be learnt": dissolved.when(identity.RecordAlias(alias=SHORT)).then(
        identity.AliasRecorded(alias=SHORT)
    ),
    # --- identifiers
    "a division code": city.when(identity.Identify(scheme="division_code", value="330100")).then(
        identity.Identified(scheme="division_code", value="330100")
    ),
    "another division code from a day on": given(
        DECIDER, REGISTERED, identity.Identified(scheme="division_code", value="331202")
    )
    .when(identity.Identify(scheme="division_code", value="330116", effective=on(2019)))
    .then(identity.Identified(scheme="division_code", value="330116", effective=on(2019))),
    "another division code without a day": given(
        DECIDER, REGISTERED, identity.Identified(scheme="division_code", value="331202")
    )
    .when(identity.Identify(scheme="division_code", value="330116"))
    .refused(errors.AlreadyOtherwise, "/value"),
    "a code since a day, known without": given(
        DECIDER, REGISTERED, identity.Identified(scheme="division_code", value="331202")
    )
    .when(identity.Identify(scheme="division_code", value="331202", effective=on(1992)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a code again": given(
        DECIDER, REGISTERED, identity.Identified(scheme="division_code", value="331202", effective=on(1992))
    )
    .when(identity.Identify(scheme="division_code", value="331202", effective=on(1992), citations=cite(1)))
    .then(record.Attested(attests=2, citations=cite(1))),
    "a code from two different days": given(
        DECIDER, REGISTERED, identity.Identified(scheme="division_code", value="331202", effective=on(1992))
    )
    .when(identity.Identify(scheme="division_code", value="331202", effective=on(1993)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a division code that is another's": city.when(identity.Identify(scheme="division_code", value="370100")).refused(
        errors.Invalid, "/value"
    ),
    "a division code of seven digits": city.when(identity.Identify(scheme="division_code", value="3701001")).refused(
        errors.Invalid, "/value"
    ),
    "a credit code": city.when(identity.Identify(scheme="uscc", value=USCC)).then(
        identity.Identified(scheme="uscc", value=USCC)
    ),
    "a credit code with a wrong check digit": city.when(
        identity.Identify(scheme="uscc", value="911100006000373410")
    ).refused(errors.Invalid, "/value"),
    "a credit code with a letter that none has": city.when(
        identity.Identify(scheme="uscc", value="9111000060003734IL")
    ).refused(errors.Invalid, "/value"),
    "a credit code of a rural body": city.when(identity.Identify(scheme="uscc", value=RURAL_USCC)).then(
        identity.Identified(scheme="uscc", value=RURAL_USCC)
    ),
    "a second credit code, dated or not": given(DECIDER, REGISTERED, identity.Identified(scheme="uscc", value=USCC))
    .when(identity.Identify(scheme="uscc", value=OTHER_USCC, effective=on(2020)))
    .refused(errors.AlreadyOtherwise, "/value"),
    # --- where it stands
    "stands under another": city.when(bodies.Reparent(parent=no(2), effective=on(2019))).then(
        bodies.Reparented(parent=no(2), effective=on(2019))
    ),
    "stands under none": given(DECIDER, REGISTERED, bodies.Reparented(parent=no(2)))
    .when(bodies.Reparent(parent=None, effective=on(2019)))
    .then(bodies.Reparented(parent=None, effective=on(2019))),
    "stands under itself": city.when(bodies.Reparent(parent=ID)).refused(errors.Circular, "/parent"),
    "stands under its child": city.when(
        bodies.Reparent(parent=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [REGISTERED, bodies.Reparented(parent=ID)])},
    ).refused(errors.Circular, "/parent"),
    "has a seat": city.when(bodies.Locate(place=no(2))).then(bodies.Located(place=no(2))),
    "stands there, as is known": given(DECIDER, REGISTERED, bodies.Reparented(parent=no(2), effective=on(2019)))
    .when(bodies.Reparent(parent=no(2), citations=cite(1)))
    .then(record.Attested(attests=2, citations=cite(1))),
    "stands there since another day": given(DECIDER, REGISTERED, bodies.Reparented(parent=no(2)))
    .when(bodies.Reparent(parent=no(2), effective=on(2019)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "has two seats": given(DECIDER, REGISTERED, bodies.Located(place=no(2)))
    .when(bodies.Locate(place=no(3), effective=on(2020)))
    .then(bodies.Located(place=no(3), effective=on(2020))),
    "has its seat there since another day": given(DECIDER, REGISTERED, bodies.Located(place=no(2), effective=on(2020)))
    .when(bodies.Locate(place=no(2), effective=on(2015)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "has its seat there, says another": given(DECIDER, REGISTERED, bodies.Located(place=no(2), effective=on(2020)))
    .when(bodies.Locate(place=no(2), citations=cite(1)))
    .then(record.Attested(attests=2, fields=("place",), citations=cite(1))),
    "leaves a place": given(DECIDER, REGISTERED, bodies.Located(place=no(2)))
    .when(bodies.LeavePlace(place=no(2), effective=on(2020)))
    .then(bodies.PlaceLeft(place=no(2), effective=on(2020))),
    "left the place, says another": given(
        DECIDER, REGISTERED, bodies.Located(place=no(2)), bodies.PlaceLeft(place=no(2), effective=on(2020))
    )
    .when(bodies.LeavePlace(place=no(2), effective=on(2020), citations=cite(1)))
    .then(record.Attested(attests=3, citations=cite(1))),
    "left the place on another day": given(
        DECIDER, REGISTERED, bodies.Located(place=no(2)), bodies.PlaceLeft(place=no(2))
    )
    .when(bodies.LeavePlace(place=no(2), effective=on(2020)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "leaves a place where it has no seat": city.when(bodies.LeavePlace(place=no(2))).refused(
        errors.UnknownPart, "/place"
    ),
    "comes back to a place": given(
        DECIDER, REGISTERED, bodies.Located(place=no(2)), bodies.PlaceLeft(place=no(2), effective=on(2020))
    )
    .when(bodies.Locate(place=no(2), effective=on(2022)))
    .then(bodies.Located(place=no(2), effective=on(2022))),
    "has its seat in itself": city.when(bodies.Locate(place=ID)).refused(errors.Circular, "/place"),
    "a secretariat": city.when(bodies.AssignSecretariat(secretariat=no(2))).then(
        bodies.SecretariatAssigned(secretariat=no(2))
    ),
    "a secretariat, says another": given(DECIDER, REGISTERED, bodies.SecretariatAssigned(secretariat=no(2)))
    .when(bodies.AssignSecretariat(secretariat=no(2), citations=cite(1)))
    .then(record.Attested(attests=2, citations=cite(1))),
    "a secretariat since another day": given(DECIDER, REGISTERED, bodies.SecretariatAssigned(secretariat=no(2)))
    .when(bodies.AssignSecretariat(secretariat=no(2), effective=on(2020)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "another secretariat": given(DECIDER, REGISTERED, bodies.SecretariatAssigned(secretariat=no(2)))
    .when(bodies.AssignSecretariat(secretariat=no(3), effective=on(2020)))
    .then(bodies.SecretariatAssigned(secretariat=no(3), effective=on(2020))),
    "its own secretariat": city.when(bodies.AssignSecretariat(secretariat=ID)).refused(errors.Circular, "/secretariat"),
    # --- members
    "a member": city.when(bodies.AddMember(member=no(2), role="理事")).then(
        bodies.MemberAdded(member=no(2), role="理事")
    ),
    "a member again, without a role": given(DECIDER, REGISTERED, bodies.MemberAdded(member=no(2), role="理事"))
    .when(bodies.AddMember(member=no(2), citations=cite(1)))
    .then(record.Attested(attests=2, fields=("member",), citations=cite(1))),
    "a member's role is learnt": given(DECIDER, REGISTERED, bodies.MemberAdded(member=no(2)))
    .when(bodies.AddMember(member=no(2), role="理事", citations=cite(1)))
    .then(
        bodies.MemberDescribed(member=no(2), role="理事", citations=cite(1)),
        record.Attested(attests=2, fields=("member",), citations=cite(1)),
    ),
    "a member's role, learnt before, from another source": given(
        DECIDER, REGISTERED, bodies.MemberAdded(member=no(2)), bodies.MemberDescribed(member=no(2), role="理事")
    )
    .when(bodies.AddMember(member=no(2), role="理事", citations=cite(1)))
    .then(
        record.Attested(attests=2, fields=("member",), citations=cite(1)), record.Attested(attests=3, citations=cite(1))
    ),
    "a member in another role": given(DECIDER, REGISTERED, bodies.MemberAdded(member=no(2), role="理事"))
    .when(bodies.AddMember(member=no(2), role="会长"))
    .refused(errors.AlreadyOtherwise, "/role"),
    "a member from another day": given(DECIDER, REGISTERED, bodies.MemberAdded(member=no(2), effective=on(2020)))
    .when(bodies.AddMember(member=no(2), effective=on(2021)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "a member of itself": city.when(bodies.AddMember(member=ID)).refused(errors.Circular, "/member"),
    "a member leaves": given(DECIDER, REGISTERED, bodies.MemberAdded(member=no(2)))
    .when(bodies.RemoveMember(member=no(2), effective=on(2020)))
    .then(bodies.MemberRemoved(member=no(2), effective=on(2020))),
    "a member that left leaves": given(
        DECIDER,
        REGISTERED,
        bodies.MemberAdded(member=no(2)),
        bodies.MemberRemoved(member=no(2), effective=on(2020)),
    )
    .when(bodies.RemoveMember(member=no(2)))
    .then(),
    "a member that left comes back": given(
        DECIDER,
        REGISTERED,
        bodies.MemberAdded(member=no(2)),
        bodies.MemberRemoved(member=no(2), effective=on(2020)),
    )
    .when(bodies.AddMember(member=no(2), effective=on(2022)))
    .then(bodies.MemberAdded(member=no(2), effective=on(2022))),
    "a member that is none leaves": city.when(bodies.RemoveMember(member=no(2))).refused(errors.UnknownPart, "/member"),
    # --- people
    "an office holder": city.when(bodies.SeeOfficeHolder(person=MAYOR, seen=on(2013))).then(
        bodies.OfficeHolderSeen(person=MAYOR, seen=on(2013))
    ),
    "an office holder on another day, once": given(
        DECIDER, REGISTERED, bodies.OfficeHolderSeen(person=MAYOR, seen=on(2013))
    )
    .when(bodies.SeeOfficeHolder(person=MAYOR, seen=on(2016), standing="former"))
    .then(bodies.OfficeHolderSeen(person=MAYOR, seen=on(2016), standing="former")),
    "an office holder seen by two": given(DECIDER, REGISTERED, bodies.OfficeHolderSeen(person=MAYOR, seen=on(2013)))
    .when(
        bodies.SeeOfficeHolder(
            person=MAYOR,
            seen=UncertainDate(earliest=date(2013, 1, 1), latest=date(2013, 1, 1), printed="元旦"),
            citations=cite(1),
        )
    )
    .then(record.Attested(attests=2, citations=cite(1))),
    "an office holder printed alike": given(DECIDER, REGISTERED, bodies.OfficeHolderSeen(person=MAYOR))
    .when(bodies.SeeOfficeHolder(person=Person(name=PrintedName(printed="某甲", restored="某乙"), title="市长")))
    .refused(errors.AlreadyOtherwise, "/person"),
    "an office holder told with less": given(
        DECIDER,
        REGISTERED,
        bodies.OfficeHolderSeen(person=Person(name=PrintedName(printed="某甲", restored="某乙"), title="市长")),
    )
    .when(bodies.SeeOfficeHolder(person=MAYOR, citations=cite(1)))
    .then(record.Attested(attests=2, citations=cite(1))),
    "an office holder elsewhere": city.when(
        bodies.SeeOfficeHolder(person=Person(name=PrintedName(printed="某甲"), organisations=(no(2),)))
    ).refused(errors.Invalid, "/person/organisations"),
    "an office holder since a day": city.when(bodies.SeeOfficeHolder(person=MAYOR, effective=on(2013))).refused(
        errors.Invalid, "/effective"
    ),
    "an office holder after the end": dissolved.when(bodies.SeeOfficeHolder(person=MAYOR, seen=on(2020))).refused(
        errors.Ended, "/seen"
    ),
    "a former office holder after the end": dissolved.when(
        bodies.SeeOfficeHolder(person=MAYOR, seen=on(2020), standing="former")
    ).then(bodies.OfficeHolderSeen(person=MAYOR, seen=on(2020), standing="former")),
    "an office holder of a day unknown": dissolved.when(bodies.SeeOfficeHolder(person=MAYOR)).then(
        bodies.OfficeHolderSeen(person=MAYOR)
    ),
    # --- life
    "is proposed": city.when(life.Propose(by=(no(3), no(2), no(3)))).then(life.Proposed(by=(no(2), no(3)))),
    "is proposed by itself": city.when(life.Propose(by=(no(2), ID))).refused(errors.Circular, "/by/1"),
    "is founded": given(DECIDER, REGISTERED, life.Proposed())
    .when(life.Found(manner="opened", effective=on(2021)))
    .then(life.Founded(manner="opened", effective=on(2021))),
    "is founded, in the order of another source": given(DECIDER, REGISTERED, life.Founded(by=(no(2), no(3))))
    .when(life.Found(by=(no(3), no(2)), citations=cite(1)))
    .then(record.Attested(attests=2, citations=cite(1))),
    "how it was founded is learnt, and who says the rest": given(DECIDER, REGISTERED, life.Founded(by=(no(2),)))
    .when(life.Found(manner="opened", by=(no(2),), citations=cite(1)))
    .then(
        life.StepDescribed(step="founded", manner="opened", citations=cite(1)),
        record.Attested(attests=2, citations=cite(1)),
    ),
    "how it was founded is learnt from another source": given(DECIDER, REGISTERED, life.Founded())
    .when(life.Found(manner="opened", citations=cite(1)))
    .then(
        life.StepDescribed(step="founded", manner="opened", citations=cite(1)),
        record.Attested(attests=2, citations=cite(1)),
    ),
    "founded on a day, known without": given(DECIDER, REGISTERED, life.Founded())
    .when(life.Found(effective=on(2021)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "founded otherwise": given(DECIDER, REGISTERED, life.Founded(manner="opened"))
    .when(life.Found(manner="incorporated"))
    .refused(errors.AlreadyOtherwise, "/manner"),
    "founded, learnt after the end": dissolved.when(life.Found(effective=on(2010))).then(
        life.Founded(effective=on(2010))
    ),
    "splits": city.when(life.Divide(into=(no(3), no(2)), effective=on(2019))).then(
        life.Split(into=(no(2), no(3)), effective=on(2019))
    ),
    "splits off another and goes on": city.when(life.Divide(into=(no(2),), survives=True)).then(
        life.Split(into=(no(2),), survives=True)
    ),
    "splits off a second one": given(DECIDER, REGISTERED, life.Split(into=(no(2),), survives=True))
    .when(life.Divide(into=(no(3),), survives=True, effective=on(2020)))
    .then(life.Split(into=(no(3),), survives=True, effective=on(2020))),
    "whether it survived its split is learnt": given(DECIDER, REGISTERED, life.Split(into=(no(2), no(3))))
    .when(life.Divide(into=(no(3), no(2)), survives=False, carries=True))
    .then(life.SuccessionDescribed(step="split", into=(no(2), no(3)), survives=False, carries=True)),
    "did not survive its split, and ended otherwise": given(
        DECIDER, REGISTERED, life.Split(into=(no(2), no(3))), life.Dissolved(effective=on(2019))
    )
    .when(life.Divide(into=(no(3), no(2)), survives=False))
    .refused(errors.NotInThisState),
    "splits off another after its end": dissolved.when(
        life.Divide(into=(no(2),), survives=True, effective=on(2020))
    ).refused(errors.Ended),
    "splits into itself": city.when(life.Divide(into=(no(2), ID))).refused(errors.Circular, "/into/1"),
    "splits into one": city.when(life.Divide(into=(no(2),), survives=False)).refused(errors.Invalid, "/into"),
    "splits into one twice": city.when(life.Divide(into=(no(2), no(2)), survives=False)).refused(
        errors.Invalid, "/into"
    ),
    "merges": city.when(life.Merge(into=no(2), effective=on(2019), carries=False)).then(
        life.Merged(into=no(2), effective=on(2019), carries=False)
    ),
    "what its merging carried on is learnt after it": given(
        DECIDER, REGISTERED, life.Merged(into=no(2), effective=on(2019))
    )
    .when(life.Merge(into=no(2), carries=True))
    .then(life.SuccessionDescribed(step="merged", carries=True)),
    "merged into another": given(DECIDER, REGISTERED, life.Merged(into=no(2)))
    .when(life.Merge(into=no(3)))
    .refused(errors.AlreadyOtherwise, "/into"),
    "merges into itself": city.when(life.Merge(into=ID)).refused(errors.Circular, "/into"),
    "is replaced": city.when(life.Replace(successor=no(2))).then(life.Replaced(successor=no(2))),
    "is replaced by another": given(DECIDER, REGISTERED, life.Replaced(successor=no(2)))
    .when(life.Replace(successor=no(3)))
    .refused(errors.AlreadyOtherwise, "/successor"),
    "is replaced by itself": city.when(life.Replace(successor=ID)).refused(errors.Circular, "/successor"),
    "is dissolved": city.when(life.Dissolve(effective=on(2019))).then(life.Dissolved(effective=on(2019))),
    "is dissolved again": dissolved.when(life.Dissolve(citations=cite(1))).then(
        record.Attested(attests=2, fields=("step",), citations=cite(1))
    ),
    "is dissolved on another day": dissolved.when(life.Dissolve(effective=on(2018))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "ends twice": dissolved.when(life.Merge(into=no(2))).refused(errors.NotInThisState),
    "changes before its end": dissolved.when(identity.Rename(name=NEW, effective=on(2015))).then(
        identity.Renamed(name=NEW, effective=on(2015))
    ),
    "changes after its end": dissolved.when(identity.Rename(name=NEW, effective=on(2019))).refused(errors.Ended),
    "changes some day, and has ended": dissolved.when(bodies.AddMember(member=no(2))).refused(errors.Ended),
    "changes, and ended some day": dissolved_some_day.when(bodies.Locate(place=no(2), effective=on(2010))).refused(
        errors.Ended
    ),
    "said again after its end changes nothing": dissolved.when(identity.Rename(name=CITY)).then(),
    # --- duplicates
    "is a duplicate": city.when(record.MergeDuplicate(into=no(2), basis="curated", note="同一机构")).then(
        record.DuplicateMerged(into=no(2), basis="curated", note="同一机构")
    ),
    "is a duplicate of itself": city.when(record.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is a duplicate of its duplicate": city.when(
        record.MergeDuplicate(into=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [REGISTERED, record.DuplicateMerged(into=ID)])},
    ).refused(errors.Circular, "/into"),
    "is a duplicate of a duplicate": city.when(
        record.MergeDuplicate(into=no(2)),
        {Ref("parties", no(2)): newest(DECIDER, [REGISTERED, record.DuplicateMerged(into=no(3))])},
    ).refused(errors.NotInThisState, "/into"),
    "is a duplicate of two": duplicate.when(record.MergeDuplicate(into=no(3))).refused(
        errors.AlreadyOtherwise, "/into"
    ),
    "is a duplicate since a day": city.when(record.MergeDuplicate(into=no(2), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "is no duplicate after all": duplicate.when(record.UnmergeDuplicate()).then(record.DuplicateUnmerged()),
    "was no duplicate": city.when(record.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate does not change": duplicate.when(identity.RecordAlias(alias=SHORT)).refused(errors.NotInThisState),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario: Scenario) -> None:
    """Given, when, then."""
    scenario.holds()


def test_status_follows_the_day() -> None:
    """An end that lies ahead is no end yet, and what is only proposed is not active."""
    events = [
        REGISTERED,
        life.Proposed(),
        life.Founded(effective=on(2021)),
        life.Merged(into=no(2), effective=on(2030)),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Party)
    assert status(state, date(2020, 1, 1)) == "proposed"
    assert status(state, date(2021, 1, 1)) == "active"
    assert status(state, date(2030, 1, 1)) == "merged"
    assert status(Party(duplicate=Duplicate(into=no(2))), date(2020, 1, 1)) == "duplicate"


@pytest.mark.parametrize(("survives", "then"), [(True, "active"), (False, "split"), (None, "split")])
def test_a_party_that_survives_its_split_goes_on(survives: bool | None, then: str) -> None:
    """A split need not be an end. Where nobody says whether it was one, the party shows as split, and may change."""
    split = life.Split(into=(no(2), no(3)), survives=survives, effective=on(2015))
    state = newest(DECIDER, [REGISTERED, split])
    assert isinstance(state, Party)
    assert status(state, date(2014, 1, 1)) == "active"
    assert status(state, date(2020, 1, 1)) == then
    later = given(DECIDER, REGISTERED, split).when(identity.Rename(name=NEW, effective=on(2020)))
    assert (later.refusal() is None) == (survives is not False)


def test_an_undated_end_stands_with_the_founding() -> None:
    """It is not told before the founding, wherever that stands in time."""
    state = newest(DECIDER, [REGISTERED, life.Founded(effective=on(2015)), life.Dissolved()])
    assert isinstance(state, Party)
    assert [*state.steps] == ["founded", "dissolved"]


def test_names() -> None:
    """All names and aliases are known, and which one held on a day."""
    hant = PrintedName(printed="甲縣", simplified="甲县")
    events = [
        identity.Registered(kind="county", name=hant),
        identity.Renamed(name=NEW, effective=on(2019)),
        identity.AliasRecorded(alias=PrintedName(printed="乙巿", restored="乙市"), sorts=("typo",)),
    ]
    state = newest(DECIDER, events)
    assert isinstance(state, Party)
    assert names(state) == ("乙市", "甲县", "甲縣", "乙巿")
    assert name_on(state, date(2018, 12, 31)) == hant
    assert name_on(state, date(2019, 1, 1)) == NEW
    assert name_on(Party(), date(2019, 1, 1)) is None


def test_an_attestation_keeps_its_own_basis_and_citations() -> None:
    """A source keeps its basis, and says which event it supports."""
    attested = record.Attested(attests=1, basis="curated", citations=cite(5))
    state = newest(DECIDER, [REGISTERED, attested])
    assert isinstance(state, Party)
    assert state.header is not None
    assert [(source.attests, source.basis) for source in state.header.sources] == [(None, None), (1, "curated")]
    cited: list[Citation] = [citation for source in state.header.sources for citation in source.citations]
    assert cited == list(cite(5))


@pytest.mark.parametrize(
    "wrong",
    [
        identity.Described,
        lambda: identity.Identified(scheme="uscc", value="911100006000373410"),
        lambda: identity.Identified(scheme="division_code", value="3701001"),
        lambda: bodies.MemberDescribed(member=no(2)),
        lambda: bodies.OfficeHolderSeen(person=Person(name=SHORT, organisations=(no(2),))),
        lambda: life.Split(into=()),
        lambda: life.Split(into=(no(2), no(2)), survives=False),
        lambda: life.StepDescribed(step="founded"),
        lambda: life.StepDescribed(step="proposed", manner="opened"),
        lambda: life.SuccessionDescribed(step="merged", survives=True),
        lambda: life.SuccessionDescribed(step="merged", into=(no(2),), carries=True),
        lambda: life.SuccessionDescribed(step="split", carries=True),
    ],
)
def test_what_means_nothing_cannot_be_made(wrong: Callable[[], object]) -> None:
    """An event that exists is well formed, so that a correction is checked as a command is."""
    with pytest.raises(ValueError, match=r"."):
        wrong()


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (bodies.AddMember(member=no(2)), bodies.AddMember(member=no(2), role="理事", citations=cite(1))),
        (life.Found(), life.Found(manner="opened", citations=cite(1))),
        (life.Divide(into=(no(2),)), life.Divide(into=(no(2),), carries=True, citations=cite(1))),
        (identity.RecordAlias(alias=SHORT), identity.RecordAlias(alias=SHORT, sorts=("short",), citations=cite(1))),
    ],
)
def test_what_is_learnt_is_learnt_at_once(known: Command, told: Command) -> None:
    """A command that tells more leaves nothing for the same command sent again."""
    before = [REGISTERED, *given(DECIDER, REGISTERED).when(known).decided()]
    learnt = given(DECIDER, *before).when(told).decided()
    assert learnt != []
    assert given(DECIDER, *before, *learnt).when(told).decided() == []


def test_parties_stand_in_no_order() -> None:
    """A set of parties has one encoding, whatever order it is told in."""
    assert life.Founded(by=(no(3), no(2), no(3))) == life.Founded(by=(no(2), no(3)))
    assert life.Split(into=(no(3), no(2))).part == life.Split(into=(no(2), no(3))).part
    described = life.SuccessionDescribed(step="split", into=(no(3), no(2)), carries=True)
    assert described.part == life.Split(into=(no(2), no(3))).part
    assert life.StepDescribed(step="founded", by=(no(3), no(2))).by == (no(2), no(3))
