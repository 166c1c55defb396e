-- Purpose: forget what was sent, or given up, long ago.
-- $1 double precision  so many seconds ago
-- Locks: the rows forgotten.
delete from deliveries where state <> 'waiting' and settled < now() - $1 * interval '1 second'
