-- Purpose: the head, and the streams that say of some meetings that they were on other days, as of one moment.
-- $1 uuid[]  the meetings
-- $2 date[]  the first day that each may have been on
-- $3 date[]  the last one
-- $4 int     at most so many streams of a meeting, in the order of their ids
-- Locks: none. Answers at least one row: the head's position stands on each, `number` is a meeting's place, from 1.
select h.position, f.number, f.stream, f.category
from head h
left join (
    select a.number, n.stream, s.category
    from unnest($1::uuid[], $2::date[], $3::date[]) with ordinality as a (meeting, first, last, number)
    cross join lateral (
        select t.stream from p_statements t
        where t.meeting = a.meeting and (t.made_to < a.first or t.made_from > a.last)
        union
        select l.stream from p_links l
        where l.target = 'meetings/' || a.meeting and (l.first_to < a.first or l.last_from > a.last)
        order by stream
        limit $4
    ) n
    join streams s on s.id = n.stream
) f on true
order by f.number, f.stream
