"""The secrets that `mengfu up` makes the first time, in files of mode 0600 in its home."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from service.store import credentials

if TYPE_CHECKING:
    import asyncpg

KEY = "key"
SIGNING_KEY = "signing.pem"


async def first_key(pool: "asyncpg.Pool[asyncpg.Record]", home: Path) -> tuple[Path, str]:
    """The file of the first administrator's key, and the key itself where it was made just now.

    A key is made where the home has none, or has one that this database does not accept.
    """
    path = home / KEY
    if path.is_file() and await credentials.Credentials(pool).find(path.read_text("ascii").strip()) is not None:
        return path, ""
    token, _ = await credentials.create(pool, "the first administrator", ["administrator"])
    write(path, token.encode() + b"\n")
    return path, token


def signing_key(home: Path) -> Path:
    """The file of the Ed25519 key that signs the log's checkpoints, as PKCS #8 in PEM (RFC 8410)."""
    path = home / SIGNING_KEY
    if not path.is_file():
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        key = Ed25519PrivateKey.generate()
        write(
            path,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    return path


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
