"""What an operator can get wrong around `mengfu`: streams, addresses, settings, lost secrets. Each has an answer."""

import asyncio
import contextlib
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it has no types of its own
import pytest

from service.first_start import FIRST
from tests.commands import CLEAN, LIMIT, MENGFU, Ended, begin, empty, mengfu, mode, post, running
from tests.conftest import Database, open_folder
from tests.processes import free_port, processes, wait_for_nothing
from tests.soak import some


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A home that was started before."""
    with open_folder() as folder:

        async def start() -> None:
            async with running(folder / "home"):
                pass

        asyncio.run(start())
        yield folder / "home"


@pytest.fixture
def home(used: Path) -> Iterator[Path]:
    """That home, on which nothing may run after the test."""
    yield used
    wait_for_nothing(used)


async def shell(script: str, **env: str) -> Ended:
    """Run a line of sh, in which $M is the command."""
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        script,
        env={**CLEAN, "M": str(MENGFU), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def told(ended: Ended) -> list[str]:
    """The lines of standard error, each of which is the command's own."""
    lines = ended.err.splitlines()
    assert all(line.startswith("mengfu: ") for line in lines), lines
    return lines


# --- Streams and signals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streams", some([">/dev/full 2>&1", "<&- >&- 2>&-", "| true", ">/dev/full"], 2))
async def test_a_service_that_nobody_hears_serves(home: Path, streams: str) -> None:
    """Its banner is no condition of its service."""
    port = free_port()
    script = f'"$M" up --no-seed --home {home} --port {port} {streams}'
    process = await asyncio.create_subprocess_exec("/bin/sh", "-c", script, env={**CLEAN, "M": str(MENGFU)})
    async with asyncio.timeout(LIMIT):
        while True:
            assert process.returncode is None
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
    await asyncio.sleep(0.3)  # the banner comes right after the first answer
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    for service in processes(home):
        with contextlib.suppress(psutil.NoSuchProcess):  # a backend of PostgreSQL may go at any time
            if str(MENGFU) in service.cmdline():
                service.terminate()
    assert await asyncio.wait_for(process.wait(), LIMIT) == 0


@pytest.mark.parametrize("stream", [">/dev/full", ">&-"])
async def test_a_key_that_could_not_be_shown_is_revoked(home: Path, stream: str) -> None:
    """Nobody holds it, and nobody could tell it from one that somebody does."""
    label = f"unseen {stream[-1]}"
    ended = await shell(f'"$M" keys create --home {home} --label "{label}" --role reader {stream}')
    ended.refused(1, "could not be written", "revoked")
    assert len(told(ended)) == 1
    listed = await mengfu(home.parent, "keys", "list", "--home", str(home))
    assert ["revoked" in line for line in listed.out.splitlines() if label in line] == [True]


async def test_a_list_that_cannot_be_written_ends_in_one_line(home: Path) -> None:
    """And with an exit code that says so."""
    ended = await shell(f'"$M" keys list --home {home} >/dev/full')
    assert ended.code == 1
    assert len(told(ended)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_start_says_one_thing(home: Path, number: signal.Signals) -> None:
    """At any moment: that it was stopped, and the signal's exit code."""
    for moment in (0.02, 0.1, 0.2, 0.3, 0.5, 0.7):
        process = await begin(home.parent, "up", "--no-seed", "--home", str(home), "--port", str(free_port()))
        await asyncio.sleep(moment)
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), LIMIT)
        if out:
            assert (process.returncode, err) == (0, b"")
        elif process.returncode == -number:  # before our handlers were there: the same to a shell
            assert b"asyncio" not in err, err  # no traceback of our imports
        # What SIGINT does to Python's own start is left out.
        elif b"Fatal Python error" not in err and err != b"KeyboardInterrupt\n":
            assert (process.returncode, err) == (128 + number, b"mengfu: stopped\n")
        wait_for_nothing(home, 5)


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "192.0.2.1"])
async def test_a_host_that_is_not_ours_is_refused(place: Path, host: str) -> None:
    """In one line, before anything is made."""
    ended = await mengfu(place, "up", "--no-seed", "--host", host)
    ended.refused(2, f"cannot listen on {host}", "--host")
    assert len(told(ended)) == 1
    assert empty(place)


async def test_all_of_127_is_loopback(home: Path) -> None:
    """Reading needs no key there, by the name `localhost` as well."""
    port = free_port()
    process = await begin(
        home.parent, "up", "--no-seed", "--home", str(home), "--host", "127.0.0.2", "--port", str(port)
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).decode() == f"Mengfu is serving on http://127.0.0.2:{port}\n"
    reader, writer = await asyncio.open_connection("127.0.0.2", port)
    writer.write(b"GET /api/parties HTTP/1.0\r\n\r\n")
    assert b" 200 " in await reader.readline()
    writer.close()
    process.terminate()
    assert await asyncio.wait_for(process.wait(), LIMIT) == 0


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://role:hidden@host/db",
        "postgresql+asyncpg://role:hidden@host/db",
        "postgresql://role:hid/den@host/db",
        "postgresql://role:hid@den@host/db",
        "postgresql://role:hid#den@host/db",
        "postgresql://role:hid?den@host/db",
        "postgresql://role:hidden@host:port/db",
        "postgresql://role:hidden@host:70000/db",
        "postgresql://role:hidden@[::1:5432/db",
        "postgresql://role:hidden@host/db?hidden",
    ],
)
async def test_an_address_that_cannot_be_read_is_refused(place: Path, url: str) -> None:
    """By its variable's name, without a word of it."""
    for variable in ("MENGFU_DATABASE_URL", "MENGFU_OWNER_DATABASE_URL"):
        ended = await mengfu(place, "serve", **{variable: url})
        ended.refused(2, variable)
        assert len(told(ended)) == 1
        assert "hid" not in ended.err
        assert "den" not in ended.err


async def test_addresses_that_can_be_read(place: Path) -> None:
    """Several hosts, IPv6 and a socket's folder are told as they were given, without the password."""
    for where, path in (("[::1]:1,127.0.0.1:1", "/db"), ("", "/db?host=%2Fnowhere&port=1")):
        ended = await mengfu(place, "serve", MENGFU_DATABASE_URL=f"postgresql://role:hidden%40@{where}{path}")
        ended.refused(2, f"postgresql://role@{where or '/nowhere'}/db")
        assert "hidden" not in ended.err


async def test_settings_that_are_none_are_told(home: Path) -> None:
    """In one line, which stops nothing; what belongs to tests, CI and compose is known."""
    words = ("keys", "list", "--home", str(home))
    others = {"MENGFU_TEST_X": "1", "MENGFU_CI_X": "1", "MENGFU_IMAGE": "x", "MENGFU_OWNER_PASSWORD": "x"}
    ended = await mengfu(home.parent, *words, **others, MENGFU_LOG_LEVEL="INFO")
    assert (ended.code, ended.err) == (0, "")
    ended = await mengfu(home.parent, *words, MENGFU_PROT="1", MENGFU_OWNER_DATABASE_URL="postgresql://owner@host/db")
    assert ended.code == 0
    first, second = told(ended)
    assert "MENGFU_PROT (did you mean MENGFU_PORT?)" in first
    assert "MENGFU_OWNER_DATABASE_URL is not used" in second


async def test_a_folder_of_documents_that_is_none_is_refused(place: Path) -> None:
    """Before anything is made."""
    (await mengfu(place, "up", MENGFU_DOCUMENTS=str(place / "none"))).refused(2, "MENGFU_DOCUMENTS", "no such folder")
    assert empty(place)


async def test_a_text_that_is_not_utf8_is_named(place: Path) -> None:
    """By its file."""
    (place / "page.txt").write_bytes("协议".encode("gb18030"))
    ended = await mengfu(place, "cite", "page.txt", "协议")
    ended.refused(1, "page.txt is no text in UTF-8")


# --- The home ---------------------------------------------------------------------------------------------------------


async def test_only_up_makes_a_home(place: Path) -> None:
    """Whoever names the wrong one, or none, is told so."""
    for words in (("keys", "list"), ("keys", "create", "--label", "a", "--role", "reader"), ("seed",)):
        (await mengfu(place, *words, "--home", "wrong")).refused(2, "no registry in wrong", "mengfu up")
        (await mengfu(place, *words)).refused(2, "no registry in .mengfu")
    assert empty(place)


async def test_a_lost_signing_key_is_not_replaced(database: Database, place: Path) -> None:
    """Unless that is asked for; what is no key is refused as well."""
    env, home = {"MENGFU_DATABASE_URL": database.service}, place / "home"
    async with running(home, **env):
        pass
    kept = (home / "signing.pem").read_bytes()
    (home / "signing.pem").unlink()
    words = ("up", "--no-seed", "--home", str(home), "--port", str(free_port()))
    ended = await mengfu(place, *words, **env)
    ended.refused(2, "signing.pem is missing", "from a backup", "--new-signing-key")
    assert not (home / "signing.pem").exists()
    for content in (b"", b"nonsense"):
        (home / "signing.pem").write_bytes(content)
        (home / "signing.pem").chmod(0o600)
        (await mengfu(place, *words, "--new-signing-key", **env)).refused(2, "holds no Ed25519 key")
    (home / "signing.pem").unlink()
    async with running(home, "--new-signing-key", **env):
        assert (home / "signing.pem").read_bytes() != kept


async def test_a_lost_administrators_key_is_replaced_aloud(database: Database, place: Path) -> None:
    """There is one at any time: the earlier one is revoked, and one that was revoked by hand stays so."""
    env, home = {"MENGFU_DATABASE_URL": database.service}, place / "home"
    async with running(home, **env) as service:
        assert len(service.told) == 2
        earlier = service.key
    for content in (None, "", "mengfu_someone_elses"):
        (home / "key").unlink() if content is None else (home / "key").write_text(content)
        async with running(home, **env) as service:
            assert "a new one was made, and the first administrator's earlier one is revoked" in service.told[1]
            assert service.key != earlier
            async with service.client() as client, service.client(earlier) as lost:
                await post(client)
                assert (await lost.get("/api/parties")).status_code == 401
            earlier = service.key
    assert (home / "key.old").read_text() == "mengfu_someone_elses"
    assert await first_keys(place, env) == ["revoked"] * 3 + ["valid"]
    assert (await mengfu(place, "keys", "revoke", earlier.split("_")[1], **env)).code == 0
    for there in (True, False):
        async with running(home, **env) as service:
            assert "was revoked and is not replaced" in service.told[1]
            assert "The administrator's key is in" not in (await service.end()).out
        assert (home / "key").exists() is there
        (home / "key").unlink(missing_ok=True)
    assert await first_keys(place, env) == ["revoked"] * 4


async def first_keys(place: Path, env: dict[str, str]) -> list[str]:
    """The states of the keys that `up` has made, the oldest first."""
    listed = await mengfu(place, "keys", "list", **env)
    return [line.split()[3] for line in listed.out.splitlines() if line.endswith(FIRST)]


async def test_secrets_that_others_can_read_are_closed_aloud(home: Path) -> None:
    """Once."""
    for name in ("key", "signing.pem"):
        (home / name).chmod(0o644)
    async with running(home) as service:
        assert [
            f"{home}/{name} was open to others (mode 0644)" in line
            for name, line in zip(("signing.pem", "key"), service.told[1:], strict=False)
        ] == [True, True]
        assert mode(home / "key") == mode(home / "signing.pem") == 0o600
    async with running(home) as service:
        assert len(service.told) == 2


@pytest.mark.parametrize("label", ["two\nlines", "a\x1b[2Jb", "left\u202eright", FIRST])
async def test_a_label_that_would_mislead_is_refused(home: Path, label: str) -> None:
    """Nobody's list of keys can be made to say what is not so."""
    words = ("--label", label, "--role", "reader", "--home", str(home))
    (await mengfu(home.parent, "keys", "create", *words)).refused(2, "label")


async def test_a_full_disk_is_told_last(place: Path) -> None:
    """PostgreSQL's own lines come first, and the command's with the cause at the end."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    process = await asyncio.create_subprocess_exec(
        MENGFU, "up", "--no-seed", "--home", place / "home", env=CLEAN, preexec_fn=limit, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), LIMIT)
    assert process.returncode == 1
    last = err.decode().splitlines()[-1]
    assert last.startswith("mengfu: initdb could not make")
    assert "File too large" in last or "File size limit exceeded" in last
