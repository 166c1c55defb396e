-- Purpose: say why the source is followed no more.
-- $1 text  why      $2 text  the checkpoint that does not agree with what was seen, as it came; null for none
-- Locks: the row.
update mirror set stopped = $1, evidence = $2
