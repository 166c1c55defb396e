-- Purpose: the log, which was empty, ends elsewhere now; who waits at its end is told.
-- $1 bigint  the position      $2 timestamptz  the last line's time      $3 bytea  the tree's edge
-- Locks: the head's row.
with moved as (
  update head set position = $1, time = $2, edge = $3 where position = 0 returning 1
)
select pg_notify('mengfu.' || current_schema(), $1::bigint::text) from moved
