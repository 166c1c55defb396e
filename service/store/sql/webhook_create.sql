-- Purpose: a new webhook, which follows the log behind a position; none where there are too many. Answers its row.
-- $1 uuid    its id         $2 uuid    whose it is    $3 text  label      $4 text    address
-- $5 text[]  types of events, none for all            $6 uuid  a party that they are about, or null
-- $7 text    the secret     $8 bigint  the position, or null for the log's end              $9 bigint  how many there may be
-- Locks: none. Can break: webhooks_account_fkey.
insert into webhooks (id, account, label, url, types, unit, secret, position)
select $1, $2, $3, $4, $5, $6, $7, coalesce($8, h.position) from head h
where (select count(*) from webhooks) < $9
returning id
