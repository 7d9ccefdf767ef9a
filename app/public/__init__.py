"""What everybody may read: where the resource went, by whose decision, and the ledger itself."""
