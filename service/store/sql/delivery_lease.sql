-- Purpose: take what is due to be sent, each for one process, until a lease runs out. Counts as an attempt.
-- $1 uuid    the lease      $2 bigint  at most so many of one webhook      $3 bigint  at most so many
-- $4 double precision  seconds that the lease lasts      $5 uuid[]  webhooks to pass over
-- Locks: the deliveries' rows, which other processes pass over meanwhile, up to the commit at this statement's end.
with due as (
  select one.id
  from webhooks w
  cross join lateral (
    select d.id from deliveries d
    where d.webhook = w.id and d.state = 'waiting' and d.next <= now() and (d.leased is null or d.leased <= now())
    order by d.next, d.position
    limit $2
    for update of d skip locked
  ) as one
  where w.enabled and w.id <> all ($5::uuid[])
  limit $3
)
update deliveries d
set lease = $1, leased = now() + $4 * interval '1 second', attempts = d.attempts + 1
from due, webhooks w
where d.id = due.id and w.id = d.webhook
returning d.id, d.webhook, d.event, d.attempts, w.url, w.secret,
  case when w.former_until > now() then w.former end as former,
  (select e.line from events e where e.position = d.position) as line
