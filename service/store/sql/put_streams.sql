-- Purpose: the versions of some streams, new ones or known ones that have moved.
-- $1 uuid[]  their ids      $2 text[]  their categories      $3 bigint[]  their versions
-- Locks: the rows written.
insert into streams (id, category, version)
select u.* from unnest($1::uuid[], $2::text[], $3::bigint[]) as u (id, category, version)
on conflict (id) do update set version = excluded.version
