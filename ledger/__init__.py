"""The domain: who was given what, by whose decision, and where it went. It knows no web.

Floors, from the top down; a module imports only from floors below its own (held by import-linter, see `.importlinter`):

- `auditing`: a whole log, from its public files or a backup, checked by somebody else.
- `risk_register`: the risks that partners share, as a page reads them.
- `accountability` · `cast_list` · `exports` · `flows` · `holdings` · `journal` · `personal` · `prototypes` · `sharing` ·
  `tables` · `verify`: what is read: where an authority stepped in, people, files to take away, charts' numbers, who holds
  which role, the log's pages, what is held about one person, prototypes and what was learned, data sharing and where it
  stands (both also recorded there), the proof.
- `words`: what an entry says, as a sentence.
- `names`: the names behind references.
- `retention`: what about people has been kept for as long as it is needed.
- `erasing`: a name or somebody's words taken away for good, with a marker of when and why.
- `credentials` · `subject_requests`: how somebody shows who they are: addresses, links, passkeys, codes, sessions; what they
  ask about their own data.
- `awards` · `rounds` · `shared_risk` · `signatures`: from a vote to the street; a risk agreed, signed, weighed and called;
  what is signed by one’s own act.
- `renewing`: the review that reminds, and the evidence pack on which terms are renewed.
- `markers` · `powers`: what stands in the place of erased words; devolving, appointing, agreeing terms, taking back.
- `cosigning` · `log_files` · `publishing` · `restoring`: witnesses' signatures taken in, the log as files, its head signed,
  and a log that comes back from its file.
- `door` · `history`: the one way in, and what holds a restored backup to what was published.
- `appending`: the end of the log, open for one unit of work.
- `replaying`: the whole log taken in again, entry by entry, as the door would have.
- `checkpoints` · `entries` · `mandates` · `memory` · `replay` · `rows`: what was signed, the log, the questions every draft
  answers, what a process remembers, the book replayed from entries alone, and rows written together.
- `exact` · `once`: bytes that somebody else kept, believed only when they are exact; keys, each used once.
- `written`: the exact bytes of an entry, written and read.
- `kinds`: each kind of entry, payload beside rule.
- `pictures` · `records` · `traces`: what places look like; a draft, an entry, a book; what erased words leave in the files.
- `database` · `narratives` · `people` · `places`: what stands on its own.
- `unit_of_work`: one transaction that records something, all of it or none.
- `engines`: how connections are made, begin and lock.
- `accounts` · `combining` · `durability` · `pabulib` · `roles` · `turns`: paths and floors; those who record at once share a
  transaction; whether the database keeps its word; election files; what someone may be; SQLite's writers in a fair queue.
- `ballot`: the secret ballot, pure: codes, commitments, sealing, promises, the recount.
- `tally`: the count, pure.
- `proofs` · `witness`: `.tlog-proof` files, and what a witness concludes from a log, pure.
- `note` · `tiles`: signed checkpoints with their cosignatures, and the log as tiles, pure.
- `canonical` · `durable` · `risk` · `tree`: exact bytes, files that are whole after any fall, a shared risk split to the penny
  (pure), and the Merkle tree.
- `faults` · `money` · `sections`: a full disk or a lost answer in words; pence, minutes and their words; words under headings.
- `errors`: refusals.
"""
