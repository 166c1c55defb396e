-- Purpose: note what came of an attempt, unless its lease has passed to somebody else; end its webhook where it says so.
-- $1 uuid  the delivery     $2 uuid  the lease     $3 text  its state from now on
-- $4 double precision  seconds until the next attempt      $5 jsonb  the entry for its log
-- $6 text  why no more is to be sent to the webhook, or null
-- $7 boolean  whether that is so only if nothing has been delivered there since this was to be
-- Locks: the rows of the delivery and the webhook.
with settled as (
  update deliveries set state = $3, next = now() + $4 * interval '1 second', lease = null, leased = null,
    settled = case when $3 <> 'waiting' then now() end, log = log || $5::jsonb
  where id = $1 and lease = $2
  returning webhook, created
), ended as (
  update webhooks w set enabled = false, disabled = $6
  from settled s
  where w.id = s.webhook and w.enabled and $6::text is not null and not (
    $7 and exists (
      select from deliveries o where o.webhook = w.id and o.state = 'delivered' and o.settled > s.created
    )
  )
  returning w.id
)
select (select count(*) from settled) as settled, (select count(*) from ended) as ended
