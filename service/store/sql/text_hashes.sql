-- Purpose: the next texts, each by its key and the SHA-256 that its bytes have.
-- $1 bytea  after this key      $2 bigint  at most so many
-- Locks: none.
select sha256, sha256(body) as actual from texts
where sha256 > $1
order by sha256
limit $2
