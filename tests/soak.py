"""Two lengths of a test: what `make test` has time for, and `make soak` (MENGFU_TEST_SOAK=1), which takes its time."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

One = TypeVar("One")

SOAKING = os.environ.get("MENGFU_TEST_SOAK") == "1"

soak = pytest.mark.skipif(not SOAKING, reason="it takes long: make soak")
"""A test, or a case of one, that is left out of `make test`."""


def examples(count: int) -> int:
    """How many examples are tried where `make test` tries so many."""
    return count * 10 if SOAKING else count


def some(cases: Sequence[One], count: int) -> Sequence[One]:
    """The first cases, where it is not all of them that are tried."""
    return cases if SOAKING else cases[:count]
