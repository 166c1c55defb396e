-- Purpose: how many events a stream has, and the position of one of them.
-- $1 uuid    the stream's id      $2 text  its category      $3 bigint  the event's number in the stream
-- Locks: none. No row where there is no such stream; no position where it has no such event.
select s.version, e.position
from streams s
left join events e on e.stream = s.id and e.version = $3
where s.id = $1 and s.category = $2
