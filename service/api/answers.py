"""Answers that are whole: status, headers and body, ready to be sent. Those that go on are Litestar's (`streams`)."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import NamedTuple

from litestar.types import Receive, Scope, Send

from service.domain.decider import Ref

BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
"""Statuses without a body, and without headers about one (RFC 9110, sections 15.3.5 and 15.4.5)."""


class Answer:
    """An answer. It is not changed once it is made, so the same one may be sent many times over.

    Litestar's own has its headers looked through for each one that is set, which costs a quarter of a short read.
    """

    __slots__ = ("body", "headers", "status_code")

    def __init__(
        self,
        *,
        body: bytes = b"",
        status_code: int = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
        media_type: str = "application/json",
    ) -> None:
        """The names of the headers are in small letters; a text is in UTF-8."""
        self.status_code = int(status_code)
        self.body = body
        self.headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
        if status_code not in BODILESS:
            kind = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
            if headers is None or "content-type" not in headers:
                self.headers.append((b"content-type", kind.encode("latin-1")))
            self.headers.append((b"content-length", b"%d" % len(body)))

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


MOST = 16_000_000
"""Bytes of answers that are kept."""
LEAST = 1_000
"""Bytes that an answer counts for at least."""


class Made(NamedTuple):
    """An answer that was made of a version of a stream, for a day; `etag` is its entity tag."""

    version: int
    day: date
    etag: str
    answer: Answer

    @property
    def size(self) -> int:
        """The bytes that it counts for."""
        return max(LEAST, len(self.answer.body))


class Kept:
    """Answers about streams as they hold, the newest of each, the longest unread first.

    Whoever asks has looked the stream's version up, so that a write of another process reaches every answer after it.
    """

    def __init__(self) -> None:
        """None yet."""
        self._made: dict[Ref, Made] = {}
        self.size = 0

    def find(self, ref: Ref, version: int, day: date) -> Made | None:
        """The answer of that version, for that day."""
        made = self._made.get(ref)
        if made is None or made.version != version or made.day != day:
            return None
        del self._made[ref]
        self._made[ref] = made
        return made

    def keep(self, ref: Ref, made: Made) -> None:
        """Keep an answer in place of an older one, and forget others where they are too much together."""
        self._drop(self._made.pop(ref, None))
        self._made[ref] = made
        self.size += made.size
        while self.size > MOST:
            self._drop(self._made.pop(next(iter(self._made))))

    def _drop(self, made: Made | None) -> None:
        self.size -= made.size if made is not None else 0
