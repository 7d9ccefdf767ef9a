"""The 5 × 5 on which a risk is scored, in words."""

from ledger.kinds.risking import Score

LIKELIHOODS = ("rare", "unlikely", "possible", "likely", "almost certain")
IMPACTS = ("slight", "small", "serious", "grave", "very grave")


def score_words(scored: Score) -> str:
    """“12 of 25: likely, serious”."""
    return f"{scored.points} of 25: {LIKELIHOODS[scored.likelihood - 1]}, {IMPACTS[scored.impact - 1]}"
