"""The log over HTTP, as strangers check it: by proofs, tiles and checkpoints alone, against trees made of the lines."""

import base64
from pathlib import Path
from typing import Any

import pytest

from service import signing
from service.config import ConfigError
from service.tlog import checkpoint, note, proofs, tiles
from service.tlog.proofs import Span
from service.tlog.tiles import Tile
from service.tlog.tree import append, leaf_hash, root
from tests.api.conftest import Client
from tests.tlog.test_tiles import unbundled

ORIGIN = "example.org/log"


@pytest.fixture
def signs(client: Client, tmp_path: Path) -> signing.Signing:
    """What signs the client's log, with a key of its own in a file."""
    one = signing.Signing(client.registry.pool, tmp_path / "signing.pem", ORIGIN)
    client.app.state.signing = one
    return one


async def lines(client: Client, count: int) -> list[bytes]:
    """So many lines in the log, at least; answers all of them."""
    while (missing := count - await client.registry.head()) > 0:
        commands = [
            {"path": "/api/parties", "body": {"kind": "city", "name": {"printed": f"市{number}"}}}
            for number in range(min(missing, 500))
        ]
        answer = await client.post("/api/transactions", json={"commands": commands})
        assert answer.status_code == 200, answer.text
    return (await client.get("/api/events")).content.splitlines()


def roots(stored: list[bytes]) -> list[bytes]:
    """The root of each size up to that of the log."""
    edge: list[bytes] = []
    found = [root(0, edge)]
    for size, line in enumerate(stored):
        edge = append(size, edge, [leaf_hash(line)])
        found.append(root(size + 1, edge))
    return found


def decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


async def test_checkpoints(client: Client, signs: signing.Signing) -> None:
    key = await signs.create()
    answer = await client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert checkpoint.opened(answer.text, [key]) == checkpoint.Checkpoint(ORIGIN, 0, root(0, []))
    stored = await lines(client, 7)
    found = checkpoint.opened((await client.get("/log/checkpoint")).text, [key])
    assert found == checkpoint.Checkpoint(ORIGIN, 7, roots(stored)[7])


async def test_proofs_of_every_line_and_size(client: Client) -> None:
    stored = await lines(client, 21)
    tops = roots(stored)
    for size in range(1, len(stored) + 1):
        for sequence in range(1, size + 1):
            told = (await client.get("/log/proof/inclusion", params={"sequence": sequence, "size": size})).json()
            assert (told["sequence"], told["index"], told["size"]) == (sequence, sequence - 1, size)
            leaf, top = leaf_hash(stored[sequence - 1]), tops[size]
            assert (decoded(told["leaf"]), decoded(told["root"])) == (leaf, top)
            proofs.check_inclusion(sequence - 1, size, leaf, [*map(decoded, told["proof"])], top)
            told = (await client.get("/log/proof/consistency", params={"from": sequence, "to": size})).json()
            assert (told["from"], told["to"]) == (sequence, size)
            assert (decoded(told["old_root"]), decoded(told["new_root"])) == (tops[sequence], top)
            proofs.check_consistency(sequence, size, tops[sequence], top, [*map(decoded, told["proof"])])


async def test_a_long_log_by_tiles_alone(client: Client, signs: signing.Signing) -> None:
    """A stranger fetches the checkpoint and the tiles that a tree of its size has, and makes every proof of them."""
    key = await signs.create()
    stored = await lines(client, 1_300)
    now = checkpoint.opened((await client.get("/log/checkpoint")).text, [key])
    rows: dict[Tile, bytes] = {}
    for tile in tiles.of_size(now.size):
        answer = await client.get(f"/log/tile/{tile.path}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"].endswith("max-age=31536000, immutable")
        rows[tile] = answer.content
        assert len(answer.content) == 32 * tile.width
    assert tiles.hashed([Span(0, now.size)], rows, now.size) == [now.root] == [roots(stored)[-1]]
    for index in (0, 255, 256, 1_023, 1_024, now.size - 1):
        path = tiles.hashed(proofs.inclusion(index, now.size), rows, now.size)
        proofs.check_inclusion(index, now.size, leaf_hash(stored[index]), path, now.root)
    found: list[bytes] = []
    for tile in tiles.of_size(now.size):
        if tile.level == 0:
            found += unbundled((await client.get(f"/log/tile/entries/{tiles.path(tile.index, tile.width)}")).content)
    assert found == stored


async def test_full_tiles_are_stored_once_and_earlier_widths_stay(client: Client) -> None:
    await lines(client, 300)
    early = (await client.get("/log/tile/0/001.p/20")).content
    assert await client.registry.tiles.store() == 256
    await lines(client, 600)
    assert await client.registry.tiles.store() == 512
    stored = await client.registry.pool.fetch("select level, index, hashes, root from tiles order by level, index")
    assert [(row["level"], row["index"]) for row in stored] == [(0, 0), (0, 1)]
    assert all(tiles.root(row["hashes"]) == row["root"] for row in stored)
    assert (await client.get("/log/tile/0/001")).content[: 20 * 32] == early
    assert (await client.get("/log/tile/0/001.p/20")).content == early
    assert (await client.get("/log/tile/1/000.p/2")).content == b"".join(row["root"] for row in stored)
    etag = (await client.get("/log/tile/0/000")).headers["etag"]
    again = await client.get("/log/tile/0/000", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("what", ["update tiles set root = root", "delete from tiles", "truncate tiles"])
async def test_nobody_changes_a_tile(client: Client, what: str) -> None:
    await lines(client, 256)
    await client.registry.tiles.store()
    with pytest.raises(Exception, match=r"permission denied|append-only"):
        await client.registry.pool.execute(what)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/log/tile/0/000", 404),
        ("/log/tile/0/000.p/4", 404),
        ("/log/tile/0/000.p/3", 200),
        ("/log/tile/0/000.p/0", 404),
        ("/log/tile/0/0", 404),
        ("/log/tile/1/000.p/1", 404),
        ("/log/tile/63/x999/999", 404),
        ("/log/tile/64/000", 404),
        ("/log/tile", 404),
        ("/log/tile/0", 404),
        ("/log/tile/entries", 404),
        ("/log/tile/entries/000", 404),
        ("/log/tile/entries/000.p/3", 200),
        ("/log/tile/entries/000.p/4", 404),
        ("/log/tile/0/000.p/3?x=1", 422),
        ("/log/proof/inclusion", 422),
        ("/log/proof/inclusion?sequence=0", 422),
        ("/log/proof/inclusion?sequence=4", 422),
        ("/log/proof/inclusion?sequence=3&size=2", 422),
        ("/log/proof/inclusion?sequence=3&size=4", 422),
        ("/log/proof/inclusion?sequence=3&size=3", 200),
        ("/log/proof/consistency", 422),
        ("/log/proof/consistency?from=0", 422),
        ("/log/proof/consistency?from=4", 422),
        ("/log/proof/consistency?from=3&to=2", 422),
        ("/log/proof/consistency?from=1&to=4", 422),
        ("/log/proof/consistency?from=1", 200),
    ],
)
async def test_what_there_is(client: Client, path: str, status: int) -> None:
    await lines(client, 3)
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_bundles_are_asked_about_again(client: Client) -> None:
    await lines(client, 3)
    answer = await client.get("/log/tile/entries/000.p/3")
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get("/log/tile/entries/000.p/3", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_without_a_key_nothing_is_signed(client: Client, signs: signing.Signing) -> None:
    answer = await client.get("/log/checkpoint")
    assert answer.status_code == 404
    assert "no key to sign one by" in answer.json()["detail"]
    assert (await client.get("/log/keys")).json() == {"origin": ORIGIN, "keys": []}
    assert signs.origin == ORIGIN


async def test_rotation(client: Client, signs: signing.Signing, tmp_path: Path) -> None:
    first = await signs.create()
    await lines(client, 3)
    old = (await client.get("/log/checkpoint")).text
    second = await signs.rotate()
    third = await signing.Signing(client.registry.pool, tmp_path / "signing.pem", ORIGIN).rotate()
    now = (await client.get("/log/checkpoint")).text
    assert checkpoint.opened(now, [third]).size == 3
    with pytest.raises(note.NoteError, match="none of the keys has signed it"):
        checkpoint.opened(now, [first, second])
    told: dict[str, Any] = (await client.get("/log/keys")).json()
    assert [one["key"] for one in told["keys"]] == [str(first), str(second), str(third)]
    assert [one["position"] for one in told["keys"]] == [0, 3, 3]
    assert told["keys"][0]["endorsement"] is None
    assert signing.successor(told["keys"][1]["endorsement"], first) == second
    assert signing.successor(told["keys"][2]["endorsement"], second) == third
    with pytest.raises(note.NoteError):
        signing.successor(told["keys"][2]["endorsement"], first)
    with pytest.raises(note.NoteError):
        signing.successor(now, third)
    assert checkpoint.opened(old, [note.key(one["key"]) for one in told["keys"]]).size == 3


async def test_a_rotation_that_was_cut_off_is_finished(
    client: Client, signs: signing.Signing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signs.create()
    before = (tmp_path / "signing.pem").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", cut_off(Path.replace))
        with pytest.raises(InterruptedError):
            await signs.rotate()
    assert (tmp_path / "signing.pem").read_bytes() == before
    other = signing.Signing(client.registry.pool, tmp_path / "signing.pem", ORIGIN)
    with pytest.raises(ConfigError, match="a rotation of the signing key was cut off"):
        await other.checkpoint()
    key = await other.rotate()
    assert [one.key for one in await signs.keys()][-1] == str(key)
    assert checkpoint.opened(await signs.checkpoint(), [key]).size == 0


def cut_off(replace: Any) -> Any:
    """Renames files, but not the new key's over the old one's."""

    def replaced(path: Path, target: Path) -> Path:
        if target.name == "signing.pem":
            raise InterruptedError
        found: Path = replace(path, target)
        return found

    return replaced


async def test_another_logs_key_signs_nothing(client: Client, signs: signing.Signing, tmp_path: Path) -> None:
    await signs.create()
    with pytest.raises(ConfigError, match="this log is signed by"):
        await signs.create()
    signing.write(tmp_path / "signing.pem", signing.made()[1])
    answer = await client.get("/log/checkpoint")
    assert answer.status_code == 503
    assert "which is not this log's" in answer.json()["detail"]
    named_otherwise = signing.Signing(client.registry.pool, tmp_path / "signing.pem", "example.org/other")
    with pytest.raises(ConfigError, match="stays as it was at the first start"):
        await named_otherwise.signer()
    (tmp_path / "signing.pem").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match="holds no Ed25519 key"):
        await signs.signer()
