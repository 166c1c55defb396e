-- Purpose: look the log through for webhooks that are behind it, and put what each wants to be sent.
-- $1 bigint  positions to look through at a time      $2 date  today, for which units answer for a task
-- Locks: the webhooks' rows, which other processes pass over meanwhile, up to the commit at this statement's end.
with behind as (
  select w.id, w.position as after, least(h.position, w.position + $1) as until
  from webhooks w cross join head h
  where w.enabled and w.position < h.position
  for update of w skip locked
), moved as (
  update webhooks w set position = b.until from behind b where w.id = b.id
  returning w.id, b.after, b.until, w.types, w.unit
), put as (
  insert into deliveries (id, webhook, position, event, type)
  select gen_random_uuid(), m.id, e.position, (convert_from(e.line, 'UTF8')::json ->> 'id')::uuid, e.type
  from moved m join events e on e.position > m.after and e.position <= m.until
  where (cardinality(m.types) = 0 or e.type = any (m.types))
    and (
      m.unit is null
      or strpos(convert_from(e.line, 'UTF8'), m.unit::text) > 0
      or exists (
        select from p_assigned a
        where a.stream = e.stream and a.party = m.unit and a.starts <= $2 and $2 < a.ends
      )
    )
  on conflict do nothing
  returning 1
)
select (select count(*) from moved) as moved, (select count(*) from put) as put
