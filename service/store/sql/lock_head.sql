-- Purpose: hold the log's end still, so that nothing is recorded before the transaction ends.
-- Locks: the head's row.
select position, time, edge, (select covered from registry) as covered from head for update of head
