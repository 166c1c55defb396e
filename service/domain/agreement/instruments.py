"""The agreement that changes another one: it must have the clause that is named, and lends its signing's date."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.state import Agreement
from service.domain.decider import Fact, Ref, Refs
from service.domain.parts import part_of


def names_instrument(fact: Fact) -> None:
    """The instrument is named before its clause."""
    if getattr(fact, "instrument_clause", None) is not None and getattr(fact, "instrument", None) is None:
        raise ValueError("instrument_clause needs its instrument")


def amending(id: UUID, refs: Refs, command: Any) -> None:
    """Refuse an instrument that is the agreement itself, and a clause that its instrument has not."""
    if command.instrument is None:
        return
    ref = Ref("agreements", command.instrument)
    if command.instrument == id:
        raise errors.Circular("/instrument", subject=str(ref))
    clause = command.instrument_clause
    instrument = refs[ref]
    if clause is not None and (instrument is None or part_of(instrument, f"clauses/{clause}") is None):
        raise errors.UnknownPart("/instrument_clause", part=f"clauses/{clause}", subject=str(ref))


def since_signing(refs: Refs, command: Any) -> Any:
    """An undated change made by another agreement takes that agreement's signing date, and says that it is inferred."""
    if command.effective is not None or command.instrument is None:
        return command
    instrument = refs[Ref("agreements", command.instrument)]
    signed = instrument.steps.get("signed") if isinstance(instrument, Agreement) else None
    if signed is None or signed.effective is None:
        return command
    return replace(command, effective=replace(signed.effective, basis="inferred"))
