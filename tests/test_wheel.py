"""The built wheel, in a new environment and an empty folder: what somebody gets who never sees the checkout."""

import asyncio
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.store import migrate
from tests.conftest import open_folder
from tests.processes import free_port, processes

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 120.0
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("MENGFU_", "PYTHON"))}


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """Run a command; when it fails, so does the test, with what it said."""
    done = subprocess.run(
        command, cwd=folder, env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose files PostgreSQL's user may read: the environment is in it, the binaries too."""
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """The wheel, built from the checkout by the build backend that pyproject names."""
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT)
    [built] = (folder / "dist").iterdir()
    return built


def names(pattern: str, below: Path) -> set[str]:
    """The files of the checkout that git would commit, by name below a folder of it."""
    return {str(path.relative_to(below)) for path in below.rglob(pattern) if "__pycache__" not in path.parts}


def test_seeds_and_migrations_travel_in_it(wheel: Path) -> None:
    """And nothing does that is made by running."""
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    assert {f"service/_seeds/{name}" for name in names("*.toml", ROOT / "seeds")} <= held
    assert {f"service/_migrations/{name}" for name in names("*.py", ROOT / "migrations")} <= held
    assert {f"service/{name}" for name in names("*.sql", ROOT / "service")} <= held
    assert {f"service/{name}" for name in names("*.py", ROOT / "service")} <= held
    strange = re.compile(r"__pycache__|\.pyc$|^tests/|^(seeds|migrations)/|\.mengfu|\.env$")
    assert [name for name in held if strange.search(name)] == []


async def test_it_runs_in_a_new_environment(wheel: Path, folder: Path) -> None:
    """Installed with the lock's versions, `mengfu up` in an empty folder migrates, seeds, and is ready."""
    env, place = folder / "env", folder / "place"
    place.mkdir()
    place.chmod(0o711)
    run(sys.executable, "-m", "venv", "--without-pip", env)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    pip = (sys.executable, "-m", "pip", "--python", env / "bin/python", "install", *quiet)
    run(*pip, "-c", ROOT / "requirements.lock", wheel)
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version is not None
    assert run(env / "bin/mengfu", "--version", folder=place).strip() == f"mengfu, version {version[1]}"

    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(env / "bin/mengfu", "up", "--port", str(port)),
        cwd=place,
        env={**CLEAN, "MENGFU_REMIND_AT": "off"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        told = ""
        async with asyncio.timeout(LIMIT):
            while "The administrator's key" not in told:
                line = (await process.stdout.readline()).decode()
                assert line, (told, (await process.stderr.read()).decode())
                told += line
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            ready = (await client.get("/health/ready")).json()
            assert (ready["status"], ready["schema"]) == ("ready", migrate.newest())
            assert ready["position"] > 0, told
            assert len((await client.get("/api/events")).text.splitlines()) == ready["position"]
            assert (await client.get("/api/agreements")).json()["items"]
    finally:
        process.terminate()
        _, err = await asyncio.wait_for(process.communicate(), LIMIT)
    assert (process.returncode, err.decode()) == (0, "")
    assert processes(folder) == []
    assert [made.name for made in place.iterdir()] == [".mengfu"]
