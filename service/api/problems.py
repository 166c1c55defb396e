"""Errors as HTTP says them: RFC 9457 problem documents. The only place that knows which error has which status.

Every error that a client can meet is a `Refused`: the domain's and the registry's, and the ones of HTTP itself below.
Litestar's own and unexpected exceptions become problem documents too.
"""

import re
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException, MethodNotAllowedException
from msgspec import Struct

from service.api import words
from service.api.answers import Answer
from service.api.words import Language
from service.domain import errors
from service.domain.errors import Invalid, Refused, VersionMismatch

log = structlog.get_logger(__name__)
RETRY_AFTER = "1"

# --- What HTTP alone refuses ------------------------------------------------------------------------------------------


class Malformed(Refused):
    """The body is not JSON: {problem}."""

    zh = "正文不是合规的 JSON:{problem}。"


class NotWhole(Refused):
    """The body broke off, or its framing is wrong: not all of it arrived."""

    zh = "正文中断或分块有误,未能完整收到。"


class WrongQuery(Refused):
    """The query in the address is not percent-encoded UTF-8, such as curl --get --data-urlencode writes."""

    zh = "地址中的查询部分不是百分号编码的 UTF-8(可用 curl --get --data-urlencode 编码)。"


class WrongParameter(Invalid):
    """{parameter}: {problem}."""

    zh = "{parameter}:{problem}。"


class NoSuchName(Invalid):
    """{parameter}: no party is called {name}{when}: look for it at /api/parties?q=, or give an id."""

    zh = "{parameter}:没有名为 {name} 的主体{when};请用 /api/parties?q= 查找,或给出 id。"


class SeveralAreCalledSo(Invalid):
    """{parameter}: {name} may mean {count} parties{when}: give the id of one: {parties}."""

    zh = "{parameter}:{name} 可指 {count} 个主体{when};请给出其中之一的 id:{parties}。"


class WrongHeader(Refused):
    """{header}: {problem}."""

    zh = "{header}:{problem}。"


class BeyondLog(Invalid):
    """{header}: the log ends at {head}; there is no sequence {sequence} yet."""

    zh = "{header}:日志止于 {head},尚无序号 {sequence}。"


class NotJson(Refused):
    """This takes application/json in UTF-8, without content coding; the request says {given}."""

    zh = "此处只接受 UTF-8 的 application/json,且不经内容编码;请求注明的是 {given}。"


class NotText(Refused):
    """This takes text/plain in UTF-8 or application/octet-stream, without content coding; the request says {given}."""

    zh = "此处只接受 UTF-8 的 text/plain 或 application/octet-stream,且不经内容编码;请求注明的是 {given}。"


class NotSheet(Refused):
    """This takes a sheet as XLSX or text/csv (UTF-8 or GB 18030), without content coding; the request says {given}."""

    zh = "此处只接受 XLSX 或 text/csv 表格(UTF-8 或 GB 18030),且不经内容编码;请求注明的是 {given}。"


class NotAcceptable(Refused):
    """This comes as {kinds}, and Accept refuses them."""

    zh = "此处只有 {kinds},而 Accept 均不接受。"


class NotAuthenticated(Refused):
    """{problem}."""

    zh = "{problem}。"


class NotAllowed(Refused):
    """This needs the role {needed}; the key has {given}."""

    zh = "此操作需要角色 {needed},而该密钥的角色是 {given}。"


class NotMatched(VersionMismatch):
    """{subject} does not fulfil If-Match: {problem}."""

    zh = "{subject} 不满足 If-Match:{problem}。"


class Unsigned(errors.NotFound):
    """There is no checkpoint: this registry has no key to sign one by, as a replay has none."""

    zh = "没有检查点:此登记处没有签名密钥(回放亦然)。"


class UnknownCommand(Invalid):
    """{path} is not the path of a command: give one that takes POST, such as /api/agreements/<id>/clauses."""

    zh = "{path} 不是任何命令的路径:请给出接受 POST 的路径,例如 /api/agreements/<id>/clauses。"


class UnknownName(Invalid):
    """No command before this one makes what {name} names."""

    zh = "在此之前没有命令产生 {name} 所指的对象。"


class ExistsAlready(VersionMismatch):
    """{subject} exists already, which If-None-Match excludes."""

    zh = "{subject} 已经存在,而 If-None-Match 不允许。"


STATUSES: dict[type[Refused], tuple[HTTPStatus, str, str]] = {
    errors.Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, "The request contradicts itself or the record", "请求内容有误"),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "There is no such thing", "没有此对象"),
    errors.Conflict: (HTTPStatus.CONFLICT, "Not possible in this state", "当前状态不允许"),
    errors.VersionMismatch: (HTTPStatus.PRECONDITION_FAILED, "Changed in the meantime", "期间已有改动"),
    errors.ReadOnly: (HTTPStatus.FORBIDDEN, "A replay is for reading alone", "回放只供阅读"),
    errors.Mirrored: (HTTPStatus.FORBIDDEN, "A mirror is for reading alone", "镜像只供阅读"),
    errors.Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "Not possible at the moment", "暂时不能受理"),
    errors.Uncertain: (HTTPStatus.SERVICE_UNAVAILABLE, "The outcome is not known", "结果未明"),
    Malformed: (HTTPStatus.BAD_REQUEST, "Malformed request", "请求格式有误"),
    NotWhole: (HTTPStatus.BAD_REQUEST, "Malformed request", "请求格式有误"),
    WrongQuery: (HTTPStatus.BAD_REQUEST, "Malformed request", "请求格式有误"),
    NotAcceptable: (HTTPStatus.NOT_ACCEPTABLE, "No such kind of answer", "没有所要的内容类型"),
    WrongHeader: (HTTPStatus.BAD_REQUEST, "Malformed request", "请求格式有误"),
    NotJson: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content type not taken here", "不接受此内容类型"),
    NotText: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content type not taken here", "不接受此内容类型"),
    NotSheet: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content type not taken here", "不接受此内容类型"),
    NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "A key is needed", "需要密钥"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "The key's role does not allow it", "该密钥无此权限"),
}
"""The status and title of each branch of the error tree; a class takes those of its nearest ancestor here."""

_OTHER: dict[int, tuple[str, str, str, str]] = {
    400: ("Malformed request", "请求格式有误", "The request is malformed.", "请求格式有误。"),
    404: ("There is no such thing", "没有此对象", "There is nothing at this address.", "此地址没有内容。"),
    405: ("Method not possible here", "此处不能用该方法", "See the Allow header.", "可用的方法见 Allow 头。"),
    413: (
        "The body is too large",
        "正文过大",
        "The body is larger than this registry takes (MENGFU_BODY_LIMIT).",
        "正文超过本登记处接受的大小(MENGFU_BODY_LIMIT)。",
    ),
    503: (
        "Not possible at the moment",
        "暂时不能受理",
        "The database does not answer. Send the request again later.",
        "数据库没有答复,请稍后重发。",
    ),
    500: (
        "An error in the registry",
        "登记处内部错误",
        "The registry met an error of its own, noted in its log under this document's instance.",
        "登记处内部出错,已按本文的 instance 记入日志。",
    ),
}


class Wrong(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong, and where: a JSON Pointer (RFC 6901) into the body, a query parameter or a header.

    Of a sheet the pointer is a cell, `sheet!D7`.
    """

    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    detail: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457). `type` is stable; `title` and `detail` follow Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: tuple[Wrong, ...] = ()


_ENCODE = msgspec.json.Encoder().encode


def branch(kind: type[Refused]) -> tuple[HTTPStatus, str, str]:
    """Status and titles of an error class."""
    return next(STATUSES[ancestor] for ancestor in kind.__mro__ if ancestor in STATUSES)


def urn(name: str) -> str:
    """`urn:mengfu:problem:version-mismatch` of a class's name."""
    return "urn:mengfu:problem:" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def message(refused: Refused, language: Language) -> str:
    """The refusal in words."""
    facts = dict(refused.facts)
    if isinstance(cause := facts.get("problem"), Refused):
        facts["problem"] = message(cause, language)
    elif cause is not None:
        facts["problem"] = words.say(str(cause), language)
    return refused.template(language).format(**facts)


def of_refused(refused: Refused, language: Language) -> Problem:
    """The problem document of a refusal."""
    status, english, chinese = branch(type(refused))
    detail = message(refused, language)
    facts = refused.facts
    said = words.say(str(facts["problem"]), language) if "problem" in facts else detail
    if isinstance(refused, errors.SheetRefused):
        mistakes = tuple(Wrong(pointer=one.pointer, detail=message(one, language)) for one in refused.wrong)
        kind, name = chinese if language == "zh" else english, urn(type(refused).__name__)
        return Problem(type=name, title=kind, status=status, detail=detail, errors=mistakes)
    if type(refused) is Invalid and refused.pointer:
        detail = f"{refused.pointer}: {said}"
    wrong: tuple[Wrong, ...] = ()
    if isinstance(refused, errors.BadCursor):
        wrong = (Wrong(parameter="cursor", detail=said),)
    elif refused.pointer is not None:
        wrong = (Wrong(pointer=refused.pointer, detail=said),)
    elif isinstance(refused, errors.KeyReused):
        wrong = (Wrong(header="Idempotency-Key", detail=said),)
    elif "parameter" in facts:
        wrong = (Wrong(parameter=str(facts["parameter"]), detail=said),)
    elif isinstance(refused, (WrongHeader, BeyondLog)):
        wrong = (Wrong(header=str(facts["header"]), detail=said),)
    elif isinstance(refused, (Invalid, errors.Conflict)):
        wrong = (Wrong(pointer="", detail=said),)
    return Problem(
        type=urn(type(refused).__name__),
        title=chinese if language == "zh" else english,
        status=status,
        detail=detail,
        errors=wrong,
    )


def of_status(status: int, language: Language) -> Problem:
    """The problem document of a bare status."""
    title_en, title_zh, english, chinese = _OTHER.get(status) or _OTHER[500 if status >= 500 else 400]
    name = HTTPStatus(status).phrase.title().replace(" ", "")
    title, detail = (title_zh, chinese) if language == "zh" else (title_en, english)
    return Problem(type=urn(name), title=title, status=status, detail=detail)


def answer(request: Request[Any, Any, Any], error: Exception) -> Answer:
    """The problem document of any exception, in the request's language."""
    language = words.language(request.headers.get("accept-language"))
    headers: dict[str, str] = {}
    match error:
        case Refused():
            problem = of_refused(error, language)
            if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers["retry-after"] = RETRY_AFTER
            if isinstance(error, NotAuthenticated):
                headers["www-authenticate"] = 'Bearer realm="mengfu"'
        case HTTPException() if error.status_code < 500:
            problem = of_status(error.status_code, language)
            if isinstance(error, MethodNotAllowedException):
                headers |= error.headers or {}
        case OSError() | asyncpg.InterfaceError() | asyncpg.PostgresConnectionError() | asyncpg.CannotConnectNowError():
            log.warning("the database does not answer", error=type(error).__name__)
            problem = of_status(HTTPStatus.SERVICE_UNAVAILABLE, language)
            headers["retry-after"] = RETRY_AFTER
        case _:
            instance = f"urn:uuid:{uuid4()}"
            log.error(
                "a request failed", path=request.url.path, method=request.method, instance=instance, exc_info=error
            )
            problem = msgspec.structs.replace(of_status(HTTPStatus.INTERNAL_SERVER_ERROR, language), instance=instance)
    headers["content-language"] = language
    headers["vary"] = "Accept-Language"
    headers["cache-control"] = "no-store"
    return Answer(
        body=_ENCODE(problem),
        status_code=problem.status,
        headers=headers,
        media_type="application/problem+json",
    )
