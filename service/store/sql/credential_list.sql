-- Purpose: every key without its hash, the oldest first.
-- Locks: none.
select c.prefix, c.account, a.label, c.roles, c.created, c.revoked
from credentials c join accounts a on a.id = c.account
order by c.created, c.prefix
