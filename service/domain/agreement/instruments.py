"""The agreement that changes another one: it must have the part that is named, and lends its signing's date."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.state import Agreement
from service.domain.decider import Fact, Ref, Refs
from service.domain.references import part_named


def names_instrument(fact: Fact) -> None:
    """The instrument is named before its part."""
    if getattr(fact, "instrument_part", None) is not None and getattr(fact, "instrument", None) is None:
        raise ValueError("instrument_part needs its instrument")


def amending(id: UUID, refs: Refs, command: Any) -> None:
    """Refuse an instrument that is the agreement itself, and a part that its instrument has not."""
    if command.instrument is None:
        return
    ref = Ref("agreements", command.instrument)
    if command.instrument == id:
        raise errors.Circular("/instrument", subject=str(ref))
    part_named(refs, str(ref), command.instrument_part, "/instrument_part")


def since_signing(refs: Refs, command: Any) -> Any:
    """An undated change made by another agreement takes that agreement's signing date, and says that it is inferred."""
    if command.effective is not None or command.instrument is None:
        return command
    instrument = refs[Ref("agreements", command.instrument)]
    signed = instrument.steps.get("signed") if isinstance(instrument, Agreement) else None
    if signed is None or signed.effective is None:
        return command
    return replace(command, effective=replace(signed.effective, basis="inferred"))
