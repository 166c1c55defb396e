-- Purpose: a new calendar's address.
-- $1 uuid    its id             $2 bytea  SHA-256 of its token      $3 uuid  the unit
-- $4 text[]  the unit's roles   $5 uuid   the account that made it
-- Locks: none. Can break: calendars_pkey, calendars_hash_key (the token is taken), calendars_account_fkey.
insert into calendars (id, hash, unit, roles, account) values ($1, $2, $3, $4, $5)
returning created
