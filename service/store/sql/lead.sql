-- Purpose: become the one process that follows the log, for as long as this session lasts; false where another is.
-- Locks: an advisory lock of the session, one a schema.
select pg_try_advisory_lock(hashtext('mengfu follower ' || current_schema()))
