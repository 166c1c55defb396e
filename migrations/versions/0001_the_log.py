"""The log: events, streams, head, idempotency keys, texts, accounts; append-only by the database's own refusal.

What each table is for stands in schema.sql.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    r"""
create table registry (
  one boolean primary key default true check (one),
  name text not null check (name ~ '^[a-z0-9.-]{1,100}$'),
  span bigint not null default 4194304 check (span > 0),
  covered bigint not null default 0
)
""",
    r"""
create table head (
  one boolean primary key default true check (one),
  position bigint not null default 0,
  time timestamptz not null default '0001-01-01 00:00:00+00',
  edge bytea not null default ''
) with (fillfactor = 10)
""",
    r"""
create table events (
  position bigint not null,
  stream uuid not null,
  version bigint not null,
  type text not null,
  time timestamptz not null,
  effective date,
  actor uuid not null,
  correction boolean not null,
  line bytea not null check (octet_length(line) <= 65535),
  primary key (position)
) partition by range (position)
""",
    r"""
create index events_stream on events (stream, version)
""",
    r"""
create index events_time on events using brin (time)
""",
    r"""
create table streams (
  id uuid primary key,
  category text not null,
  version bigint not null check (version > 0)
) with (fillfactor = 70)
""",
    r"""
create table idempotency (
  key uuid not null,
  day date not null,
  fingerprint uuid not null,
  outcome bytea not null,
  primary key (key, day)
) partition by range (day)
""",
    r"""
create table texts (
  sha256 bytea primary key check (octet_length(sha256) = 32),
  body bytea not null
)
""",
    r"""
create table accounts (
  id uuid primary key,
  label text not null,
  created timestamptz not null default now()
)
""",
    r"""
create table credentials (
  prefix text primary key,
  account uuid not null references accounts (id),
  hash bytea not null,
  roles text[] not null,
  created timestamptz not null default now(),
  revoked timestamptz
)
""",
    r"""
create function refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$
""",
    r"""
create trigger events_refuse_change before update or delete or truncate on events
  for each statement execute function refuse_change()
""",
    r"""
do $make$ begin
execute format($f$
create function cover_events(upto bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  home constant text := %1$L;
  step bigint;
  done bigint;
  part text;
begin
  select span, covered into step, done from %1$I.registry for update;
  while done < upto loop
    part := 'events_' || lpad((done + 1)::text, 19, '0');
    execute format('create table %%I.%%I partition of %%I.events for values from (%%s) to (%%s)',
                   home, part, home, done + 1, done + step + 1);
    execute format('create trigger %%I before update or delete or truncate on %%I.%%I '
                   'for each statement execute function %%I.refuse_change()',
                   part || '_refuse_change', home, part, home);
    done := done + step;
    update %1$I.registry set covered = done;
  end loop;
  return done;
end $$
$f$, current_schema());

-- Make the partitions of idempotency keys for that day and the two after it, and drop those older than seven days.
execute format($f$
create function turn_idempotency(today date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  home constant text := %1$L;
  part text;
  ahead integer;
begin
  perform 1 from %1$I.registry for update;
  for ahead in 0..2 loop
    part := 'idempotency_' || to_char(today + ahead, 'YYYYMMDD');
    if to_regclass(format('%%I.%%I', home, part)) is null then
      execute format('create table %%I.%%I partition of %%I.idempotency for values from (%%L) to (%%L)',
                     home, part, home, today + ahead, today + ahead + 1);
    end if;
  end loop;
  for part in
    select c.relname from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = format('%%I.idempotency', home)::regclass
      and c.relname < 'idempotency_' || to_char(today - 7, 'YYYYMMDD')
  loop
    execute format('drop table %%I.%%I', home, part);
  end loop;
end $$
$f$, current_schema());
end $make$
""",
    r"""
revoke execute on function cover_events(bigint), turn_idempotency(date) from public
""",
)

DOWN = (
    # The projections' tables are the service role's, in the owner's schema: filled from a log that will be gone.
    r"""
do $drop$
declare
  part text;
begin
  for part in select relname from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and starts_with(relname, 'p_')
  loop
    execute format('drop table %I', part);
  end loop;
end $drop$
""",
    "drop function turn_idempotency(date)",
    "drop function cover_events(bigint)",
    "drop table credentials",
    "drop table accounts",
    "drop table texts",
    "drop table idempotency",
    "drop table streams",
    "drop table events",
    "drop table head",
    "drop table registry",
    "drop function refuse_change()",
)


def upgrade() -> None:
    """Make the schema of the log."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take it away, and every event with it."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
