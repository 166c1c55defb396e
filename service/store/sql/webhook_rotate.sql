-- Purpose: give a webhook a new secret, and let the one that it had sign as well for a while.
-- $1 uuid  which      $2 text  the new secret      $3 double precision  seconds for the old one
-- Locks: the webhook's row.
update webhooks set former = secret, former_until = now() + $3 * interval '1 second', secret = $2
where id = $1
returning id
