"""The secrets that `mengfu up` makes the first time, in files of mode 0600 in its home.

The database remembers that there was a first start: by the account that the first administrator's key belongs to. What
is missing from the home later was lost, and is never quietly made again.
"""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from service.config import ConfigError
from service.store import credentials

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]

KEY = "key"
SIGNING_KEY = "signing.pem"
FIRST = "the first administrator"
"""The label of the account that `up` makes a key for; no other account may be called so."""


class Keys(NamedTuple):
    """The file of the first administrator's key, unless that was revoked; the key if new; what must be told."""

    path: Path | None
    made: str
    told: list[str]


async def ready(pool: "Pool", home: Path, *, new_signing_key: bool = False) -> Keys:
    """Bring the home's secrets in order, or refuse."""
    first = [key for key in await credentials.listed(pool) if key.label == FIRST]
    told = [private(home / name) for name in (SIGNING_KEY, KEY)]
    # Before the administrator's key: where the database knows of that one, this one was whole.
    signing_key(home, lost=bool(first) and not new_signing_key)
    path, made, happened = await administrator(pool, home, first)
    return Keys(path, made, [line for line in (*told, happened) if line])


async def administrator(pool: "Pool", home: Path, first: list[credentials.Credential]) -> tuple[Path | None, str, str]:
    """The first administrator's key: its file, the key where it was made just now, and what happened in one line.

    `first` are those made so far. One whose file was lost is revoked and replaced; one that was revoked by hand is not.
    """
    path = home / KEY
    held = path.read_text("ascii", "replace").strip() if path.is_file() else ""
    account = await credentials.Credentials(pool).find(held) if held else None
    if account is not None and "administrator" in account.roles:
        return path, "", ""
    valid = [key for key in first if key.revoked is None]
    if first and not valid:
        return (
            None,
            "",
            (
                f"The administrator's key of {path} was revoked and is not replaced: "
                "make one with `mengfu keys create --role administrator --label WHOSE`"
            ),
        )
    token, _ = await credentials.create(pool, FIRST, ["administrator"], valid[0].account if valid else None)
    for key in valid:
        await credentials.revoke(pool, key.prefix)
    why = f"{path} held no administrator's key of this registry" if held else f"{path} was missing or empty"
    if held:
        kept = path.with_name(KEY + ".old")  # it may be the only copy of another registry's
        path.replace(kept)
        why += f" (what it held is in {kept})"
    write(path, token.encode() + b"\n")
    if valid:
        return path, token, f"{why}: a new one was made, and the first administrator's earlier one is revoked"
    return path, token, why if held else ""


def signing_key(home: Path, *, lost: bool) -> Path:
    """The file of the Ed25519 key that signs the log's checkpoints, as PKCS #8 in PEM (RFC 8410).

    Made where it is missing. Refuses that where there was one (`lost`), and a file that holds no such key.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    path = home / SIGNING_KEY
    if path.is_file():
        try:
            held = serialization.load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError):
            held = None
        if not isinstance(held, Ed25519PrivateKey):
            raise ConfigError(f"{path} holds no Ed25519 key: put the log's signing key back from a backup")
    elif lost:
        raise ConfigError(
            f"{path} is missing, and this registry has had one: put it back from a backup. If it is lost for good, "
            "`mengfu up --new-signing-key` makes another, with which the log becomes another log to whoever verifies it"
        )
    else:
        key = Ed25519PrivateKey.generate()
        write(
            path,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    return path


def private(path: Path) -> str:
    """Close a secret's file to others, and say so in one line; empty where there was nothing to close."""
    if not path.is_file():
        return ""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return ""
    try:
        path.chmod(0o600)
    except OSError as error:
        raise ConfigError(f"{path} is open to others (mode {mode:04o}), and stays so: {error.strerror}") from error
    return f"{path} was open to others (mode {mode:04o}) and is closed now: replace it if somebody may have read it"


def write(path: Path, content: bytes) -> None:
    """Put a secret into a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
