-- Purpose: store full tiles of the log's tree; one that another process has stored meanwhile is the same.
-- $1 smallint[] levels, $2 bigint[] indices, $3 bytea[] hashes, $4 bytea[] the roots over them: one element a tile
-- Locks: the rows inserted.
insert into tiles (level, index, hashes, root)
select * from unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])
on conflict do nothing
