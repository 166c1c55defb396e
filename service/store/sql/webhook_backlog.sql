-- Purpose: how much waits to be sent, how much of it is due, what was given up, and which webhooks send no more.
-- Locks: none.
select count(*) filter (where d.state = 'waiting') as waiting,
  count(*) filter (where d.state = 'waiting' and d.next <= now()) as due,
  count(*) filter (where d.state = 'given_up') as given_up,
  coalesce(extract(epoch from now() - min(d.created) filter (where d.state = 'waiting')), 0)::double precision as oldest,
  (select count(*) from webhooks w where w.disabled is not null) as disabled,
  (select coalesce(max(h.position - w.position), 0) from webhooks w cross join head h where w.enabled) as lag
from deliveries d
