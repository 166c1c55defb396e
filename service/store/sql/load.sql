-- Purpose: the head, and every row of the states of some streams, as of one moment.
-- $1 uuid[]  the streams' ids; one that does not exist gives no row of its own
-- Locks: none. Answers at least one row: the head stands on each.
select h.position, h.time, h.edge, s.id, s.category, s.version, p.part, p.body
from head h
left join streams s on s.id = any ($1::uuid[])
left join p_states p on p.stream = s.id
