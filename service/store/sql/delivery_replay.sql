-- Purpose: send an event to a webhook again, from the first attempt on, whatever has come of it.
-- $1 uuid  the delivery      $2 uuid  its webhook
-- Locks: the delivery's row.
update deliveries set state = 'waiting', attempts = 0, next = now(), settled = null
where id = $1 and webhook = $2
returning id
