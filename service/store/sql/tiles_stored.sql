-- Purpose: full tiles as they are stored.
-- $1 smallint[] levels, $2 bigint[] indices: one element a tile
-- Locks: none.
select t.level, t.index, t.hashes, t.root from tiles as t
join unnest($1::smallint[], $2::bigint[]) as w (level, index) on w.level = t.level and w.index = t.index
