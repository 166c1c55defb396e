-- Purpose: all lines of some streams in the order of the log.
-- $1 uuid[]  the streams' ids
-- $2 bigint  up to this position
-- Locks: none.
select stream, line from events where stream = any ($1::uuid[]) and position <= $2 order by position
