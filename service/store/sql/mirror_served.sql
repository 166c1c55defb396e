-- Purpose: a checkpoint's lines are all here now.
-- $1 text  the checkpoint
-- Locks: the row.
update mirror set served = $1 where served is distinct from $1
