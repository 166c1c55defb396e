-- Purpose: look the log through for webhooks that are behind it, and put what each wants to be sent. A unit takes in the
-- parties under it, and those that it came after, as the ledger has it.
-- $1 bigint  positions to look through at a time      $2 date  today, for which units answer for a task
-- Locks: the webhooks' rows, which other processes pass over meanwhile, up to the commit at this statement's end.
with recursive behind as (
  select w.id, w.position as after, least(h.position, w.position + $1) as until
  from webhooks w cross join head h
  where w.enabled and w.position < h.position
  for update of w skip locked
), moved as (
  update webhooks w set position = b.until from behind b where w.id = b.id
  returning w.id, b.after, b.until, w.types, w.unit
), scope (webhook, party) as (
  select m.id, m.unit from moved m where m.unit is not null
  union
  select s.webhook, further.party from scope s cross join lateral (
    select p.stream as party from p_parties p where p.parent = s.party and p.starts <= $2 and $2 < p.ends
    union all
    select c.stream from p_successions c
    where c.successor = s.party and c.carries is not false and c.starts <= $2 and $2 < c.ends
  ) as further
), put as (
  insert into deliveries (id, webhook, position, event, type)
  select gen_random_uuid(), m.id, e.position, (convert_from(e.line, 'UTF8')::json ->> 'id')::uuid, e.type
  from moved m join events e on e.position > m.after and e.position <= m.until
  where (cardinality(m.types) = 0 or e.type = any (m.types))
    and (
      m.unit is null
      or exists (
        select from regexp_matches(
          convert_from(e.line, 'UTF8'), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'g'
        ) as named
        where (m.id, named[1]::uuid) in (select s.webhook, s.party from scope s)
      )
      or exists (
        select from p_assigned a
        where a.stream = e.stream and a.starts <= $2 and $2 < a.ends
          and (m.id, a.party) in (select s.webhook, s.party from scope s)
      )
    )
  on conflict do nothing
  returning 1
)
select (select count(*) from moved) as moved, (select count(*) from put) as put,
  exists (select from webhooks w where w.enabled) as wanted
