"""Settings: read once from the environment, frozen, passed down. Nobody else reads the environment."""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

PACKAGE = Path(__file__).parent
LOG_LEVELS = ("debug", "info", "warning", "error")
OTHERS = re.compile(r"MENGFU_((TEST|CI)_.*|IMAGE|PUBLISH|(SUPERUSER|OWNER|SERVICE)_PASSWORD)")
"""Variables that are no settings, but the tests', CI's and deploy/compose.yaml's."""


class ConfigError(Exception):
    """A setting is wrong; the message names it and says what to do."""


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting, with its default. Each is the environment variable MENGFU_<NAME IN CAPITALS>.

    `database_url` is the service role's connection, `owner_database_url` the owner's (migrations only); without the
    first, `mengfu up` runs the embedded PostgreSQL under `home`. `origin` is what the log is called in its checkpoints,
    `signing_key` the file of the key that they are signed by, `signing.pem` in `home` without it. `key_file` holds the
    key with which another registry is read. `remind_at` is the time of day in Asia/Shanghai at which the daily round
    runs, or `off`.
    """

    home: str = ".mengfu"
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    owner_database_url: str = ""
    schema: str = "mengfu"
    name: str = ""
    origin: str = ""
    signing_key: str = ""
    public_read: bool = False
    documents: str = ""
    key_file: str = ""
    queue: int = 4096
    batch: int = 512
    cache: int = 50_000
    pool: int = 8
    body_limit: int = 4_000_000
    remind_at: str = "08:00"
    webhooks_private: bool = False
    log_level: str = "info"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings in an environment. Raises ConfigError with the variable's name for one that can't be read."""
        given: dict[str, object] = {}
        for field, kind in cls.__annotations__.items():
            variable = f"MENGFU_{field.upper()}"
            text = environment.get(variable)
            if text is None or text == "":
                continue
            if kind is int:
                if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
                    raise ConfigError(f"{variable} is {text!r}, but must be a whole number above 0")
                given[field] = int(text)
            elif kind is bool:
                if text.lower() not in {"true", "false", "1", "0"}:
                    raise ConfigError(f"{variable} is {text!r}, but must be true or false")
                given[field] = text.lower() in {"true", "1"}
            else:
                given[field] = text.lower() if field == "log_level" else text
        settings = cls(**given)  # type: ignore[arg-type]  # each value was made to its field's type above
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", settings.schema):
            raise ConfigError(f"MENGFU_SCHEMA is {settings.schema!r}, but must be a plain lower-case SQL name")
        if settings.schema.startswith("pg_") or settings.schema == "information_schema":
            raise ConfigError(f"MENGFU_SCHEMA is {settings.schema!r}, a name that PostgreSQL keeps for itself")
        if settings.port > 65535:
            raise ConfigError(f"MENGFU_PORT is {settings.port}, but the highest port is 65535")
        if settings.log_level not in LOG_LEVELS:
            raise ConfigError(f"MENGFU_LOG_LEVEL is {settings.log_level!r}, but must be {', '.join(LOG_LEVELS)}")
        if settings.name and not re.fullmatch(r"[a-z0-9.-]{1,100}", settings.name):
            raise ConfigError(f"MENGFU_NAME is {settings.name!r}, but may hold only a-z, 0-9, '.' and '-'")
        if settings.origin and not re.fullmatch(r"[!-*,-~]{1,200}", settings.origin):
            raise ConfigError(f"MENGFU_ORIGIN is {settings.origin!r}, but may hold only ASCII, no blanks and no '+'")
        if settings.remind_at != "off" and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", settings.remind_at):
            raise ConfigError(f"MENGFU_REMIND_AT is {settings.remind_at!r}, but must be a time such as 08:00, or off")
        check_address("MENGFU_DATABASE_URL", settings.database_url)
        check_address("MENGFU_OWNER_DATABASE_URL", settings.owner_database_url)
        return settings


def check_address(variable: str, url: str) -> None:
    """Refuse a database's address that cannot be read as it was meant, without a word of it: it may hold a password."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2]
        if parts.query:
            parse_qs(parts.query, strict_parsing=True)
    except ValueError:
        raise ConfigError(f"{variable} is no address; it reads postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE") from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ConfigError(f"{variable} must begin with postgresql://")
    # Any of these in a password ends the part that it stands in, and the rest would be taken for something else.
    if parts.netloc.count("@") > 1 or "@" in parts.path + parts.query or "#" in url:
        raise ConfigError(
            f"{variable} has a character in its password that must be written as %40 (@), %2F (/), %3F (?) or %23 (#)"
        )
    for host in hosts.split(","):
        port = re.fullmatch(r"(?:\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?", host)
        if port is None or not 0 < int(port[1] or 1) <= 65535:
            raise ConfigError(f"{variable} has a port that is no number from 1 to 65535")


def unknown(environment: Iterable[str]) -> str:
    """One line about the variables that look like settings and are none; empty where there are none."""
    known = [f"MENGFU_{field.upper()}" for field in Settings.__annotations__]
    told = []
    for variable in sorted(environment):
        if variable.startswith("MENGFU_") and variable not in known and not OTHERS.fullmatch(variable):
            near = difflib.get_close_matches(variable, known, 1)
            told.append(f"{variable} (did you mean {near[0]}?)" if near else variable)
    return f"no setting has the name {', '.join(told)}" if told else ""


def room(name: str) -> Path:
    """The folder `seeds` or `migrations`: beside the package in a checkout, inside it in the built wheel."""
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name
