-- Purpose: become the one process that follows another registry, for as long as this session lasts; false where one does.
-- Locks: an advisory lock of the session, one a schema.
select pg_try_advisory_lock(hashtext('mengfu mirror ' || current_schema()))
