-- Purpose: is the database fit to serve? The log's end, the schema's revision, and which tables are missing.
-- $1 text[]  the tables that there must be
-- Locks: none.
select h.position, (select version_num from alembic_version) as revision,
  array(select name from unnest($1::text[]) as name where to_regclass(name) is null) as missing
from head h
