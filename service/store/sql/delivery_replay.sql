-- Purpose: send an event to a webhook again, from the first attempt on, whatever has come of it. An attempt under way
-- loses its lease: what comes of it would take the place of this. Answers how it waits, before anybody sends it.
-- $1 uuid  the delivery      $2 uuid  its webhook
-- Locks: the delivery's row.
update deliveries set state = 'waiting', attempts = 0, next = now(), settled = null, lease = null, leased = null
where id = $1 and webhook = $2
returning id, position, event, type, state, attempts, next, created, settled, log::text as log
