-- Purpose: a chunk of the log, for those who follow it.
-- $1 bigint  after this position      $2 bigint  up to this one      $3 bigint  at most so many lines
-- Locks: none.
select position, line from events where position > $1 and position <= $2 order by position limit $3
