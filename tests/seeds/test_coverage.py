"""The coverage of the five documents is what their seed files say: nothing of them is open but blanks."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from service import seeding
from service.config import room
from service.registry import Registry
from tests.conftest import opened
from tests.seeds.reading import seed_all

pytestmark = pytest.mark.asyncio(loop_scope="module")
FILES = sorted(room("seeds").glob("*.toml"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[Registry]:
    """A registry of its own with the facts of every document: their texts are to be held there."""
    async with opened() as registry:
        yield await seed_all(registry)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_nothing_is_open(path: Path, seeded: Registry, service: httpx.AsyncClient) -> None:
    """Asked as anybody asks; in any version of the text the spans are the same."""
    folder = os.environ.get("MENGFU_DOCUMENTS")
    if not folder:
        pytest.skip("MENGFU_DOCUMENTS names no folder of documents, so their coverage is not looked at")
    await seeding.attach(seeded, Path(folder))
    file = seeding.load(path)
    text = (await service.get(f"/api/{file.document}/text")).text
    blank = {at for at, letter in enumerate(text) if letter.isspace()}
    address = f"/api/{file.document}/coverage"
    page = (await service.get(f"{address}?state=open&limit=1000")).json()
    assert (page["held"], page["next"]) == (True, None)
    assert [one for one in page["items"] if not blank.issuperset(range(one["start"], one["end"]))] == []
    totals = page["totals"]
    assert totals["open"]["code_points"] == sum(one["end"] - one["start"] for one in page["items"])
    assert totals["facts"] > 0
    assert len(text) == sum(totals[state]["code_points"] for state in ("cited", "passed", "open", "blank"))
    cited = (await service.get(f"{address}?state=cited&limit=1000")).json()
    assert totals["cited"]["spans"] == len(cited["items"])
    assert all(one["by"] and one["words"] == text[one["start"] : one["end"]] for one in cited["items"])
    for sort in {version["sort"] for version in (await service.get(f"/api/{file.document}")).json()["versions"]}:
        shown = (await service.get(f"{address}?state=cited&limit=1000&text_version={sort}")).json()
        words = (await service.get(f"/api/{file.document}/text?version={sort}")).text
        assert [one["start"] for one in shown["items"]] == [one["start"] for one in cited["items"]]
        assert all(one["words"] == words[one["shown"]["start"] : one["shown"]["end"]] for one in shown["items"])
        assert {one["shown"]["cut"] for one in shown["items"]} == {sort == "boilerplate_cut", False}
