-- Purpose: what is stored of the streams in a range of ids.
-- $1 uuid  after this id, or null for from the first      $2 uuid  up to this one
-- Locks: none.
select id, category, version from streams where ($1::uuid is null or id > $1) and id <= $2
order by id
