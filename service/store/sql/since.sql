-- Purpose: which streams other processes have moved after a position.
-- $1 bigint  after this position
-- $2 bigint  up to this one
-- Locks: none.
select distinct stream from events where position > $1 and position <= $2
