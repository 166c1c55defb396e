-- Purpose: every row of the states of some streams, as of one moment.
-- $1 uuid[]  the streams' ids
-- Locks: none.
select s.id, s.category, s.version, p.part, p.body
from streams s
left join p_states p on p.stream = s.id
where s.id = any ($1::uuid[])
