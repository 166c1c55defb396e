"""What a serving process counts of its requests: how many, how long, how many at the moment, how many failed.

Paths are told as their routes have them: with ids, each of them would be a series of its own.
"""

from functools import cached_property
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

_LABELS = ("method", "path", "status_code", "app_name")
_PREFIX = "mengfu_http_requests"
_ALL = Counter(f"{_PREFIX}_total", "Total requests", _LABELS)
_FAILED = Counter(f"{_PREFIX}_error_total", "Total errors in requests", _LABELS)
_TOOK = Histogram("mengfu_http_request_duration_seconds", "Request duration, in seconds", _LABELS)
_PRESENT = Gauge(f"{_PREFIX}_in_progress", "Total requests currently in progress", _LABELS, multiprocess_mode="livesum")


class Traffic:
    """All requests of a process, whichever they are: how many have `begun`, and how many of them are `under_way`."""

    def __init__(self) -> None:
        """None yet."""
        self.begun = 0
        self.under_way = 0


class Requests:
    """The requests of one route by one method. Their series are looked up once: each look costs as much as counting."""

    def __init__(self, method: str, path: str) -> None:
        """`path` is the route's."""
        self._method, self._path = method, path
        self._by_status: dict[int, tuple[Counter, Histogram]] = {}

    @cached_property
    def _present(self) -> Gauge:
        return _PRESENT.labels(*self._labels(200))

    def _labels(self, status: int) -> tuple[str, str, str, str]:
        return self._method, self._path, str(status), "mengfu"

    def begin(self) -> float:
        """Count one that begins; answers when."""
        self._present.inc()
        return perf_counter()

    def end(self, status: int, began: float) -> None:
        """Count one that has ended, with that status."""
        took = perf_counter() - began
        self._present.dec()
        series = self._by_status.get(status)
        if series is None:
            labels = self._labels(status)
            series = self._by_status[status] = _ALL.labels(*labels), _TOOK.labels(*labels)
        count, duration = series
        count.inc()
        duration.observe(took)
        if status >= 500:
            _FAILED.labels(*self._labels(status)).inc()
