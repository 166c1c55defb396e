"""The durable schema: at which revision it stands, and how the owner brings it up to the newest.

Alembic and SQLAlchemy are imported only where there is something to migrate: they cost a third of a start.
"""

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from service.config import ConfigError, room

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine


def newest() -> str:
    """The newest revision that this program knows: the highest number among the migrations' file names."""
    return max(path.name[:4] for path in (room("migrations") / "versions").glob("[0-9]*.py"))


async def connect(url: str, schema: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection whose unqualified names are the registry's."""
    try:
        return await asyncpg.connect(url, server_settings={"search_path": f"{schema}, pg_temp"})
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(f"cannot connect to the database {public(url)}: {without_password(said, url)}") from error


def public(url: str) -> str:
    """A connection's address without its password, for messages."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2] or ",".join(parse_qs(parts.query).get("host", []))
    return f"{parts.scheme}://{parts.username or ''}@{hosts}{parts.path}"


def without_password(text: str, url: str) -> str:
    """The text, in which the address's password is crossed out as written and as meant."""
    password = urlsplit(url).password
    for secret in (password, unquote(password)) if password else ():
        text = text.replace(secret, "***")
    return text


async def revision(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """The revision that the schema stands at, None where there is none."""
    if await connection.fetchval("select to_regclass('alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("select version_num from alembic_version")
    return found


async def usable(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """The schema's revision; refuses a database that isn't UTF-8, and a newer schema than this program knows."""
    encoding = await connection.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise ConfigError(f"the database has the encoding {encoding}; create it with encoding 'UTF8'")
    found = await revision(connection)
    if found is not None and found > newest():
        raise ConfigError(f"the schema stands at {found}, this program knows only {newest()}: run a newer mengfu")
    return found


MIGRATE = "run `mengfu migrate` with MENGFU_OWNER_DATABASE_URL"


async def check(connection: "asyncpg.Connection[asyncpg.Record]", advice: str = MIGRATE) -> None:
    """Refuse a database that isn't UTF-8, an old schema (with what to do), and a newer one than this program knows."""
    found = await usable(connection)
    if found != newest():
        raise ConfigError(f"the schema stands at {found or 'nothing'}, this program needs {newest()}: {advice}")


async def refuse_strangers(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> None:
    """Refuse to go on as the owner where somebody else has made functions or operators in the schema.

    The service role makes its projections' tables there. A function or operator of its own could be a closer match for
    what the owner's statements name (`=` of two varchar, say) than PostgreSQL's, and would then run as the owner.
    """
    found = await connection.fetch(
        """
        select oid::regprocedure::text as name from pg_proc
        where pronamespace = to_regnamespace($1::text) and proowner <> to_regrole(current_user::text)
        union all
        select oid::regoperator::text from pg_operator
        where oprnamespace = to_regnamespace($1::text) and oprowner <> to_regrole(current_user::text)
        """,
        schema,
    )
    if found:
        raise ConfigError(
            f"the schema {schema} has functions or operators that are not the owner's; look at them and drop them: "
            + ", ".join(row["name"] for row in found)
        )


def engine(url: str, schema: str) -> "AsyncEngine":
    """SQLAlchemy's engine over asyncpg's own connections, so that one address serves both."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    if not url:
        raise ConfigError("MENGFU_OWNER_DATABASE_URL is not set: migrations run as the owner of the schema")
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(url, schema))


async def migrate(owner_url: str, schema: str, service_url: str = "", name: str = "", target: str = "head") -> None:
    """Bring the schema to `target` as the owner, name a new registry, and grant the service role what it needs.

    `service_url` tells the service role's name; where it is the owner itself, nothing has to be granted. `name` is the
    registry's name for a new one; without it a random one is made, for ever.
    """
    plain = await connect(owner_url, "pg_catalog")
    try:
        # Held to the end: of two that migrate at once, the second finds nothing left to do.
        await plain.execute("select pg_advisory_lock(hashtext('mengfu migrate'), hashtext($1))", schema)
        await plain.execute(f'create schema if not exists "{schema}"')
        await refuse_strangers(plain, schema)
        await plain.execute(f'set search_path = "{schema}", pg_temp')
        if await usable(plain) != newest() or target != "head":
            await upgrade(owner_url, schema, target)
        if await revision(plain) == newest():
            await plain.execute("insert into head default values on conflict do nothing")
            await plain.execute(
                "insert into registry (name) values ($1) on conflict do nothing", name or secrets.token_hex(8)
            )
            await plain.execute("select cover_events(1::bigint)")
            await grant(plain, schema, role_of(service_url))
    finally:
        await plain.close()


async def upgrade(owner_url: str, schema: str, target: str) -> None:
    """Run Alembic to `target`: `head`, `+1`, a revision; `-1` to take the last one down, `base` for all of them."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(room("migrations")))

    def run(connection: "Connection") -> None:
        config.attributes["connection"] = connection
        (command.downgrade if target in {"base", "-1"} else command.upgrade)(config, target)

    owner = engine(owner_url, schema)
    try:
        async with owner.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await owner.dispose()


def role_of(url: str) -> str:
    """The role that a connection's address names."""
    return unquote(urlsplit(url).username or "")


async def grant(connection: "asyncpg.Connection[Any]", schema: str, role: str) -> None:
    """Give the service role what it needs, and nothing that changes a line."""
    if not role or role == await connection.fetchval("select current_user"):
        return
    known = await connection.fetchval("select quote_ident(rolname::text) from pg_roles where rolname = $1", role)
    if known is None:
        raise ConfigError(f"MENGFU_DATABASE_URL names the role {role}, which the database doesn't have: create it")
    for statement in (
        f'grant usage, create on schema "{schema}" to {known}',
        f"grant select, insert on events, idempotency, texts, accounts, credentials, tiles, signing_keys to {known}",
        f"grant select, insert, update (version) on streams to {known}",
        f"grant select, update (position, time, edge) on head to {known}",
        f"grant update (revoked) on credentials to {known}",
        f"grant select, insert, update (revoked) on calendars to {known}",
        f"grant select, insert, update on mirror to {known}",
        f"grant select, insert, update, delete on webhooks, deliveries to {known}",
        f"grant select on registry, alembic_version to {known}",
        f"grant execute on function cover_events(bigint), turn_idempotency(date) to {known}",
    ):
        await connection.execute(statement)
