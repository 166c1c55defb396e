-- Purpose: the version of each stream, and when its last event was recorded.
-- $1 uuid[]  the streams
-- Locks: none.
select s.id, s.version, e.time from streams as s
join events as e on e.stream = s.id and e.version = s.version where s.id = any($1)
