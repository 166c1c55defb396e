-- Purpose: note the next signing key, unless there is another one by now.
-- $1 integer  how many there were
-- $2 text     the key      $3 text  the note in which the key before it names it
-- Locks: the row inserted. Of two processes at once the second waits, and adds nothing.
insert into signing_keys (number, key, position, endorsement)
select $1::integer + 1, $2::text, h.position, $3::text from head as h
on conflict do nothing
