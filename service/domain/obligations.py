"""Who owes whom, how and by when: the same for a clause and for whatever else binds somebody."""

from typing import Any, Literal

from service.domain.decider import as_sets
from service.domain.parts import says

Manner = Literal["each", "joint", "mutual"]
"""How several obligors owe: each by itself, jointly, or one another."""

OWED = ("obligors", "beneficiaries", "manner", "due")
"""Who owes whom, how, and by when."""


def owing(fact: Any, terms: tuple[str, ...] = OWED) -> None:
    """Parties in no order; an obligation says something."""
    as_sets(fact, "obligors", "beneficiaries")
    if not any(says(getattr(fact, name)) for name in terms):
        raise ValueError(f"an obligation has at least one of {', '.join(terms)}")
