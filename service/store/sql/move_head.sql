-- Purpose: the log, which ended at a position, ends elsewhere now; who waits at its end is told.
-- $1 bigint  the new position      $2 timestamptz  the last line's time      $3 bytea  the tree's edge
-- $4 bigint  the position before
-- Locks: the head's row.
with moved as (
  update head set position = $1, time = $2, edge = $3 where position = $4 returning 1
)
select pg_notify('mengfu.' || current_schema(), $1::bigint::text) from moved
