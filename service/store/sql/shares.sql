-- Purpose: the streams after which the streams fall into shares of about the same number of streams.
-- $1 float8[]  how much of the whole stands before the end of each share, between 0 and 1
-- Locks: none. Sorts the ids of all streams.
select percentile_disc($1::float8[]) within group (order by id) from streams
