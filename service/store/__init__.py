"""The append-only log on PostgreSQL: lines, the statements that read and store them, and the database that holds them.

One SQL statement stands in one file under `sql/`, with its purpose, parameters, locks and the constraints that it can
break. Only the registry appends.
"""

from functools import cache
from pathlib import Path


@cache
def sql(name: str) -> str:
    """The statement in `sql/<name>.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
