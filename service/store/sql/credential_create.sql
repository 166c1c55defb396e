-- Purpose: a new key, and its account where there is none yet.
-- $1 uuid   the account      $2 text    its label, for a new one      $3 text  the key's prefix
-- $4 bytea  SHA-256 of the secret       $5 text[]  roles
-- Locks: none. Can break: credentials_pkey (the prefix is taken).
with owner as (
  insert into accounts (id, label) values ($1, $2) on conflict (id) do nothing
)
insert into credentials (prefix, account, hash, roles) values ($3, $1, $4, $5)
