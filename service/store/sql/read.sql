-- Purpose: the states of some streams, as of one moment: a row a stream, with all rows of its state side by side.
-- $1 uuid[]  the streams' ids
-- Locks: none. Each stream's rows are found by their key, whatever the statistics of a small table suggest.
select s.id, s.category, s.version, p.parts, p.bodies
from streams s
cross join lateral (
  select array_agg(part) as parts, array_agg(body) as bodies from p_states where stream = s.id
) p
where s.id = any ($1::uuid[])
