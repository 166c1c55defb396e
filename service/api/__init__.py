"""HTTP: one file a resource, each a table of commands and their paths; everything else serves those tables.

`dispatch` leads a request to its route and counts it (`metrics`), `paths` is how a path differs from a route, `answers`
are those that are sent whole, and which of them are kept. `bodies` and `headers` are what comes in, `then` the two
times in it, `resource` how a state is shown, `pointers` where in an answer its parts stand, `reading`, `history`,
`changes`, `writing`, `corrections`, `lists` and `streams` the ways of answering, `thing` those that all kinds of things
share, `following` for which position an answer is, `problems` (the only place with the status codes of errors) and
`words` what is said when something is wrong, `access` who may, `openapi` the description made from the routes.
`events` is the log, `event_types` what can stand in it.
"""
