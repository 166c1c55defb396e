"""The ledger's own sheet of every plan of the documents goes back through the import and changes nothing."""

import httpx
import pytest

from service.sheets.reading import CSV, XLSX

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_every_plans_sheet_goes_back_unchanged(service: httpx.AsyncClient, media: str) -> None:
    plans = (await service.get("/api/plans", params={"limit": 200})).json()["items"]
    rows = 0
    for plan in plans:
        own = await service.get("/api/ledger", params={"plan": plan["id"]}, headers={"accept": media})
        path, headers = f"/api/plans/{plan['id']}/tasks:import", {"content-type": media}
        back = await service.post(path, content=own.content, headers=headers, params={"dry_run": "true"})
        assert back.status_code == 200, (plan, back.text)
        counts = back.json()["counts"]
        assert (counts["new"], counts["adjusted"], counts["missing"]) == (0, 0, 0), (plan, back.text)
        rows += counts["unchanged"]
    assert rows > 10
