"""A service that does nothing: what Litestar and the server cost by themselves, in a process of its own.

The routes have the paths, bodies and answers of ours, the server is the one that ships. A POST decodes the body into
the command's Struct and answers with a Struct that is encoded; a GET answers with bytes; another one fetches those by
their primary key, through asyncpg's pool as it comes. No keys, no metrics, no checks.
"""

import asyncio
import sys
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop
from litestar import Litestar, Request, Response, get, post
from msgspec import Struct

from service.api.writing import Written
from service.domain.agreement.clauses import RecordClause
from service.serving import server_of

MODULE = "tests.bench.twin"
TABLE = "twin"
"""A table of things by their ids, each a body."""


class Answers(Struct, frozen=True):
    """What is answered, on which port, and where the bodies are fetched."""

    port: int
    url: str
    schema: str
    posted: Written
    got: bytes


@post("/api/agreements/{id:uuid}/clauses", status_code=200)
async def record(id: UUID, data: RecordClause, request: Request[Any, Any, Any]) -> Response[Written]:
    """Decode a clause, and answer."""
    return Response(request.app.state.answers.posted, headers={"ETag": '"2"'})


@get("/api/agreements/{id:uuid}")
async def one(id: UUID, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer."""
    return Response(request.app.state.answers.got, headers={"ETag": '"2"'}, media_type="application/json")


@get("/fetched/{id:uuid}")
async def fetched(id: UUID, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Fetch one row by its key, and answer with it."""
    row = await request.app.state.pool.fetchrow("select body from twin where id = $1", id)
    return Response(row["body"], headers={"ETag": '"2"'}, media_type="application/json")


async def serve(answers: Answers) -> None:
    """Serve until the process is ended."""
    app = Litestar([record, one, fetched], openapi_config=None, logging_config=None)
    app.state.answers = answers
    path = {"search_path": answers.schema}
    async with asyncpg.create_pool(answers.url, server_settings=path) as app.state.pool:
        await server_of(app, "127.0.0.1", answers.port).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Answers)))
