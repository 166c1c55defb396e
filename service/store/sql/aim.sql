-- Purpose: before following projections take their first lines: from which position on they may be read as whole.
-- $1 text[]  their names
-- Locks: the projections' rows in p_projections, up to the commit at this statement's end.
update p_projections as p set goal = h.position from head as h
where p.name = any ($1::text[]) and p.position = 0 and p.goal < h.position
