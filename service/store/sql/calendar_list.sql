-- Purpose: every calendar without its hash, the oldest first.
-- Locks: none.
select id, unit, roles, account, created, revoked from calendars order by created, id
