"""The domain: who was given what, by whose decision, and where it went. It knows no web.

Floors, from the top down; a module imports only from floors below its own (held by import-linter, see `.importlinter`):

- `cast_list` · `exports` · `flows` · `journal` · `tables` · `verify`: what is read: people, files to take away, charts'
  numbers, the log's pages, the proof.
- `words`: what an entry says, as a sentence.
- `names`: the names behind references.
- `awards` · `rounds`: from a vote to the street.
- `powers`: devolving, appointing, agreeing terms, taking back.
- `door`: the one way in.
- `exact`: an entry from bytes that came from outside.
- `entries` · `mandates` · `replay`: the log, the questions every draft answers, and the book replayed from entries alone.
- `kinds`: each kind of entry, payload beside rule.
- `records`: a draft, an entry, a book.
- `accounts` · `database` · `narratives` · `people` · `places`: what stands on its own.
- `pabulib`: election files.
- `tally`: the count, pure.
- `canonical` · `tree`: exact bytes and the Merkle tree, pure.
- `money`: pence, minutes and their words.
- `errors`: refusals.
"""
