"""The image and the compose file, as an operator uses them: build, run, write, restart, read back.

Needs a Docker engine and the images python:3.13-slim and postgres:18 (its own or a registry's). Where no engine answers
the tests are skipped and say so. Everything started here bears a name of its own and is removed again.
"""

import fcntl
import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "deploy" / "compose.yaml"
PARTY = {"kind": "city", "name": {"printed": "Test City"}}
KEY_FILE = "/data/key"
# What the image of a build stage may need to reach packages; an argument without a value is taken from the environment.
BUILD_ARGS = [f"--build-arg={name}" for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL") if name in os.environ]
START_SECONDS = 180  # initdb, migrations and seeds on a machine busy with the other tests


def run(*command: str, env: dict[str, str] | None = None, check: bool = True, seconds: float = 600) -> str:
    """Run a command and return what it printed; when it fails, so does the test, with both outputs."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if check and done.returncode != 0:
        pytest.fail(f"{' '.join(command)} gave {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout.strip()


def answers(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(autouse=True, scope="module")
def _engine() -> None:
    if not shutil.which("docker"):
        pytest.skip("no container tests: there is no docker command")
    if not answers("docker", "info"):
        pytest.skip("no container tests: no Docker engine answers (docker info)")


@pytest.fixture
def name() -> str:
    return f"mengfu-test-{uuid.uuid4().hex[:12]}"


@contextmanager
def one_builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let one worker build at a time: the others then find its layers in the engine's cache."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_ready(address: str, container: str) -> None:
    """Wait until /health/ready answers 200; fail with the container's log when it stops or takes too long."""
    last = "nothing"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and inspect(container, "{{.State.Running}}") == "true":
        try:
            answer = httpx.get(f"http://{address}/health/ready", timeout=5, trust_env=False)
            if answer.status_code == 200:
                return
            last = f"{answer.status_code} {answer.text}"
        except httpx.TransportError as error:
            last = repr(error)
        time.sleep(0.2)
    logs = subprocess.run(["docker", "logs", "--tail=80", container], capture_output=True, text=True, check=False)
    pytest.fail(f"{container} is not ready, last answer: {last}\n{logs.stdout}\n{logs.stderr}")


def wait_healthy(container: str) -> None:
    """Wait until the image's own health check agrees."""
    until = time.monotonic() + 60
    while (state := inspect(container, "{{.State.Health.Status}}")) != "healthy":
        if time.monotonic() > until:
            pytest.fail(f"{container} is {state}: {inspect(container, '{{json .State.Health.Log}}')}")
        time.sleep(0.5)


def inspect(container: str, what: str) -> str:
    return run("docker", "inspect", f"--format={what}", container)


def published(container: str) -> str:
    """Return host:port of the container's port 8000: the engine picks a free one, a new one at every start."""
    return run("docker", "port", container, "8000/tcp").splitlines()[0]


def client(container: str) -> httpx.Client:
    key = run("docker", "exec", container, "cat", KEY_FILE).strip()
    return httpx.Client(
        base_url=f"http://{published(container)}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
        trust_env=False,
    )


def write(container: str) -> tuple[str, str]:
    """Record a party; return its Location and ETag."""
    with client(container) as http:
        answer = http.post("/api/parties", json=PARTY)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"], answer.headers["ETag"]


def read_back(container: str, location: str, etag: str) -> None:
    with client(container) as http:
        answer = http.get(location)
        assert answer.status_code == 200, answer.text
        assert answer.json()["name"]["printed"] == PARTY["name"]["printed"]  # type: ignore[index]
        assert answer.headers["ETag"] == etag


def refuses_strangers(container: str) -> None:
    """On an address that others can reach, nothing is public unless it was asked for."""
    with httpx.Client(base_url=f"http://{published(container)}", trust_env=False) as http:
        assert http.get("/api/parties").status_code == 401


def test_the_image_alone(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        with one_builder(tmp_path_factory):
            run("docker", "build", f"--tag={name}", *BUILD_ARGS, ".")
        run(
            *("docker", "run", "--detach", f"--name={name}", f"--volume={name}:/data", "--publish=127.0.0.1::8000"),
            *("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
            *(name, "up", "--host", "0.0.0.0"),  # noqa: S104 - inside the container; published on the loopback only
        )
        wait_ready(published(name), name)
        wait_healthy(name)
        assert run("docker", "exec", name, "id", "-u") == "10001"
        assert run("docker", "exec", name, "stat", "-c", "%a %u", KEY_FILE) == "600 10001"
        assert not answers("docker", "exec", name, "touch", "/opt/written")
        assert run("docker", "diff", name) == ""
        refuses_strangers(name)
        location, etag = write(name)

        run("docker", "stop", "--time=60", name)
        assert inspect(name, "{{.State.ExitCode}}") == "0", "SIGTERM did not stop it in good order within a minute"
        run("docker", "start", name)
        wait_ready(published(name), name)
        read_back(name, location, etag)

        # A crash leaves the lock files of the embedded PostgreSQL in the volume, and a container uses its few process
        # ids again: they may name a living process that is another one.
        run("docker", "kill", "--signal=KILL", name)
        run("docker", "start", name)
        wait_ready(published(name), name)
        read_back(name, location, etag)

        # A new container on the same volume, as after an upgrade of the image.
        run("docker", "rm", "--force", name)
        run(
            *("docker", "run", "--detach", f"--name={name}", f"--volume={name}:/data", "--publish=127.0.0.1::8000"),
            *("--read-only", name, "up", "--host", "0.0.0.0"),  # noqa: S104 - as above
        )
        wait_ready(published(name), name)
        read_back(name, location, etag)
    finally:
        run("docker", "rm", "--force", "--volumes", name, check=False)
        run("docker", "volume", "rm", "--force", name, check=False)
        run("docker", "image", "rm", "--force", name, check=False)


@pytest.mark.parametrize("binary", [("docker", "compose"), ("docker-compose",)], ids=" ".join)
def test_compose(binary: tuple[str, ...], name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if not answers(*binary, "version"):
        pytest.skip(f"no compose test: there is no {' '.join(binary)} here")
    compose = [*binary, "--project-name", name, "--file", str(COMPOSE_FILE)]
    env = {"MENGFU_IMAGE": name, "MENGFU_PUBLISH": "127.0.0.1:"}  # no port named: the engine picks a free one
    for trial in ("MENGFU_SUPERUSER_PASSWORD", "MENGFU_OWNER_PASSWORD", "MENGFU_SERVICE_PASSWORD"):
        env[trial] = uuid.uuid4().hex

    try:
        with one_builder(tmp_path_factory):
            run(*compose, "build", *BUILD_ARGS, env=env)
        run(*compose, "up", "--detach", env=env)
        container = run(*compose, "ps", "--quiet", "mengfu", env=env)
        wait_ready(published(container), container)
        for service in ("mengfu", "database"):
            host = json.loads(inspect(run(*compose, "ps", "--quiet", service, env=env), "{{json .HostConfig}}"))
            assert host["ReadonlyRootfs"]
            assert host["CapDrop"] == ["ALL"]
            assert host["SecurityOpt"] == ["no-new-privileges:true"]
        refuses_strangers(container)
        location, etag = write(container)

        run(*compose, "restart", env=env)
        wait_ready(published(container), container)
        read_back(container, location, etag)

        # New containers on the same named volumes; the migrations run again and have nothing to do. (As `down` does,
        # but with the anonymous volumes that an image may declare.)
        run(*compose, "rm", "--stop", "--force", "-v", env=env)
        run(*compose, "up", "--detach", env=env)
        container = run(*compose, "ps", "--quiet", "mengfu", env=env)
        wait_ready(published(container), container)
        read_back(container, location, etag)
    finally:
        run(*compose, "down", "--volumes", "--remove-orphans", "--timeout=20", env=env, check=False)
        run("docker", "image", "rm", "--force", name, check=False)
