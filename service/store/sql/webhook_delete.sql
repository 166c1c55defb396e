-- Purpose: end a webhook, and forget what was delivered to it.
-- $1 uuid  which
-- Locks: its row and those of its deliveries.
delete from webhooks where id = $1 returning id
