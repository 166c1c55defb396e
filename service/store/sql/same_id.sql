-- Purpose: two lines with one id: the first of them, and the next one with it. The id stands in one place in every line,
-- behind `{"specversion":"1.0","id":"`.
-- Locks: none. Reads the whole log.
select min(position) as first, (array_agg(position order by position))[2] as next
from events group by substring(line from 28 for 36) having count(*) > 1 order by 2 limit 1
