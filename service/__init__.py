"""Mengfu, an event-sourced registry of agreements. This page is the map; read it first.

Rooms, each with one reason to change, and who may import whom (checked by import-linter on every run):

    command > cli > maintenance > mirroring > auditing > carrying | keys > running > serving > companion
        > output | collecting > app > api | seeding | verifying | reminding > delivering | bundling
        > first_start | registry > signing
        > projections | tlog | sheets > store > domain > config

    config        settings, read once from the environment; where seeds and migrations are found
    domain        pure: no input or output, no clock, no randomness, no framework
      values        dates as they are known, quantities, citations, people, printed names
      decider       Decider(category, initial, decide, evolve): events, commands, records, states
      parts         a state as its parts, and what each rests on
      settling      what of a decision has to be recorded; what stands already is attested, what is learnt described
      steps         the steps of a life, each taken once
      folding       from records to a state, in the contract's order
      shapes        what an event's data looks like and looked like: how a stored shape is changed
      walk          a state built record by record, at the cost of the parts that each touches
      history       what each event said, whatever has become of it
      redline       what was changed in a text, word by word
      script        simplified script, letter by letter
      divisions     which code is which division's, in the area of the documents
      searched      what of each thing is searched, and how much a hit there counts
      names         how names and texts are compared: one folding, and the way back to the original
      dates         dates as people write them in a sheet: 6月底前, 2025年底前, 每季度
      commitments   who owes whom what, read off a clause, a statement or a task
      workdays      which days are worked in China
      uncertainty places
                     what rests on a date that the day lies within; where in an answer a part stands
      references    what a command or event names, read off its types
      contradicting detecting
                     what a command tells otherwise than the record; what an event shows that cannot be
      errors        everything that is refused, in one tree, in two languages
      headings titles kinds duplicates links participants obligations involved
                     what several aggregates know: what a thing is (its titles, its kinds, second records), what a link
                     may lead to, who takes part, who owes whom, who has to do with a thing
      amounts        quantities as sets of numbers: bounds and units, added and compared in exact decimals
      agreement/ party/ document/ meeting/ statement/ plan/ task/ project/ discrepancy/ figure/ registry
                     the aggregates: events, commands, state, decide, evolve; beside those of a document how versions of
                     its text are made (`derivation`), and where words of one stand in another (`offsets`)
      catalogue     every aggregate, every event type
    store         the append-only log on asyncpg: lines, one SQL statement a file, migrations, credentials, webhooks
      embedded*     the PostgreSQL of `mengfu up`: the wheel's binaries, run by us under a guard
    tlog          the tree over all lines (RFC 6962): `tree` its edge, `proofs`, `tiles`, `note`, `checkpoint` and
                  `bundle` as pure functions, `stored` the tiles in the database
    signing       the key that signs the log's checkpoints
    sheets        sheets of tasks as files: read with limits, and the template to fill in; what a row means is the
                  domain's (`task/sheet`)
    projections   one file a question: its table, its rows, its queries. `inline` lists those in the append, `following`
                  those that come after it, with rows of both times (`bitemporal`), and all that there are;
                  `advancing` asks those of them that a change concerns; `inputs`
                  says what rows are made of, so that an event costs what it touches (`telling`), not what there is;
                  `filling` makes rows of the log, `renewing` brings them after it, `building` puts new tables in the
                  live ones' place; `ledger/` (which counts by `cells`) and `pipeline/` are questions over several of
                  them, `search/` one over the texts of all things (which of them: `domain/searched`), `network/` one
                  that keeps what took long to count, `coverage` one over what all facts cite
                  (`cited`)
    registry      THE ONE DOOR: execute(orders), read(refs), read_at(refs, day, position), copy(lines). `waiting` is the
                  queue, `plan` decides a batch on a `snapshot`, `attempt` one item of it, `correcting` says what a
                  correction may do, `batch` is the plan as one statement, `writer` stores it and decides the next one
                  meanwhile, `memory` is what a process knows of the log, `reader` answers, `recent` keeps what was
                  read lately, `tail` knows where the log's end is, `feed` the newest lines for all who follow,
                  `follower` brings the following projections after it and `progress` tells how far they are, `tiling`
                  stores its tiles, `wording` makes the words of versions of texts, once, `copying` takes a finished
                  log into an empty registry, `extending` finished lines behind those that are here, `sharing` has a
                  share of a long rebuild done by another process, `child` is how such processes are had
    seeding       seed files -> commands -> registry: `reading` makes commands of a file's tables, `shapes` says what
                  these may hold, `values` what keys and short forms mean, `file` is what was read, `changes` what an
                  altered one comes to
    verifying     all that is stored against the log
    reminding     the daily round: due reminders, and what standing duties yield; `daily` when it is made
    delivering    webhooks: what is due is sent, signed, tried again; `addresses` where it may lead
    bundling      lines with their proofs, for who checks them without us
    first_start   the secrets that the first `mengfu up` makes
    api           one file a resource; `dispatch` leads requests to routes, `problems` is the only place with status
                  codes, `operations` the one table of commands, which a POST and a transaction share
    app           wiring
    companion     the process that follows the log, beside one that serves
    auditing      what a stranger checks: an export, single facts, a running registry
    mirroring     a registry that follows another one: each line is checked before it is stored; `texts` come beside it
    keys          the commands about keys
    collecting    when a serving process looks for garbage
    command       where the command begins, before anything of it is imported
    output        what the command says, whatever its streams are
    serving       the HTTP server's life
    running       a command at work: settings, signals, exit code, the registry that it is about
    carrying      export, import, replay: the log out, into an empty registry, as it stood earlier
    maintenance   `rebuild` and `verify`
    cli           the command

The way of one command:

1. `POST /api/agreements/{id}/clauses`: `dispatch` finds the route, the key is checked, and msgspec decodes the body
   into the command's Struct.
2. `Registry.execute` puts it, as an order, or with all others of its transaction, into the writer's queue and waits. A
   client that goes away cancels nothing.
3. The writer takes what is queued (a batch is what came in while the last one committed), loads the streams that the
   orders are for and name (`references`), looks idempotency keys up, and decides in turn, all in memory, on the log's
   state at position P: version, references, citations, `decide`, `settle`, `advance`. A fact dated before the stream's
   newest, and every correction, folds that stream again from the log.
4. ONE statement, its own transaction, stores it all on condition that the head still stands at P: lines, versions,
   keys, the tree's edge, every inline projection. No lock is held across a round trip.
5. Caches take the new states after the commit, and every caller gets its own outcome. A lost race decides again; a
   refusal by the database splits the batch; a lost answer is settled by sending the same statement again.

Time: a fact holds from `effective` and is known since `time`. A stream is kept as what holds (`base`) and what takes
effect later (`pending`); the day is picked when reading, and nothing happens at midnight. Asked for another day or an
earlier knowledge, it is folded from its lines up to a position, with that day as today.

The past is asked for by two times: a list by filters on the following projections' rows, which say from which day to
which something holds, and from which position of the log to which it was known. One process follows the log for all, in
batches of one statement each; an event that a projection cannot take stops that one alone.

A new event type: the file that owns it (event, command, one arm in `decide`, one in `evolve`), one line in the
resource's route table, one sentence in the catalogue, one scenario, one golden file. Stored names and shapes are for
ever: a shape changes only by a new version (`domain/shapes`).
"""
