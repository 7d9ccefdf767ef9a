"""The domain: who was given what, by whose decision, and where it went. It knows no web.

Floors, from the top down; a module imports only from floors below its own (held by import-linter, see `.importlinter`):

- `cast_list` · `flows` · `journal` · `personal` · `tables` · `verify`: what is read: people, charts' numbers, the log's pages,
  what is held about one person, the proof.
- `words`: what an entry says, as a sentence.
- `names`: the names behind references.
- `erasing`: a name or somebody's words taken away for good, with a marker of when and why.
- `awards` · `rounds`: from a vote to the street.
- `markers` · `powers`: what stands in the place of erased words; devolving, appointing, agreeing terms, taking back.
- `door`: the one way in.
- `entries` · `mandates` · `replay`: the log, the questions every draft answers, and the book replayed from entries alone.
- `kinds`: each kind of entry, payload beside rule.
- `records` · `traces`: a draft, an entry, a book; what erased words leave in the database's files.
- `accounts` · `database` · `narratives` · `people` · `places`: what stands on its own.
- `pabulib`: election files.
- `tally`: the count, pure.
- `canonical` · `tree`: exact bytes and the Merkle tree, pure.
- `money`: pence, minutes and their words.
- `errors`: refusals.
"""
