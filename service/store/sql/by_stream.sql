-- Purpose: all lines, stream by stream, each stream's in its order; for filling projections.
-- Locks: none. Sorts the whole log.
select stream, line from events order by stream, version
