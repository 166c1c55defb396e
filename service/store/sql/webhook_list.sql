-- Purpose: webhooks without their secrets, with how much waits for each, the oldest first.
-- $1 uuid  one of them, or null for all
-- Locks: none.
select w.id, w.account, w.label, w.url, w.types, w.unit, w.enabled, w.disabled, w.position, w.created,
  case when w.former_until > now() then w.former_until end as former_until,
  (select count(*) from deliveries d where d.webhook = w.id and d.state = 'waiting') as waiting,
  (select count(*) from deliveries d where d.webhook = w.id and d.state = 'given_up') as given_up,
  (select max(d.settled) from deliveries d where d.webhook = w.id and d.state = 'delivered') as delivered
from webhooks w
where $1::uuid is null or w.id = $1
order by w.created, w.id
