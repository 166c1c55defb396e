"""The key that signs the log's checkpoints: its file, which keys there have been, and the checkpoint of now.

The private key stands in a file alone. The database remembers the public ones, in their order: a log that changes its
key goes on as the same log for whoever checks that each key was named by the one before it (`endorsement`), and what an
old key signed stays good. A process signs by what the file holds; one that is replaced is read anew.
"""

import asyncio
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from service.config import ConfigError, Settings
from service.store import mirrors, sql
from service.store.embedded_home import sync
from service.tlog import note, tree
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import Key, NoteError, Signer

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]

FILE = "signing.pem"
"""The file's name in a home."""


class NoKeyError(ConfigError):
    """There is no key here that the log could be signed by."""


class SigningKey(Struct, frozen=True, kw_only=True):
    """A key that signs checkpoints, or did: its public half, how long the log was when it was made, and when that was.

    `endorsement` is a signed note in which the key before it names it: none for the first one, and for one that was
    made since the key before it was lost.
    """

    key: str
    position: int
    made: datetime
    endorsement: str | None


def path(settings: Settings) -> Path:
    """The file of the private key."""
    return Path(settings.signing_key or Path(settings.home) / FILE)


def private(pem: bytes, file: Path) -> Ed25519PrivateKey:
    """The key of a file, PKCS #8 in PEM (RFC 8410). Refuses a file that holds no such key."""
    try:
        held = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        held = None
    if not isinstance(held, Ed25519PrivateKey):
        raise ConfigError(f"{file} holds no Ed25519 key: put the log's signing key back from a backup")
    return held


def made() -> tuple[Ed25519PrivateKey, bytes]:
    """A new key, and what its file holds."""
    key = Ed25519PrivateKey.generate()
    return key, key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write(path: Path, content: bytes) -> None:
    """Put a secret into a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync(path.parent)


async def known(pool: "Pool") -> list[SigningKey]:
    """The keys that the database remembers, in their order."""
    return [SigningKey(**row) for row in await pool.fetch(sql("signing_keys"))]


async def note_key(pool: "Pool", keys: Sequence[SigningKey], key: Key, endorsement: str | None) -> None:
    """Remember the next key."""
    await pool.execute(sql("signing_key_put"), len(keys), str(key), endorsement)


def endorsed(old: Signer, new: Key) -> str:
    """The note in which a key names the one after it; its text is no checkpoint, whose second line is a number."""
    return note.sign(f"mengfu/signing-key\n{new}\n", [old])


def successor(endorsement: str, old: Key) -> Key:
    """The key that an old one has named to come after it. Raises NoteError."""
    text, _ = note.opened(endorsement, [old])
    kind, _, named = text.rstrip("\n").partition("\n")
    if kind != "mengfu/signing-key":
        raise NoteError("the note names no signing key")
    return note.key(named)


class Signing:
    """What signs the log of a registry."""

    def __init__(self, pool: "Pool", file: Path, origin: str) -> None:
        """Nothing is read yet."""
        self._pool = pool
        self._file = file
        self.origin = origin
        self._stamp: tuple[int, int] | None = None
        self._signer: Signer | None = None
        self._last: tuple[Checkpoint, Signer, str] | None = None

    async def signer(self) -> Signer:
        """The key of the file, if the log knows it as its own. Raises ConfigError."""
        try:
            status = self._file.stat()
        except FileNotFoundError as error:
            raise NoKeyError(
                f"there is no signing key {self._file}: make one by `mengfu keys signing create`, or name its file in "
                "MENGFU_SIGNING_KEY"
            ) from error
        except OSError as error:
            raise ConfigError(f"the signing key {self._file} cannot be read: {error.strerror}") from error
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._signer is None or stamp != self._stamp:
            self._signer, self._stamp = await self._own(await self._read()), stamp
        return self._signer

    async def ready(self, *, lost: bool = False) -> None:
        """Have the file's key known as the log's where it is the first one, or the one before it is `lost`.

        Raises ConfigError for a key that is not the log's.
        """
        keys = await self.keys()
        if not keys or lost:
            key = (await self._read()).key
            if str(key) not in {one.key for one in keys}:
                await note_key(self._pool, keys, key, None)
        await self.signer()

    async def keys(self) -> list[SigningKey]:
        """The keys that there have been, the one of now last."""
        return await known(self._pool)

    async def create(self) -> Key:
        """Make the first key, or take that of a file that is there. Raises ConfigError where there was another one."""
        if keys := await self.keys():
            raise ConfigError(f"this log is signed by {keys[-1].key}: `mengfu keys signing rotate` replaces that")
        if not self._file.exists():
            write(self._file, made()[1])
        await self.ready()
        return (await self.signer()).key

    async def rotate(self) -> Key:
        """Replace the key by a new one, which it names. Raises ConfigError.

        The new one is in a file of its own until the log knows it: a rotation that was cut off is finished by the next.
        """
        keys = await self.keys()
        if keys and (pending := self._pending(note.key(keys[-1].key))).is_file():
            pending.replace(self._file)
            return (await self.signer()).key
        old = await self.signer()
        made_now, pem = made()
        new = Signer(self.origin, made_now).key
        write(self._pending(new), pem)
        await note_key(self._pool, keys, new, endorsed(old, new))
        if (await self.keys())[-1].key != str(new):
            self._pending(new).unlink()
            raise ConfigError("somebody else has just replaced the key")
        self._pending(new).replace(self._file)
        sync(self._file.parent)
        return new

    def _pending(self, key: Key) -> Path:
        """Where a new key is until the log knows it: of two that are made at once each has a file of its own."""
        return self._file.with_name(f"{self._file.name}.{key.id.hex()}")

    async def checkpoint(self) -> str:
        """How long the log is, and its root, signed: of what is durable, never of more. Raises ConfigError."""
        signer = await self.signer()
        head = await self._pool.fetchrow("select position, edge from head")
        assert head is not None  # noqa: S101 -- the head is one row
        try:
            now = Checkpoint(self.origin, head["position"], tree.root(head["position"], tree.nodes(head["edge"])))
        except ValueError as error:
            raise ConfigError(f"the log's head is damaged ({error}): `mengfu verify` says in what") from error
        if self._last is None or self._last[:2] != (now, signer):
            self._last = (now, signer, note.sign(str(now), [signer]))
        return self._last[2]

    async def _read(self) -> Signer:
        try:
            pem = await asyncio.to_thread(self._file.read_bytes)
        except OSError as error:
            raise ConfigError(f"the signing key {self._file} cannot be read: {error.strerror}") from error
        return Signer(self.origin, private(pem, self._file))

    async def _own(self, signer: Signer) -> Signer:
        keys = await self.keys()
        if not keys or keys[-1].key != str(signer.key):
            wanted = f"it signs as {keys[-1].key}" if keys else "it has none yet"
            if keys and self._pending(note.key(keys[-1].key)).is_file():
                raise ConfigError("a rotation of the signing key was cut off: `mengfu keys signing rotate` finishes it")
            raise ConfigError(
                f"{self._file} holds the key {signer.key}, which is not this log's: {wanted}. Put its key back from a "
                "backup; MENGFU_ORIGIN, which a key bears as its name, stays as it was at the first start"
            )
        return signer


class Mirrored:
    """What answers in place of `Signing` where the log is another registry's: the notes that this one signed."""

    def __init__(self, pool: "Pool", origin: str) -> None:
        """`origin` is what the log is called."""
        self._pool = pool
        self.origin = origin

    async def checkpoint(self) -> str:
        """The newest checkpoint whose lines are all here. Raises ConfigError where there is none yet."""
        mirror = await mirrors.load(self._pool)
        if mirror is None or mirror.served is None:
            raise ConfigError("this mirror has not come to a checkpoint of its source yet")
        return mirror.served

    async def keys(self) -> list[SigningKey]:
        """The keys that the other registry has told, the one of now last."""
        return await known(self._pool)


def of(settings: Settings, pool: "Pool", name: str) -> Signing:
    """What signs the log of the registry of that name: as MENGFU_ORIGIN, else after its name."""
    return Signing(pool, path(settings), settings.origin or f"mengfu/{name}")


async def reached(settings: Settings, pool: "Pool") -> Signing | Mirrored:
    """What signs the log of the registry that the pool reaches, or answers for it."""
    if (mirror := await mirrors.load(pool)) is not None:
        return Mirrored(pool, mirror.origin)
    return of(settings, pool, await pool.fetchval("select name from registry"))
