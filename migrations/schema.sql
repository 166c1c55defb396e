-- The durable schema: what Alembic owns. A test builds it both ways, from here and through the migrations, and compares
-- the catalogs. Projection tables (p_*) are not here: each is made by its own file in service/projections and owned by
-- the service role. No statement names a schema: one registry is one schema, found by search_path.

-- What the log is called and how its partitions are cut. `covered` is the last position that a partition exists for.
create table registry (
  one boolean primary key default true check (one),
  name text not null check (name ~ '^[a-z0-9.-]{1,100}$'),
  span bigint not null default 4194304 check (span > 0),
  covered bigint not null default 0
);

-- The log's end: one row, moved by every batch. `edge` holds the roots of the perfect subtrees of the RFC 6962 tree over
-- all lines, left to right, 32 bytes each: its root is known after any batch.
create table head (
  one boolean primary key default true check (one),
  position bigint not null default 0,
  time timestamptz not null default '0001-01-01 00:00:00+00',
  edge bytea not null default ''
) with (fillfactor = 10);

-- One row a line; the other columns are an index over it.
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
) partition by range (position);

create index events_stream on events (stream, version);
create index events_time on events using brin (time);

-- The dense version of each stream. An id belongs to one category for ever.
create table streams (
  id uuid primary key,
  category text not null,
  version bigint not null check (version > 0)
) with (fillfactor = 70);

-- Answers of accepted commands by idempotency key, kept seven days in partitions by day. Both are 16-byte hashes.
create table idempotency (
  key uuid not null,
  day date not null,
  fingerprint uuid not null,
  outcome bytea not null,
  primary key (key, day)
) partition by range (day);

-- Texts of documents that this registry holds, byte for byte, by their SHA-256.
create table texts (
  sha256 bytea primary key check (octet_length(sha256) = 32),
  body bytea not null
);

create table accounts (
  id uuid primary key,
  label text not null,
  created timestamptz not null default now()
);

create table credentials (
  prefix text primary key,
  account uuid not null references accounts (id),
  hash bytea not null,
  roles text[] not null,
  created timestamptz not null default now(),
  revoked timestamptz
);

-- Addresses of calendars: whose token has that hash reads the deadlines of that unit in these roles, and nothing else.
create table calendars (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  unit uuid not null,
  roles text[] not null,
  account uuid not null references accounts (id),
  created timestamptz not null default now(),
  revoked timestamptz
);

create function refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger events_refuse_change before update or delete or truncate on events
  for each statement execute function refuse_change();

-- Make the partitions of events that positions up to `upto` need, each with its own refusing trigger: statement triggers
-- are not inherited. Answers the last position covered. Runs as the owner; calls nothing outside pg_catalog.
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
end $make$;

revoke execute on function cover_events(bigint), turn_idempotency(date) from public;

-- Addresses that events are sent to by the Standard Webhooks rules, outside the log. `position` is how far the log has
-- been looked through for one; no `types` means all. `secret` signs, so it is kept as it is; `former` signs as well
-- until it has run out. `disabled` says why no more is sent, where that was not asked for.
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
);

-- What is to be sent and what was: one row an event and webhook. `lease` is whose turn it is until `leased`; `log` has an
-- entry for each attempt.
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
);

create index deliveries_next on deliveries (webhook, next, position) where state = 'waiting';
create index deliveries_settled on deliveries (settled) where state <> 'waiting';
create index deliveries_given_up on deliveries (webhook) where state = 'given_up';

-- The pairs of characters of a text, each as one number, by which search finds it; an index of its table rests on it.
-- The tier is mixed in, so that statistics are kept of each tier.
create function search_pairs (tier smallint, words text) returns int4[]
immutable strict parallel safe language sql as $$
  select array(
    select (ascii(a) << 16 | ascii(b)) # (tier & 3) * 523640629
    from (select string_to_array(words, null)) as w (c), unnest(c, c[2:]) as pairs (a, b) where b is not null
  )
$$;

-- The same, and the tags of a text (numbers, by commas) in one array: what has both words and a tag is found in one index.
create function search_pairs (tier smallint, words text, tags text) returns int4[]
immutable strict parallel safe language sql as $$
  select array(
    select (ascii(a) << 16 | ascii(b)) # (tier & 3) * 523640629
    from (select string_to_array(words, null)) as w (c), unnest(c, c[2:]) as pairs (a, b) where b is not null
    union all
    select tag::int4 from string_to_table(tags, ',') as t (tag)
  )
$$;

-- The full tiles of the tree over all lines (C2SP tlog-tiles): 256 hashes of one height each, and the root over them,
-- which is the tile's own hash in the level above. They can be made of the lines; nobody ever changes one.
create table tiles (
  level smallint not null check (level between 0 and 63),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) = 8192),
  root bytea not null check (octet_length(root) = 32),
  primary key (level, index)
);
alter table tiles alter column hashes set storage external;
create trigger tiles_refuse_change before update or delete or truncate on tiles
  for each statement execute function refuse_change();

-- The public keys that checkpoints were and are signed by, the last one now, each with the length of the log when it
-- was made; and a note in which the key before it names it, unless that was lost.
create table signing_keys (
  number integer primary key check (number > 0),
  key text not null unique,
  position bigint not null,
  made timestamptz not null default now(),
  endorsement text
);
create trigger signing_keys_refuse_change before update or delete or truncate on signing_keys
  for each statement execute function refuse_change();

-- Of which registry this one is a mirror: one row, none in a registry of its own. `keys` are those that its checkpoints
-- are trusted by, `seen` is the newest of them that was shown to go on from the one before, of `size` lines, `served`
-- the newest whose lines are all here. `stopped` says why it is followed no more, `evidence` is the checkpoint then.
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
);
