-- Purpose: the public keys that checkpoints are and were signed by, in their order.
-- Locks: none.
select key, position, made, endorsement from signing_keys order by number
