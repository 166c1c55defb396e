-- Purpose: the head, and the states of some streams, as of one moment: a row a stream (see `read`).
-- $1 uuid[]  the streams' ids; one that does not exist gives no row of its own
-- Locks: none. Answers at least one row: the head stands on each.
select h.position, h.time, h.edge, s.id, s.category, s.version, p.parts, p.bodies
from head h
left join streams s on s.id = any ($1::uuid[])
left join lateral (
  select array_agg(part) as parts, array_agg(body) as bodies from p_states where stream = s.id
) p on true
