-- Purpose: how far projections have come, against the log's end, and since when the next event waits for each.
-- $1 text[]  their names
-- Locks: none.
select p.name, p.fingerprint, p.position, p.stopped, p.goal, h.position as head,
  (select e.time from events e where e.position = p.position + 1) as waiting
from p_projections p cross join head h
where p.name = any ($1::text[])
