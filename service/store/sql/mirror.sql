-- Purpose: of which registry this one is a mirror; no row where it is none.
-- Locks: none.
select url, origin, keys, seen, size, served, heard, stopped from mirror
