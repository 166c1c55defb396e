-- Purpose: hold a text. The same text twice is there once.
-- $1 bytea  its SHA-256      $2 bytea  the bytes
-- Locks: the row inserted.
insert into texts (sha256, body) values ($1, $2) on conflict do nothing
