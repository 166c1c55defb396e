-- Purpose: give back what was taken and not finished: it is due at once, and was no attempt.
-- $1 uuid[]  the deliveries      $2 uuid[]  their leases
-- Locks: their rows.
update deliveries d set lease = null, leased = null, attempts = d.attempts - 1
from unnest($1::uuid[], $2::uuid[]) as u (id, lease)
where d.id = u.id and d.lease = u.lease
