-- Purpose: store a whole batch, if the log still ends where the batch was decided: lines, versions, keys, projections.
-- $1 bigint       the position that the batch was decided on; another one in the head means that nothing is stored
-- $2 bigint       the head after the batch
-- $3 timestamptz  the time of every line in it
-- $4 bytea        the tree's edge after it
-- $5 uuid[]       stream, $6 bigint[] version, $7 text[] type, $8 date[] effective, $9 uuid[] actor,
-- $10 boolean[]   correction, $11 bytea[] line: one element a line, in order
-- $12 uuid[]      streams moved, $13 text[] their categories, $14 bigint[] their versions after it
-- $15 date        today, $16 uuid[] idempotency keys, $17 uuid[] fingerprints, $18 bytea[] outcomes
-- $19 on          each inline projection's arrays (service/projections: Projection.statement)
-- Locks: the head's row, from here to the commit at this statement's end; the rows written.
-- Constraints it can break: idempotency's primary key, when another process stored the same key (only where the head has
-- not moved in between, which cannot be, since it stored events then).
with moved as (
  update head set position = $2, time = $3, edge = $4 where position = $1 returning 1
), told as (
  select pg_notify('mengfu.' || current_schema(), $2::bigint::text) from moved
), lines as (
  insert into events (position, stream, version, type, time, effective, actor, correction, line)
  select $1 + u.n, u.stream, u.version, u.type, $3, u.effective, u.actor, u.correction, u.line
  from moved, unnest($5::uuid[], $6::bigint[], $7::text[], $8::date[], $9::uuid[], $10::boolean[], $11::bytea[])
    with ordinality as u (stream, version, type, effective, actor, correction, line, n)
), versions as (
  insert into streams (id, category, version)
  select u.* from moved, unnest($12::uuid[], $13::text[], $14::bigint[]) as u (id, category, version)
  on conflict (id) do update set version = excluded.version
), answers as (
  insert into idempotency (key, day, fingerprint, outcome)
  select u.key, $15::date, u.fingerprint, u.outcome
  from moved, unnest($16::uuid[], $17::uuid[], $18::bytea[]) as u (key, fingerprint, outcome)
  on conflict do nothing
), /* projections */
done as (select 1)
select (select count(*) from moved) as moved, (select count(*) from told) as told
