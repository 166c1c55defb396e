"""What a writing request says in its headers: which version it is for, under which key, what it wants back."""

import hashlib
import re
from typing import Any

from litestar import Request

from service.api.access import account
from service.api.paths import public
from service.api.problems import NotMatched, WrongHeader
from service.domain.decider import Ref
from service.registry import Key, Registry

Asked = Request[Any, Any, Any]

_TAGS = re.compile(r'\s*(?:W/)?"[!#-~\x80-\xff]*"\s*(?:,\s*(?:W/)?"[!#-~\x80-\xff]*"\s*)*')
_TAG = re.compile(r'(?:W/)?"[^"]*"')
_VERSION = re.compile(r'"([0-9]{1,18})(?:-[0-9]{4}-[0-9]{2}-[0-9]{2})?"')
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def tags(request: Asked) -> list[str] | None:
    """The entity tags of If-Match, or its `*` alone; None where there is none."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None if given is None else ["*"]
    if not _TAGS.fullmatch(given):
        raise WrongHeader(header="If-Match", problem='must be * or entity tags such as "7"')
    return _TAG.findall(given)


async def expected(request: Asked, ref: Ref) -> int | None:
    """The version that If-Match asks for, None where any will do.

    Raises WrongHeader for what is no list of entity tags, NotMatched for one without a strong tag of this registry.
    """
    given = tags(request)
    if given is None or given == ["*"]:
        return None
    # Strong comparison (RFC 9110, section 13.1.1): a weak tag never matches.
    versions = [int(match[1]) for found in given if (match := _VERSION.fullmatch(found))]
    if 0 in versions:
        raise WrongHeader(header="If-Match", problem="versions start with 1")
    if not versions:
        raise NotMatched(subject=str(ref), problem="none of its entity tags is a version of a thing here")
    if len(versions) > 1:
        registry: Registry = request.app.state.registry
        folded = (await registry.read((ref,))).get(ref)
        if folded is not None and folded.version in versions:
            return folded.version
    return versions[0]


def idempotency(request: Asked, body: bytes) -> Key | None:
    """The idempotency key, with the fingerprint of the request that it stands for."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if not re.fullmatch(r"[!-~]{1,255}", given):
        raise WrongHeader(header="Idempotency-Key", problem="must have 1 to 255 visible ASCII characters")
    path = public(request.scope["path"])
    asked = "\n".join((request.method, path, request.headers.get("if-match", ""), ""))
    return Key(
        hash=hashlib.sha256(account(request).id.bytes + given.encode()).digest()[:16],
        fingerprint=hashlib.sha256(asked.encode() + body).digest()[:16],
    )


def preferred(request: Asked) -> str | None:
    """`representation` or `minimal`, where Prefer (RFC 7240) asks for it."""
    for item in request.headers.get("prefer", "").split(","):
        name, _, value = item.partition(";")[0].strip().partition("=")
        if name.strip().lower() == "return" and value.strip().strip('"') in {"representation", "minimal"}:
            return value.strip().strip('"')
    return None


def context(request: Asked) -> dict[str, str | None]:
    """The trace that the request belongs to (W3C Trace Context), and the sender's mark for what belongs together."""
    trace = request.headers.get("traceparent")
    correlation = request.headers.get("correlation-id")
    if correlation is not None and not re.fullmatch(r"[!-~]{1,255}", correlation):
        raise WrongHeader(header="Correlation-Id", problem="must have 1 to 255 visible ASCII characters")
    return {
        "traceparent": trace if trace and _TRACEPARENT.fullmatch(trace) else None,
        "correlation": correlation,
    }
