-- Purpose: the last position recorded at or before a time, 0 where there is none. Time never decreases with position, so
-- the primary key is bisected: a row is looked at for each binary digit of the log's length. (`limit` keeps the planner
-- from joining with all rows at once.)
-- $1 timestamptz  the time
-- Locks: none.
with recursive search (low, high) as (
  select 0::bigint, position from head
  union all
  select
    case when e.time <= $1 then e.position else s.low end,
    case when e.time <= $1 then s.high else e.position - 1 end
  from search s
  cross join lateral (
    select position, time from events where position = s.low + (s.high - s.low + 1) / 2 limit 1
  ) e
  where s.low < s.high
)
select low as position from search where low = high
