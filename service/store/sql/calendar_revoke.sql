-- Purpose: end a calendar's address; answers its id where there is such a calendar, whether it had ended or not.
-- $1 uuid     the calendar      $2 boolean  whether this is a dry run, which ends nothing
-- Locks: the calendar's row.
update calendars set revoked = case when $2 then revoked else coalesce(revoked, now()) end where id = $1 returning id
