-- Purpose: send again, from the first attempt on, what has not been taken and whose last attempt was in a time: what was
-- given up, and what waits for its next attempt. An attempt under way loses its lease. Answers how many these are.
-- $1 uuid  the webhook      $2 timestamptz  from then on      $3 timestamptz  until before then, or null
-- Locks: the deliveries' rows.
with again as (
  update deliveries set state = 'waiting', attempts = 0, next = now(), settled = null, lease = null, leased = null
  where webhook = $1 and state <> 'delivered' and attempts > 0
    and (log -> -1 ->> 'time')::timestamptz >= $2
    and ($3::timestamptz is null or (log -> -1 ->> 'time')::timestamptz < $3)
  returning 1
)
select count(*) from again
