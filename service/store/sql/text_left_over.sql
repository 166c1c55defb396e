-- Purpose: the SHA-256 of the first text that no line of the log names; null where there is none.
-- Locks: none. Reads the whole log, unless no texts are held.
select t.sha256 from texts t
where not exists (
  select from events e
  where e.type = 'document.text_captured'
    and convert_from(e.line, 'UTF8')::json #>> '{data,sha256}' = encode(t.sha256, 'hex')
)
order by t.sha256
limit 1
