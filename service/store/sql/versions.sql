-- Purpose: the categories and versions of some streams; one that does not exist gives no row.
-- $1 uuid[]  their ids
-- Locks: none.
select id, category, version from streams where id = any ($1::uuid[])
