"""The log's tree: its full tiles, and the keys that its checkpoints are signed by; both are added to and never changed.

A tile's hashes are kept as they are: nothing makes hashes smaller.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UP = (
    r"""
create table tiles (
  level smallint not null check (level between 0 and 63),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) = 8192),
  root bytea not null check (octet_length(root) = 32),
  primary key (level, index)
)
""",
    "alter table tiles alter column hashes set storage external",
    r"""
create trigger tiles_refuse_change before update or delete or truncate on tiles
  for each statement execute function refuse_change()
""",
    r"""
create table signing_keys (
  number integer primary key check (number > 0),
  key text not null unique,
  position bigint not null,
  made timestamptz not null default now(),
  endorsement text
)
""",
    r"""
create trigger signing_keys_refuse_change before update or delete or truncate on signing_keys
  for each statement execute function refuse_change()
""",
)

DOWN = ("drop table signing_keys", "drop table tiles")


def upgrade() -> None:
    """Make them."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away: tiles can be made again of the lines, which keys there were is forgotten."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
