-- Purpose: take what is due to be sent, each for one process, until a lease runs out. Counts as an attempt. Webhooks take
-- turns: who has least under way comes first, so that those that are slow to answer leave room for the others.
-- $1 uuid    the lease      $2 bigint  at most so many of one webhook at a time      $3 bigint  at most so many
-- $4 double precision  seconds that the lease lasts
-- $5 uuid[]  webhooks that have something under way      $6 bigint[]  how much
-- Locks: the deliveries' rows, which other processes pass over meanwhile, up to the commit at this statement's end.
with found as (
  select w.id as webhook, coalesce(b.flying, 0) as flying, one.id, one.next, one.position
  from webhooks w
  left join unnest($5::uuid[], $6::bigint[]) as b (webhook, flying) on b.webhook = w.id
  cross join lateral (
    select d.id, d.next, d.position from deliveries d
    where d.webhook = w.id and d.state = 'waiting' and d.next <= now() and (d.leased is null or d.leased <= now())
    order by d.next, d.position
    limit greatest($2 - coalesce(b.flying, 0), 0)
    for update of d skip locked
  ) as one
  where w.enabled
), due as (
  select f.id from found f
  order by f.flying + row_number() over (partition by f.webhook order by f.next, f.position), f.next, f.position
  limit $3
)
update deliveries d
set lease = $1, leased = now() + $4 * interval '1 second', attempts = d.attempts + 1
from due, webhooks w
where d.id = due.id and w.id = d.webhook
returning d.id, d.webhook, d.event, d.attempts, w.url, w.secret,
  case when w.former_until > now() then w.former end as former,
  (select e.line from events e where e.position = d.position) as line
