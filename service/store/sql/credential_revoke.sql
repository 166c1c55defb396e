-- Purpose: end a key; answers its prefix where it was still good.
-- $1 text  the prefix
-- Locks: the key's row.
update credentials set revoked = now() where prefix = $1 and revoked is null returning prefix
