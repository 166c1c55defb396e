-- Purpose: what the head says of the log's end, and where the lines themselves end.
-- Locks: none.
select h.position, h.time, h.edge, coalesce((select max(position) from events), 0) as last from head h
