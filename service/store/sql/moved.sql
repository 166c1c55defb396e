-- Purpose: the next streams that have moved between two positions, in the order of their ids.
-- $1 bigint  after this position             $2 bigint  up to this one
-- $3 uuid    after this id, or null for all  $4 bigint  at most so many
-- Locks: none.
select distinct stream from events
where position > $1 and position <= $2 and ($3::uuid is null or stream > $3)
order by stream
limit $4
