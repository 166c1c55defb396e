"""Appends through the Python package eventsourcing, in an environment that has it: `others` runs this file there.

On standard input stands how it is asked, as one line of JSON; the answer is events a second. Each event is inserted by
itself, as one command's would be, with the application recorder, which gives events their place in one order of all as
our log does (it locks the table for that). Callers are threads, each with streams of its own.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent  # type: ignore[import-not-found] # it is in another environment
from eventsourcing.postgres import (  # type: ignore[import-not-found]
    PostgresApplicationRecorder,
    PostgresDatastore,
)

TOPIC = "agreement.clause_recorded"


def rate(asked: dict[str, Any]) -> float:
    """Events a second."""
    payload, callers = bytes.fromhex(asked["payload"]), int(asked["callers"])
    each = int(asked["events"]) // callers
    datastore = PostgresDatastore(
        **asked["database"], pool_size=callers, max_overflow=0, enable_db_functions=asked["functions"]
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name=f"events_{uuid4().hex[:8]}")
    recorder.create_table()

    def caller(count: int) -> None:
        streams: list[UUID] = [uuid4() for _ in range(asked["streams"] // callers or 1)]
        for number in range(count):
            stream, version = streams[number % len(streams)], number // len(streams) + 1
            recorder.insert_events([StoredEvent(stream, version, TOPIC, payload)])

    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(caller, [5] * callers))  # connections and prepared statements
        began = time.perf_counter()
        list(threads.map(caller, [each] * callers))
        took = time.perf_counter() - began
    datastore.close()
    return each * callers / took


if __name__ == "__main__":
    print(rate(json.loads(sys.stdin.readline())))
