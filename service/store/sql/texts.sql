-- Purpose: texts held here.
-- $1 bytea[]  their SHA-256
-- Locks: none.
select sha256, body from texts where sha256 = any ($1::bytea[])
