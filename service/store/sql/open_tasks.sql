-- Purpose: open tasks that have a deadline, with what their lateness rests on and the plans that they carry out.
-- $1 date  the day      $2 date  after this deadline, and      $3 uuid  this task      $4 bigint  at most so many
-- Locks: none.
select t.stream, t.status, t.deadline, t.begins, t.share, t.inspected,
  array(
    select distinct b.target from p_bases b
    where b.stream = t.stream and starts_with(b.target, 'plans/') and b.starts <= $1 and $1 < b.ends
  ) as plans
from p_tasks t
where t.starts <= $1 and $1 < t.ends and not t.duty
  and t.status in ('registered', 'listed', 'assigned', 'in_progress')
  and (t.deadline, t.stream) > ($2, $3)
order by t.deadline, t.stream
limit $4
