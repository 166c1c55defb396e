"""The README's example and its consumer, run as they are printed."""

import asyncio
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands import PARTY, Service, running
from tests.conftest import Database
from tests.processes import free_port, wait_for_nothing

README = Path(__file__).parent.parent / "README.md"


def test_the_example_runs_as_printed(place: Path) -> None:
    """Every command of the example succeeds over the seeds, and shows what was recorded, voided, or would be."""
    [section] = re.findall(r"## One example.*?(?=\n## )", README.read_text("utf-8"), re.DOTALL)
    lines_of_their_own = 'curl() { command curl "$@" && echo; }\n'
    script = lines_of_their_own + "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    home, port = place / "home", free_port()
    command = [str(Path(sys.executable).with_name("mengfu")), "up", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            for line in service.stdout:
                if line.startswith("The administrator's key"):
                    break
            else:
                pytest.fail("mengfu up did not start")
            script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(".mengfu/key", str(home / "key"))
            environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
                timeout=60,
            )
            assert ran.returncode == 0, ran.stderr + ran.stdout
        finally:
            service.terminate()
    wait_for_nothing(home)
    found = ran.stdout
    assert "战略合作框架协议" in found
    assert "李希信" in found
    lines = [json.loads(line) for line in re.findall(r'\{"specversion".*', found)]
    assert [line["type"] for line in lines] == ["agreement.clause_recorded", "agreement.voided"]
    assert lines[1]["corrects"] == lines[0]["sequence"]
    planned, settled, proposed = [json.loads(line) for line in re.findall(r'\{"dry_run".*', found)]
    assert [[event["type"] for event in one["events"]] for one in planned["results"]] == [
        ["agreement.registered", "agreement.linked"],
        ["agreement.clause_added"],
    ]
    assert [one["subject"].partition("/")[0] for one in settled["also"]] == ["plans"]
    assert [event["type"] for one in proposed["also"] for event in one["events"]] == [
        "discrepancy.detected",
        "discrepancy.claim_recorded",
        "discrepancy.claim_recorded",
    ]
    assert proposed["events"] == []
    answers = [json.loads(line) for line in re.findall(r'^\{"(?:on|id|items)".*', found, re.MULTILINE)]
    kinds = [{item["kind"] for item in one["items"]} for one in answers if "tiers" in one]
    assert kinds == [{"party", "project"}]
    [figure] = [one for one in answers if "adds_up" in one]
    sums = {
        (item["label"], measure["measure"]): (measure["adds_up"], measure["computed"], measure["named"])
        for item in figure["items"]
        for measure in item["measures"]
    }
    assert sums["拟签约项目", "count"][:2] == ("yes", {"unit": "个", "low": "61", "high": "61"})
    assert sums["拟签约项目", "sum"][:2] == ("yes", {"unit": "亿元", "low": "511.5", "high": "511.5"})
    assert sums["现场签约的重点项目", "count"][2] == {"unit": "个", "low": "4", "high": "4"}
    [report] = re.findall(r"group,name,projects.*?(?=\n\n|\n\{|\Z)", found.replace("\r", ""), re.DOTALL)
    rows = list(csv.DictReader(report.splitlines()))
    assert (sum(int(row["projects"]) for row in rows), sum(row["low"] != "" for row in rows)) == (4, 3)
    assert sum(int(row["projects_uncertain"]) for row in rows) == 42
    [covered] = [one for one in answers if one.get("totals") and "places" in one]
    assert covered["totals"]["cited"]["code_points"] > covered["totals"]["passed"]["code_points"]
    assert {over["reason"] for item in covered["items"] for over in item["passed"]} > {"boilerplate"}
    [weighed] = [one["proposed_choice"] for one in answers if "proposed_choice" in one]
    assert weighed["why"] == "heaviest"


async def test_a_stranger_recomputes_the_root_as_printed(place: Path, tmp_path: Path) -> None:
    """With the script alone: of the log that was signed, of one that goes on after it, and of one that was changed."""
    [script] = re.findall(r"## To check the history.*?```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len([line for line in script.splitlines() if line]) <= 15
    assert set(re.findall(r"^import (.*)", script, re.MULTILINE)) == {"base64, hashlib, sys"}
    export, checkpoint = tmp_path / "log", tmp_path / "checkpoint"
    async with running(place / "home") as service, service.client() as client:
        for _ in range(3):
            commands = [{"path": "/api/parties", "body": PARTY}] * 400
            assert (await client.post("/api/transactions", json={"commands": commands})).status_code == 200
        checkpoint.write_text((await client.get("/log/checkpoint")).text)
        lines = (await client.get("/api/events")).content

    def says(content: bytes) -> str:
        export.write_bytes(content)
        return subprocess.run(
            [sys.executable, "-S", "-c", script, str(export), str(checkpoint)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    size = int(checkpoint.read_text().split("\n")[1])
    assert size == lines.count(b"\n") > 1_000
    assert says(lines).startswith("as signed")
    assert says(lines + b"and one more\n").startswith("as signed")
    assert says(lines.replace(b"Test City", b"Test Town", 1)).startswith("NOT as signed")
    assert says(lines[: lines.rindex(b"\n", 0, -1) + 1]).startswith("NOT as signed")


@contextlib.asynccontextmanager
async def consumer(folder: Path, port: int) -> AsyncIterator[None]:
    """The README's consumer in a folder, until it is killed at the block's end."""
    [script] = re.findall(r"## One consumer.*?```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-c", script), cwd=folder, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield
        assert process.returncode is None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def has(folder: Path, position: int) -> dict[str, list[str]]:
    """Wait until the consumer has come to the position; answers who it says has signed each agreement."""
    file = folder / "signatories.json"
    for _ in range(1_200):
        found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {"position": 0}
        assert found["position"] <= position
        if found["position"] == position:
            signatories: dict[str, list[str]] = {}
            for subject, party in found["signatories"].values():
                signatories.setdefault(subject, []).append(party)
            return {subject: sorted(parties) for subject, parties in signatories.items()}
        await asyncio.sleep(0.05)
    pytest.fail(f"the consumer stays at {found['position']}")


async def know(client: httpx.AsyncClient) -> dict[str, list[str]]:
    """Who has signed each agreement, as the API says."""
    found = {}
    for item in (await client.get("/api/agreements")).json()["items"]:
        whole = (await client.get(f"/api/agreements/{item['id']}")).json()
        if parties := sorted(one["party"] for one in whole["signatories"]):
            found[f"agreements/{item['id']}"] = parties
    return found


async def signed(client: httpx.AsyncClient, parties: int) -> tuple[str, int]:
    """A new agreement between so many new parties; answers its path and the log's last sequence."""
    ids = [
        (await client.post("/api/parties", json=PARTY)).headers["location"].rpartition("/")[2] for _ in range(parties)
    ]
    body = {"title": {"printed": "test data"}, "signatories": [{"party": id} for id in ids]}
    answer = await client.post("/api/agreements", json=body)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"], answer.json()["sequence"]


def at(service: Service, port: int) -> httpx.AsyncClient:
    """A client of a service on a port of the test's own."""
    service.address = f"http://127.0.0.1:{port}"
    return service.client()


async def test_the_consumer_runs_as_printed(place: Path, tmp_path: Path, database: Database) -> None:
    """It follows corrections, and misses nothing when it is killed, nor when the service is."""
    home, port, env = place / "home", free_port(), {"MENGFU_DATABASE_URL": database.service}
    async with contextlib.AsyncExitStack() as stack:
        async with running(home, "--port", str(port), **env) as service, at(service, port) as client:
            path, position = await signed(client, 3)
            async with consumer(tmp_path, port):
                assert await has(tmp_path, position) == await know(client)
                path, position = await signed(client, 2)
                assert await has(tmp_path, position) == await know(client)
                party = (await client.get(path)).json()["signatories"][1]["party"]
                for corrects, way, data in (
                    (position, "correct", {"data": {"party": party, "side": "乙"}}),
                    (position + 1, "correct", {"data": {"party": party, "side": "甲"}}),
                    (position + 2, "void", {}),
                ):
                    body = {"corrects": corrects, "reason": "test data", **data}
                    answer = await client.post(f"{path}:{way}", json=body)
                    assert answer.status_code == 200, answer.text
                assert await has(tmp_path, answer.json()["sequence"]) == await know(client)
            path, position = await signed(client, 4)
            await stack.enter_async_context(consumer(tmp_path, port))
            assert await has(tmp_path, position) == await know(client)
        async with running(home, "--port", str(port), **env) as service, at(service, port) as client:
            path, position = await signed(client, 2)
            assert await has(tmp_path, position) == await know(client)
