-- Purpose: remember keys that another registry's checkpoints are signed by; those that are known already stay.
-- $1 integer[]  their numbers      $2 text[]  the keys      $3 bigint[]  how long the log was when each was made
-- $4 timestamptz[]  when that was  $5 text[]  the note in which the key before it names it, null for none
-- Locks: the rows written.
-- Constraints it can break: the primary key or the key's own, where the other registry tells its keys otherwise now.
insert into signing_keys (number, key, position, made, endorsement)
select u.* from unnest($1::integer[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[])
  as u (number, key, position, made, endorsement)
