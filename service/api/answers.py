"""Answers that are whole: status, headers and body, ready to be sent. Those that go on are Litestar's (`streams`)."""

from collections.abc import Mapping
from http import HTTPStatus

from litestar.types import Receive, Scope, Send

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
