-- Purpose: what is to be sent to a webhook and what was, the newest first.
-- $1 uuid  the webhook      $2 text  in this state, or null      $3 bigint  before this position, or null
-- $4 bigint  at most so many
-- Locks: none.
select id, position, event, type, state, attempts, next, created, settled, log::text as log
from deliveries
where webhook = $1 and ($2::text is null or state = $2) and ($3::bigint is null or position < $3)
order by position desc
limit $4
