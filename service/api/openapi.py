"""The API described: an OpenAPI 3.1 document made from the routes themselves, and a page of it that needs no network.

Shapes come from the same structs that bodies are decoded with, as JSON Schema 2020-12. The page is plain HTML without
scripts, fonts or anything from elsewhere.
"""

import html
import json
import re
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar, Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import sheets, streams, texts
from service.api.answers import Answer
from service.api.paths import public
from service.api.problems import Problem
from service.domain.values import ALLOWED

JSON = "application/json"
SHEETS = (sheets.CSV, sheets.XLSX, streams.NDJSON)
TEXTS = ("text/plain", "application/octet-stream")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITE_HEADERS = {
    "If-Match": 'The version that the command is meant for, such as "7"; another one is refused with 412.',
    "Idempotency-Key": "1 to 255 visible characters; the same request under the same key is carried out once.",
    "Prefer": (
        "return=representation for the whole resource, with `also` in it where something else was recorded with the "
        "command; return=minimal for nothing."
    ),
}


def handlers(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Every documented route: public path, method, handler."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            found += [
                (public(route.path_format), method, handler)
                for method in handler.http_methods
                if method in METHODS and not handler.opt.get("hidden")
            ]
    return sorted(found, key=lambda item: (item[0], item[1]))


def shapes(app: Litestar) -> tuple[Any, ...]:
    """Every struct that a body, a query or an answer is made of."""
    kinds: dict[Any, None] = {Problem: None}
    for _, _, handler in handlers(app):
        for name in ("body", "answer", "item", "dry", "tried"):
            if (kind := handler.opt.get(name)) is not None:
                kinds[kind] = None
    return tuple(kinds)


def portable(value: Any) -> Any:
    """A schema without what only Python knows: module names, and regular expressions that ECMA-262 has otherwise."""
    if isinstance(value, list):
        return [portable(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, item in value.items():
        if name == "pattern" and isinstance(item, str):
            changed[name] = item.replace(ALLOWED, PORTABLE).replace(r"\Z", "$")
        elif name == "$ref":
            changed[name] = _ROOM.sub(r"\1", item)
        else:
            changed[_ROOM.sub("", name)] = portable(item)
    return changed


PORTABLE = r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]"
"""The characters of a text by what it may not hold: so ECMA-262 takes those of the higher planes, by either mode."""
_ROOM = re.compile(r"(^|/)service\.(?:domain|api|projections)\.")


def reference(kind: Any, names: dict[Any, Any]) -> dict[str, Any]:
    """The schema of a struct, by reference into the components."""
    found: dict[str, Any] = names[kind]
    return found


def parameters(path: str, method: str, handler: HTTPRouteHandler) -> list[dict[str, Any]]:
    """What stands in the path, the query and the headers."""
    form = {} if handler.opt.get("named") else {"format": "uuid"}
    listed: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"} | form}
        for name in [part.split("}")[0] for part in path.split("{")[1:]]
    ]
    query: type[Struct] | None = handler.opt.get("query")
    if query is not None:
        _, components = msgspec.json.schema_components((query,), ref_template="#/components/schemas/{name}")
        shape = components[query.__name__]
        for name, schema in shape["properties"].items():
            needed = {"required": True} if name in shape["required"] else {}
            listed.append({"name": name, "in": "query", "schema": schema} | needed)
    headers = dict(WRITE_HEADERS) if handler.opt.get("dry") is not None else {}
    if headers and handler.opt.get("command") is None:  # Several things have no version together, and are no resource.
        del headers["If-Match"]
        headers["Prefer"] = "return=minimal for nothing."
    if handler.opt.get("raw"):
        headers["If-Match"] = "The entity tag of the text held, its SHA-256; another one is refused with 412."
        headers["If-None-Match"] = "* where the text must not be held yet; refused with 412 where it is."
    if handler.opt.get("takes"):
        headers["Idempotency-Key"] = WRITE_HEADERS["Idempotency-Key"]
    if handler.opt.get("etag"):
        headers["If-None-Match"] = "The entity tag that the client has; answered with 304 where it is still good."
    if handler.opt.get("resumes"):
        headers["Last-Event-ID"] = "The sequence of the last event that the client has; it wins over `after`."
    if handler.opt.get("role") == "reader":
        headers["Mengfu-After"] = (
            "A sequence that the answer must not come before: refused where the log has not reached it; what follows "
            "the log is waited for, some seconds at most."
        )
    listed += [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in headers.items()
    ]
    return listed


def answers(path: str, handler: HTTPRouteHandler, names: dict[Any, Any]) -> dict[str, Any]:
    """What can come back."""
    opt = handler.opt
    etag = {"ETag": {"schema": {"type": "string"}}}
    problem = {
        "description": "A problem document (RFC 9457)",
        "content": {"application/problem+json": {"schema": reference(Problem, names)}},
    }
    found: dict[str, Any] = {}
    if opt.get("media"):
        found["200"] = {
            "description": "As it is stored",
            "content": {opt["media"].partition(";")[0]: {"schema": {"type": "string"}}},
        }
        if opt.get("etag"):
            found["200"]["headers"] = etag
            found["304"] = {"description": "The client has it already", "headers": etag}
    elif opt.get("raw"):
        schema = reference(opt["answer"], names)
        dry = {JSON: {"schema": schema}}
        found["200"] = {"description": "Held already, or what a dry run tells", "headers": etag, "content": dry}
        found["201"] = {"description": "Held from now on", "headers": etag}
    elif opt.get("dry") is not None:
        schema = {"anyOf": [reference(opt["answer"], names), reference(opt["dry"], names)]}
        tagged = {"headers": etag} if opt.get("command") is not None else {}
        good = tagged | {"description": "Recorded, or nothing had to be", "content": {JSON: {"schema": schema}}}
        found["200"] = good
        if opt.get("created"):
            located = etag | {"Location": {"schema": {"type": "string"}}}
            found["201"] = good | {"description": "Registered", "headers": located}
        found["204"] = tagged | {"description": "Recorded; nothing comes back, as Prefer asked"}
    elif opt.get("status") == 204:
        found["204"] = {"description": "Ended"}
    elif opt.get("status") == 201:
        found["201"] = {"description": "Made", "content": {JSON: {"schema": reference(opt["answer"], names)}}}
    else:
        schema = reference(opt["answer"], names)
        if opt.get("item") is not None:
            items = {"type": "array", "items": reference(opt["item"], names)}
            schema = {"allOf": [schema, {"properties": {"items": items}}]}
        found["200"] = {"description": "The answer", "content": {JSON: {"schema": schema}}}
        if opt.get("sheet"):
            found["200"]["content"] |= {kind: {"schema": {"type": "string"}} for kind in SHEETS}
        found["200"]["content"] |= {kind: {"schema": {"type": "string"}} for kind in opt.get("kinds", ())}
        if opt.get("follows"):
            told = "The sequence that the answer is for, where it comes from what follows the log."
            found["200"]["headers"] = {"Mengfu-Position": {"description": told, "schema": {"type": "integer"}}}
        if opt.get("etag"):
            found["200"]["headers"] = etag
            found["304"] = {"description": "The client has it already", "headers": etag}
    if (tried := opt.get("tried")) is not None:
        schema = reference(tried, names)
        told = found.setdefault("200", {"description": "What a dry run tells", "content": {JSON: {"schema": schema}}})
        if (usual := told["content"][JSON]["schema"]) is not schema:
            told["content"][JSON]["schema"] = {"anyOf": [usual, schema]}
    wrong = ["default", "404"] if "{" in path else ["default"]
    if opt.get("role"):
        wrong += ["401", "403"]
    if opt.get("role") == "reader":
        wrong += ["400", "422", "503"]
    if opt.get("dry") is not None or opt.get("raw") or opt.get("takes"):
        wrong += ["400", "404", "409", "412", "413", "415", "422", "503"]
    return found | dict.fromkeys(sorted(wrong), problem)


def described(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document."""
    kinds = shapes(app)
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    names = dict(zip(kinds, schemas, strict=True))
    for name, schema in components.items():
        if name.rpartition(".")[2] == "Citation":  # In a body, and as it is shown, in any version; in the log in one.
            schema["properties"]["text_version"] = texts.NAMED | {"default": "captured"}
    paths: dict[str, Any] = {}
    for path, method, handler in handlers(app):
        opt = handler.opt
        command = opt.get("command")
        text = opt.get("summary") or (command.__doc__ if command is not None else None) or handler.fn.__doc__ or ""
        summary, _, more = text.strip().partition("\n")
        operation: dict[str, Any] = {
            "operationId": re.sub(r"[^a-z]+", "-", f"{method}{path}".lower()).strip("-"),
            "tags": [path.split("/")[2] if path.startswith("/api/") else "service"],
            "summary": summary,
            "parameters": parameters(path, method, handler),
            "responses": answers(path, handler, names),
        }
        if more.strip():
            operation["description"] = "\n".join(line.strip() for line in more.strip().splitlines())
        if (body := opt.get("body")) is not None:
            operation["requestBody"] = {"required": True, "content": {JSON: {"schema": reference(body, names)}}}
        if opt.get("raw"):
            operation["requestBody"] = {
                "required": True,
                "content": {kind: {"schema": {"type": "string"}} for kind in TEXTS},
            }
        if (takes := opt.get("takes")) is not None:
            operation["requestBody"] = {
                "required": True,
                "content": {kind: {"schema": {"type": "string"}} for kind in takes},
            }
        operation["security"] = [{"key": []}] if opt.get("role") else []
        paths.setdefault(path, {})[method.lower()] = operation
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Mengfu",
            "version": version("mengfu"),
            "description": "A registry of agreements and of what comes of them. What a source states cites its words.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "mengfu_<prefix>_<secret>"}
            },
        },
    }
    made: dict[str, Any] = portable(whole)
    return made


# --- The page ---------------------------------------------------------------------------------------------------------

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f4;padding:1rem;overflow:auto}"
    "summary{cursor:pointer;padding:.3rem 0}h2{border-bottom:1px solid #ccc}table{border-collapse:collapse}"
    "td{padding:.1rem 1rem .1rem 0;vertical-align:top}.m{display:inline-block;width:3.5rem;font-weight:bold}"
)


def lead(schema: dict[str, Any]) -> str:
    """A schema as a link to its place on the page, or as it is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{html.escape(name)}"><code>{html.escape(name)}</code></a>'
    if "anyOf" in schema:
        return " or ".join(map(lead, schema["anyOf"]))
    return f"<code>{html.escape(json.dumps(schema, ensure_ascii=False))}</code>"


def operation_html(path: str, method: str, operation: dict[str, Any]) -> str:
    """One operation, folded."""
    rows = []
    for parameter in operation["parameters"]:
        told = html.escape(parameter.get("description", ""))
        rows.append(
            f"<tr><td><code>{html.escape(parameter['name'])}</code></td><td>{parameter['in']}</td>"
            f"<td>{told} {lead(parameter['schema'])}</td></tr>"
        )
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        rows.append(f"<tr><td>body</td><td>{kind}</td><td>{lead(content['schema'])}</td></tr>")
    for status, answer in operation["responses"].items():
        content = " ".join(f"{kind} {lead(item['schema'])}" for kind, item in answer.get("content", {}).items())
        rows.append(f"<tr><td>{status}</td><td>{html.escape(answer['description'])}</td><td>{content}</td></tr>")
    more = f"<p>{html.escape(operation['description'])}</p>" if "description" in operation else ""
    return (
        f'<details><summary><span class="m">{method.upper()}</span><code>{html.escape(path)}</code> '
        f"{html.escape(operation['summary'])}</summary>{more}<table>{''.join(rows)}</table></details>"
    )


def page(document: dict[str, Any]) -> str:
    """The document as HTML: operations by resource, then every shape."""
    tags: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append(operation_html(path, method, operation))
    listed = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(items)}" for tag, items in tags.items())
    shown = "".join(
        f'<details id="{html.escape(name)}"><summary><code>{html.escape(name)}</code> '
        f"{html.escape(schema.get('description', '').partition(chr(10))[0])}</summary>"
        f"<pre>{html.escape(json.dumps(schema, indent=2, ensure_ascii=False))}</pre></details>"
        for name, schema in sorted(document["components"]["schemas"].items())
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mengfu: the API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><h1>Mengfu: the API</h1>'
        f"<p>{html.escape(document['info']['description'])} Version {html.escape(document['info']['version'])}. "
        f'The same as <a href="/schema/openapi.json">OpenAPI 3.1</a>. Keys go into the header '
        f"<code>Authorization: Bearer mengfu_&lt;prefix&gt;_&lt;secret&gt;</code>.</p>"
        f"{listed}<h2>Shapes</h2>{shown}</html>"
    )


def rendered(app: Litestar) -> tuple[bytes, bytes]:
    """The document and the page; made when they are first asked for."""
    if "described" not in app.state:
        document = described(app)
        app.state.described = (json.dumps(document, ensure_ascii=False).encode(), page(document).encode())
    made: tuple[bytes, bytes] = app.state.described
    return made


@get("/schema/openapi.json", opt={"hidden": True})
async def specification(request: Request[Any, Any, Any]) -> Answer:
    """The OpenAPI document."""
    return Answer(body=rendered(request.app)[0], media_type=JSON)


@get("/schema", opt={"hidden": True})
async def readable(request: Request[Any, Any, Any]) -> Answer:
    """The page."""
    headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Answer(body=rendered(request.app)[1], headers=headers, media_type="text/html")


ROUTES: list[ControllerRouterHandler] = [specification, readable]
