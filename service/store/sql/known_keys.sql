-- Purpose: the outcomes stored under some idempotency keys within the last seven days.
-- $1 uuid[]  hashes of account and key
-- $2 date    the first day that still counts
-- Locks: none.
select key, fingerprint, outcome from idempotency where key = any ($1::uuid[]) and day >= $2
