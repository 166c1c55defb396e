-- Purpose: change a webhook; what is null stays as it is. Answers its id where it exists.
-- $1 uuid     which            $2 text    label           $3 text    address      $4 text[]  types
-- $5 boolean  whether the party is changed, to            $6 uuid    this one or none
-- $7 boolean  whether events are sent                     $8 bigint  the position behind which the log is looked through
-- Locks: the webhook's row.
update webhooks set
  label = coalesce($2, label),
  url = coalesce($3, url),
  types = coalesce($4, types),
  unit = case when $5 then $6 else unit end,
  enabled = coalesce($7, enabled),
  disabled = case when $7 is null then disabled end,
  position = coalesce($8, position)
where id = $1
returning id
