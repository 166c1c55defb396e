-- Purpose: the calendar with that token, unless it was revoked.
-- $1 bytea  SHA-256 of the token
-- Locks: none.
select id, unit, roles, account, created, revoked from calendars where hash = $1 and revoked is null
