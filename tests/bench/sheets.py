"""The import of a sheet of 2,000 tasks: how long each part of the way takes, from the file's bytes to the answer."""

import io
import time
from pathlib import Path
from uuid import uuid4

import httpx
import xlsxwriter  # type: ignore[import-untyped] # it comes without types

from service.app import create_app
from service.config import Settings
from service.domain import party, plan
from service.domain.decider import Ref
from service.domain.task.sheet import COLUMNS, SHEET, Name
from service.domain.values import PrintedName
from service.registry import SELF, Order, Registry
from service.sheets import reading
from service.store import credentials, migrate
from service.store.embedded import Embedded

ROWS = 2_000
UNITS = 300
HEAD: tuple[Name, ...] = (
    "number",
    "title",
    "text",
    "requirement",
    "lead",
    "supporting",
    "supervising",
    "person",
    "due",
    "status",
)
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。"
"""Test data."""


def sheet(due: str) -> bytes:
    """A sheet of that many tasks."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(SHEET)
        page.write_row(0, 0, [COLUMNS[name].header for name in HEAD])
        for number in range(1, ROWS + 1):
            lead, other, third = (f"第{(number * step) % UNITS}号单位" for step in (1, 7, 11))
            row = [number, f"任务{number}", WORDS, WORDS, lead, f"{other}、{third}", "督查室", "张三", due, "进行中"]
            page.write_row(number, 0, row)
    return file.getvalue()


async def seconds(home: Path) -> dict[str, float]:
    """What each part takes, in seconds."""
    embedded = await Embedded.start(home)
    await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
    registry = await Registry.open(Settings(), embedded.service_url)
    id, took = uuid4(), dict[str, float]()
    for name in (*(f"第{number}号单位" for number in range(UNITS)), "督查室"):
        whole = party.Register(kind="agency", name=PrintedName(printed=name))
        await registry.execute([Order(ref=Ref("parties", uuid4()), command=whole, creates=True)], actor=SELF)
    asked = plan.Register(called="清单")
    await registry.execute([Order(ref=Ref("plans", id), command=asked, creates=True)], actor=SELF)
    token, _ = await credentials.create(registry.pool, "bench", ["registrar"])
    transport = httpx.ASGITransport(app=create_app(registry))  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}", "content-type": reading.XLSX}
    body, later = sheet("2026年底前"), sheet("2027年6月底前")
    async with httpx.AsyncClient(
        transport=transport, base_url="http://registry", headers=headers, timeout=600
    ) as client:
        began = time.perf_counter()
        reading.read(body, reading.XLSX)
        took["read"] = time.perf_counter() - began
        approver = str(next(iter((await client.get("/api/parties?q=督查室")).json()["items"]))["id"])
        change = {"grounds": "延期", "approver": approver}
        for name, file, query in (
            ("dry run", body, {"dry_run": "true"}),
            ("new", body, {}),
            ("unchanged", body, {}),
            ("adjusted", later, change),
        ):
            began = time.perf_counter()
            answer = await client.post(f"/api/plans/{id}/tasks:import", content=file, params=query)
            took[name] = time.perf_counter() - began
            answer.raise_for_status()
    await registry.close()
    await embedded.stop()
    return took
