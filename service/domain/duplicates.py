"""Two records of one thing: which of them stands for both, in every aggregate that knows of duplicates."""

from uuid import UUID

from service.domain import errors
from service.domain.decider import Ref, Refs
from service.domain.values import Part


class Duplicate(Part, frozen=True, kw_only=True, gc=False):
    """The record that stands for this one."""

    into: UUID


def merging(ref: Ref, held: Duplicate | None, into: UUID, named: Refs) -> None:
    """Refuse to merge a record into itself, into another one than recorded, or into one that is a duplicate itself."""
    if into == ref.id:
        raise errors.Circular("/into", subject=str(ref))
    if held is not None and held.into != into:
        raise errors.AlreadyOtherwise("/into", what=f"{ref}: duplicate")
    one = Ref(ref.category, into)
    other: Duplicate | None = getattr(named.get(one), "duplicate", None)
    if other is not None:
        if other.into == ref.id:
            raise errors.Circular("/into", subject=str(ref))
        status = f"a duplicate of {ref.category}/{other.into}"
        raise errors.NotInThisState("/into", subject=str(one), status=status, action="stand for it")


def unmerging(ref: Ref, held: Duplicate | None) -> None:
    """Refuse to unmerge what is no duplicate."""
    if held is None:
        raise errors.NotInThisState(subject=str(ref), status="no duplicate", action="unmerge")


def alone(ref: Ref, held: Duplicate | None) -> None:
    """Refuse to change a duplicate: the record that stands for it is changed."""
    if held is not None:
        status = f"a duplicate of {ref.category}/{held.into}"
        raise errors.NotInThisState(subject=str(ref), status=status, action="change")
