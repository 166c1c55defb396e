-- Purpose: the hashes of tiles of the log's tree, each of the stored tile, else of those below it, else of the lines.
-- $1 smallint[] levels, $2 bigint[] indices, $3 integer[] widths: one element a tile
-- A row of a higher level is shorter than it should be where tiles below it are not stored yet.
-- Locks: none.
select w.level, w.index, w.width, coalesce(
  (select substr(t.hashes, 1, 32 * w.width) from tiles as t where t.level = w.level and t.index = w.index),
  case when w.level > 0 then (
    select string_agg(t.root, ''::bytea order by t.index) from tiles as t
    where t.level = w.level - 1 and t.index >= 256 * w.index and t.index < 256 * w.index + w.width
  ) else (
    select string_agg(sha256('\x00'::bytea || e.line), ''::bytea order by e.position) from events as e
    where e.position > 256 * w.index and e.position <= 256 * w.index + w.width
  ) end
) as hashes
from unnest($1::smallint[], $2::bigint[], $3::integer[]) as w (level, index, width)
