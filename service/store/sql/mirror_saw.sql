-- Purpose: note a checkpoint of the registry that this one mirrors, and that it was heard of; the first one makes it one.
-- $1 text  its address       $2 text  its origin      $3 text[]  the keys that it is trusted by
-- $4 text  the checkpoint    $5 bigint  of how many lines it is
-- Locks: the row.
insert into mirror (url, origin, keys, seen, size) values ($1, $2, $3, $4, $5)
on conflict (one) do update set url = excluded.url, origin = excluded.origin, keys = excluded.keys,
  seen = excluded.seen, size = excluded.size, heard = now(), stopped = null, evidence = null
