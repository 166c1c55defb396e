"""Of which registry this one is a mirror, where it is one: a row that whoever follows that registry keeps."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = r"""
create table mirror (
  one boolean primary key default true check (one),
  url text not null,
  origin text not null,
  keys text[] not null,
  seen text not null,
  size bigint not null,
  served text,
  heard timestamptz not null default now(),
  stopped text,
  evidence text
)
"""


def upgrade() -> None:
    """Make it."""
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    """Take it away: what is a mirror is a registry of its own to the program before."""
    op.get_bind().exec_driver_sql("drop table mirror")
