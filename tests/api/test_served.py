"""The service behind its real server, on a real socket: what only that can show."""

import asyncio
import sys
from pathlib import Path

from service.registry import Registry
from tests.api.conftest import Served
from tests.soak import examples


async def exchange(served: Served, head: str, body: bytes = b"", *, more: bool = True) -> bytes:
    """Send a raw request and read until the server closes or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
    if more:
        writer.write_eof()
    answer = b""
    while chunk := await asyncio.wait_for(reader.read(65_536), 5):
        answer += chunk
        if not more:
            break
    writer.close()
    return answer


async def test_ten_megabytes_are_refused_before_they_come(served: Served) -> None:
    head = (
        f"POST /api/agreements HTTP/1.1\nHost: x\nAuthorization: Bearer {served.key}\n"
        "Content-Type: application/json\nContent-Length: 10000000\n"
    )
    answer = await exchange(served, head, b" " * 1000, more=False)
    assert answer.startswith(b"HTTP/1.1 413")
    without = head.replace(f"Authorization: Bearer {served.key}\n", "")
    assert (await exchange(served, without, b" " * 1000, more=False)).startswith(b"HTTP/1.1 401")


async def test_head_sends_no_body_and_a_colon_may_be_escaped(served: Served) -> None:
    auth = f"Host: x\nConnection: close\nAuthorization: Bearer {served.key}\n"
    head = await exchange(served, f"HEAD /api/events HTTP/1.1\n{auth}", more=False)
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    nobody = "00000000-0000-4000-8000-000000000000"
    for colon in (":", "%3A", "%3a"):
        path = f"/api/agreements/{nobody}{colon}sign"
        told = await exchange(served, f"POST {path} HTTP/1.1\n{auth}Content-Length: 0\n", more=False)
        assert b"urn:mengfu:problem:not-found" in told
        assert nobody.encode() in told


async def test_a_query_that_is_not_encoded_is_refused(served: Served) -> None:
    """Its bytes would be taken for other characters: 聊 for letters with controls, é for two letters."""
    auth = f"Host: x\nConnection: close\nAuthorization: Bearer {served.key}\n"
    for query in ("q=聊城", "q=é", "q=%E8%81", "聊=1"):
        told = await exchange(served, f"GET /api/agreements?{query} HTTP/1.1\n{auth}", more=False)
        assert told.startswith(b"HTTP/1.1 400"), query
        assert b"percent-encoded UTF-8" in told
    good = await exchange(served, f"GET /api/agreements?q=%E8%81%8A%E5%9F%8E HTTP/1.1\n{auth}", more=False)
    assert good.startswith(b"HTTP/1.1 200")


async def test_generated_requests_never_meet_a_500(registry: Registry, served: Served, tmp_path: Path) -> None:
    """Schemathesis reads the API's description and tries each operation with good and bad data."""
    registry.follower.start()
    command = (
        f"run http://127.0.0.1:{served.port}/schema/openapi.json --no-color --phases fuzzing "
        f"--max-examples {examples(1)} "
        "--suppress-health-check filter_too_much "
        "--exclude-path /api/events/stream "  # which has no end
        "--checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", *command.split(), "-H", f"Authorization: Bearer {served.key}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-8000:]
