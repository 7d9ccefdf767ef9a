"""The domain: who was given what, by whose decision, and where it went. It knows no web.

Floors, from the top down; a module imports only from floors below its own (held by import-linter, see `.importlinter`):

- `cast_list` · `flows` · `journal` · `tables` · `verify`: what is read: people, charts' numbers, the log's pages, the proof.
- `words`: what an entry says, as a sentence.
- `names`: the names behind references.
- `awards` · `rounds`: from a vote to the street.
- `powers`: devolving, appointing, agreeing terms, taking back.
- `door`: the one way in.
- `entries` · `mandates` · `replay`: the log, the questions every draft answers, and the book replayed from entries alone.
- `kinds`: each kind of entry, payload beside rule.
- `records`: a draft, an entry, a book.
- `accounts` · `database` · `narratives` · `people` · `places`: what stands on its own.
- `durability` · `pabulib` · `turns`: whether the database keeps its word; election files; SQLite's writers in a fair queue.
- `tally`: the count, pure.
- `canonical` · `tree`: exact bytes and the Merkle tree, pure.
- `faults` · `money`: a full disk or a lost answer in words; pence, minutes and their words.
- `errors`: refusals.
"""
