-- Purpose: the texts that documents are registered with and that are not held here, each with one such document.
-- Locks: none.
select distinct on (d.sha256) d.sha256, d.stream from p_documents as d
where d.sha256 is not null and not exists (select from texts as t where t.sha256 = decode(d.sha256, 'hex'))
order by d.sha256, d.stream
