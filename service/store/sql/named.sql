-- Purpose: whose events stand at some positions.
-- $1 bigint[]  the positions
-- Locks: none.
select position, stream from events where position = any ($1::bigint[])
