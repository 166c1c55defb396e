"""Alembic's entry: migrate as the owner, in the registry's schema, one transaction for all revisions.

`mengfu migrate` passes its open connection; the `alembic` command connects by MENGFU_OWNER_DATABASE_URL.
"""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from service.config import Settings
from service.store.migrate import engine


def run(connection: Connection) -> None:
    """Run the revisions on a connection whose search_path is the registry's schema."""
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    """Connect as the owner, and run."""
    settings = Settings.read(os.environ)
    owner = engine(settings.owner_database_url, settings.schema)
    async with owner.connect() as connection:
        await connection.run_sync(run)
    await owner.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(connect())
