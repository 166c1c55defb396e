-- Purpose: the line at a position.
-- $1 bigint  the position
-- Locks: none.
select line from events where position = $1
