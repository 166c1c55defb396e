-- Purpose: keep the outcomes of commands that changed nothing. Another process may have kept the same.
-- $1 uuid[]  keys      $2 date  today      $3 uuid[]  fingerprints      $4 bytea[]  outcomes
-- Locks: the rows inserted.
insert into idempotency (key, day, fingerprint, outcome)
select k, $2, f, o from unnest($1::uuid[], $3::uuid[], $4::bytea[]) as u (k, f, o)
on conflict do nothing
