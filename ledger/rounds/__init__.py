"""Rounds: proposals, ballots, the count, and the result's way into the ledger."""
