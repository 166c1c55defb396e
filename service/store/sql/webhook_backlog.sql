-- Purpose: how much waits to be sent, how much of it is due, what was given up, and which webhooks send no more.
-- Locks: none. What was delivered is not looked at: health asks this, and there may be much of it.
select count(*) as waiting, count(*) filter (where d.next <= now()) as due,
  coalesce(extract(epoch from now() - min(d.created)), 0)::double precision as oldest,
  (select count(*) from deliveries g where g.state = 'given_up') as given_up,
  (select count(*) from webhooks w where w.disabled is not null) as disabled,
  (select coalesce(max(h.position - w.position), 0) from webhooks w cross join head h where w.enabled) as lag
from deliveries d
where d.state = 'waiting'
