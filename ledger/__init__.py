"""The domain: who was given what, by whose decision, and where it went. It knows no web.

Floors, from the top down; a module imports only from floors below its own (held by import-linter, see `.importlinter`):

- `cast_list` · `flows` · `journal` · `tables` · `verify`: what is read: people, charts' numbers, the log's pages, the proof.
- `words`: what an entry says, as a sentence.
- `names`: the names behind references.
- `awards` · `rounds`: from a vote to the street.
- `powers`: devolving, appointing, agreeing terms, taking back.
- `cosigning` · `log_files` · `publishing`: witnesses' signatures taken in, the log as files, its head signed.
- `door` · `history`: the one way in, and what holds a restored backup to what was published.
- `appending`: the end of the log, open for one unit of work.
- `checkpoints` · `entries` · `mandates` · `memory` · `replay` · `rows`: what was signed, the log, the questions every draft
  answers, what a process remembers, the book replayed from entries alone, and rows written together.
- `kinds`: each kind of entry, payload beside rule.
- `records`: a draft, an entry, a book.
- `accounts` · `database` · `narratives` · `people` · `places`: what stands on its own.
- `pabulib`: election files.
- `tally`: the count, pure.
- `proofs` · `witness`: `.tlog-proof` files, and what a witness concludes from a log, pure.
- `note` · `tiles`: signed checkpoints with their cosignatures, and the log as tiles, pure.
- `canonical` · `durable` · `tree`: exact bytes, files that are whole after any fall, and the Merkle tree.
- `money`: pence, minutes and their words.
- `errors`: refusals.
"""
