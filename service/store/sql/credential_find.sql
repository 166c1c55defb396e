-- Purpose: the key with that prefix, unless it was revoked.
-- $1 text  the prefix
-- Locks: none.
select account, hash, roles from credentials where prefix = $1 and revoked is null
