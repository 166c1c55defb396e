-- Purpose: the next lines of some streams, stream by stream, each stream's in its order; for projections from the log.
-- $1 uuid    after this stream's line ...      $2 bigint  ... of this version
-- $3 bigint  up to this position of the log    $4 bigint  at most so many rows
-- $5 uuid[]  the streams' ids
-- Locks: none.
select stream, version, position, line from events
where stream = any ($5::uuid[]) and (stream, version) > ($1, $2) and position <= $3
order by stream, version
limit $4
