-- Purpose: store what a batch comes to in following projections, in those that still stand where the batch began.
-- $1 bigint  the position that the batch begins after
-- $2 text[]  projections      $3 text[] their fingerprints      $4 bigint[] their positions after it
-- $5 text[]  for one that an event has stopped, which and how; null for the others      $6 date today
-- $7 on      arrays of the rows that each puts and closes (service/projections/bitemporal.py)
-- Locks: the projections' rows in p_projections, up to the commit at this statement's end; the rows closed.
-- Constraints it can break: none. What breaks one is an event that cannot be stored, which stops its projection.
with moved as (
  update p_projections as p set position = u.position, stopped = u.stopped, day = $6
  from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as u (name, fingerprint, position, stopped)
  where p.name = u.name and p.fingerprint = u.fingerprint and p.position = $1 and p.stopped is null
  returning p.name
), told as (
  select pg_notify('mengfu.' || current_schema(), 'followed') where exists (select from moved)
), /* projections */
done as (select 1)
select array(select name from moved) as moved, (select count(*) from told) as told
