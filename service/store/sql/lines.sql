-- Purpose: a chunk of lines in the order of the log.
-- $1 bigint  after this position      $2 bigint  up to this one      $3 bigint  at most so many rows
-- $4 text    of this type, or null    $5 uuid    of this stream, or null
-- $6 uuid    by this account, or null    $7 boolean  corrections or changes, or null for both
-- Locks: none.
select position, line from events
where position > $1 and position <= $2
  and ($4::text is null or type = $4) and ($5::uuid is null or stream = $5)
  and ($6::uuid is null or actor = $6) and ($7::boolean is null or correction = $7)
order by position
limit $3
