-- Purpose: the states of some streams, as of one moment: a row a stream, with all rows of its state side by side; those
-- of a version that is known already are left out.
-- $1 uuid[]    the streams' ids
-- $2 bigint[]  of each the version that is known, 0 for none
-- Locks: none. Each stream's rows are found by their key, whatever the statistics of a small table suggest.
select s.id, s.category, s.version, p.parts, p.bodies
from unnest($1::uuid[], $2::bigint[]) as wanted (id, known)
join streams s on s.id = wanted.id
cross join lateral (
  select array_agg(part) as parts, array_agg(body) as bodies
  from p_states where stream = s.id and s.version <> wanted.known
) p
