"""Ids of version 7: their time, their order, and that nobody else draws them."""

import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from service.store import ids
from service.store.ids import uuid7

NOW = datetime(2026, 11, 22, 20, 5, 59, 123_456, UTC)


def test_an_id_says_its_time() -> None:
    """48 bits of milliseconds, version and variant; the rest is drawn."""
    found = [uuid7(NOW), uuid7(NOW + timedelta(milliseconds=1)), uuid7(NOW)]
    assert [one.int >> 80 for one in found] == [1795377959123, 1795377959124, 1795377959123]
    assert {(one.version, one.variant) for one in found} == {(7, RFC_4122)}
    assert len({one.int & (1 << 62) - 1 for one in found}) == 3


def test_ids_of_a_millisecond_grow_by_steps_that_differ() -> None:
    """So they do beyond the bits that are drawn at a time."""
    found = [uuid7(NOW).int for _ in range(3 * ids.DRAWN)]
    steps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert min(steps) > 0
    assert max(steps) <= 1 << 32
    assert len(set(steps)) > len(steps) // 2


def test_threads_draw_ids_of_their_own() -> None:
    """None comes twice."""
    with ThreadPoolExecutor(4) as threads:
        parts = threads.map(lambda _: [uuid7(NOW) for _ in range(5_000)], range(4))
        found = [one for part in parts for one in part]
    assert len(set(found)) == len(found) == 20_000


FORKED = """
import os
from datetime import UTC, datetime
from service.store.ids import uuid7

now = datetime.now(UTC)
uuid7(now)
child = os.fork()
os.write(1, b"%s " % str(uuid7(now)).encode())
if child:
    os.waitpid(child, 0)
"""


def test_a_process_forked_off_draws_its_own() -> None:
    """Else both would go on from the same id by the same step."""
    told = subprocess.run([sys.executable, "-c", FORKED], check=True, capture_output=True, text=True).stdout
    one, other = map(UUID, told.split())
    assert one.int >> 80 == other.int >> 80
    assert abs(one.int - other.int) > 1 << 33
