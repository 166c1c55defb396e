"""Webhooks: addresses that events are sent to, and what was delivered to each.

What each table is for stands in schema.sql.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = (
    r"""
create table webhooks (
  id uuid primary key,
  account uuid not null references accounts (id),
  label text not null,
  url text not null,
  types text[] not null,
  unit uuid,
  secret text not null,
  former text,
  former_until timestamptz,
  enabled boolean not null default true,
  disabled text,
  position bigint not null,
  created timestamptz not null default now()
)
""",
    r"""
create table deliveries (
  id uuid primary key,
  webhook uuid not null references webhooks (id) on delete cascade,
  position bigint not null,
  event uuid not null,
  type text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  attempts integer not null default 0,
  next timestamptz not null default now(),
  lease uuid,
  leased timestamptz,
  created timestamptz not null default now(),
  settled timestamptz,
  log jsonb not null default '[]',
  unique (webhook, position)
)
""",
    r"""
create index deliveries_next on deliveries (webhook, next, position) where state = 'waiting'
""",
    r"""
create index deliveries_settled on deliveries (settled) where state <> 'waiting'
""",
    r"""
create index deliveries_given_up on deliveries (webhook) where state = 'given_up'
""",
)

DOWN = ("drop table deliveries", "drop table webhooks")


def upgrade() -> None:
    """Make the tables."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away, and every subscription with them."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
