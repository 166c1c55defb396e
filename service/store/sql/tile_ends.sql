-- Purpose: how many lines the log has, and how many full tiles of each level are stored.
-- $1 smallint[]  the levels
-- Locks: none.
select h.position, array(
  select coalesce((select max(t.index) + 1 from tiles as t where t.level = l.level), 0)
  from unnest($1::smallint[]) with ordinality as l (level, n) order by l.n
) as stored
from head as h
