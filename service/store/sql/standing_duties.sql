-- Purpose: standing duties that are neither over nor suspended.
-- $1 date  the day      $2 uuid  after this task      $3 bigint  at most so many
-- Locks: none.
select t.stream from p_tasks t
where t.starts <= $1 and $1 < t.ends and t.duty
  and t.status in ('registered', 'listed', 'assigned', 'in_progress', 'reported_done')
  and t.stream > $2
order by t.stream
limit $3
