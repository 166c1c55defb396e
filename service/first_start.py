"""The secrets that `mengfu up` makes the first time, in files of mode 0600 in its home.

The database remembers that there was a first start: by the account that the first administrator's key belongs to. What
is missing from the home later was lost, and is never quietly made again.
"""

import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from service import signing
from service.config import ConfigError, Settings
from service.store import credentials

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]

KEY = "key"
FIRST = "the first administrator"
"""The label of the account that `up` makes a key for; no other account may be called so."""


class Keys(NamedTuple):
    """The file of the first administrator's key, unless that was revoked; the key if new; what must be told."""

    path: Path | None
    made: str
    told: list[str]


async def ready(pool: "Pool", settings: Settings, name: str, *, new_signing_key: bool = False) -> Keys:
    """Bring the secrets of the registry of that name in order, or refuse."""
    home, signs = Path(settings.home), signing.path(settings)
    first = [key for key in await credentials.listed(pool) if key.label == FIRST]
    told = [private(path) for path in (signs, home / KEY)]
    # Before the administrator's key: where the database knows of that one, this one was whole.
    signing_key(signs, lost=bool(first) and not new_signing_key)
    await signing.of(settings, pool, name).ready(lost=new_signing_key)
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
    signing.write(path, token.encode() + b"\n")
    if valid:
        return path, token, f"{why}: a new one was made, and the first administrator's earlier one is revoked"
    return path, token, why if held else ""


def signing_key(path: Path, *, lost: bool) -> None:
    """Make the file of the key that signs the log's checkpoints, where it is missing.

    Refuses that where there was one (`lost`), and a file that holds no such key.
    """
    if path.is_file():
        signing.private(path.read_bytes(), path)
    elif lost:
        raise ConfigError(
            f"{path} is missing, and this registry has had one: put it back from a backup. If it is lost for good, "
            "`mengfu up --new-signing-key` makes another, with which the log becomes another log to whoever verifies it"
        )
    else:
        _, pem = signing.made()
        signing.write(path, pem)


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
