-- Purpose: the next lines in the order of the log, with all that is stored beside each.
-- $1 bigint  after this position      $2 bigint  up to this one      $3 bigint  at most so many rows
-- Locks: none.
select position, stream, version, type, time, effective, actor, correction, line from events
where position > $1 and position <= $2
order by position
limit $3
