"""Addresses of calendars.

What the table is for stands in schema.sql.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.get_bind().exec_driver_sql(
        """
create table calendars (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  unit uuid not null,
  roles text[] not null,
  account uuid not null references accounts (id),
  created timestamptz not null default now(),
  revoked timestamptz
)
"""
    )


def downgrade() -> None:
    """Take it away."""
    op.get_bind().exec_driver_sql("drop table calendars")
