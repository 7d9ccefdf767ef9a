"""The audit of papers: how many have to be looked at, and which, so that nobody who made an error can know or choose.

How many. Among N papers of which m are recorded wrongly, a sample of n misses all of them with the probability

    C(N − n, m) / C(N, m)

The sample is the smallest n for which that is at most 5 in 100. Only whole numbers are compared.

    papers  wrong  sample   in words
       800      8     249   at least one of 8 wrong papers is found 95 times in 100
       800     20     110   more that is wrong is found by fewer

Which. Everybody may throw a die in public, after the papers are in the log. The papers are put in the order of
SHA-256(“sample”, dice, number, a line each), and the first n are taken: whoever knows the dice draws the same ones.

Drawback: a sample that finds nothing does not show that nothing is wrong; fewer than m wrong papers are easily missed.
"""

from bisect import bisect_left
from hashlib import sha256
from math import comb

from ledger.errors import LedgerError
from ledger.tally.profile import FEWEST_DICE, thrown

MISSED_OF_100 = 5


class NoSample(LedgerError):
    """{problem} No sample was drawn."""


def sample_size(papers: int, wrong: int) -> int:
    """How many of so many papers have to be looked at, so that of `wrong` wrong ones at least one is found with 95 %.

    Raises NoSample.
    """
    if not 1 <= wrong <= papers:
        raise NoSample(problem=f"Say a number of wrong papers from 1 to {papers}.")
    limit = MISSED_OF_100 * comb(papers, wrong)
    # What is missed shrinks with every paper more, so the smallest size is found by halving.
    return bisect_left(range(papers + 1), True, key=lambda size: 100 * comb(papers - size, wrong) <= limit)


def drawn(papers: int, wrong: int, dice: str) -> tuple[int, ...]:
    """The numbers of the papers to compare, in the order in which they are looked at. Raises NoSample, UnsoundElection."""
    size, figures = sample_size(papers, wrong), thrown(dice)
    if not figures:
        raise NoSample(problem=f"A sample is drawn from at least {FEWEST_DICE} dice, thrown in public.")
    return tuple(sorted(range(1, papers + 1), key=lambda number: _place(figures, number))[:size])


def explained(papers: int, wrong: int) -> str:
    """The size in words."""
    size = sample_size(papers, wrong)
    return (
        f"Of {papers:,} papers, {size:,} are compared with what was recorded. If {wrong:,} or more were recorded wrongly, "
        "at least one of them is among these 95 times in 100."
    )


def _place(dice: str, number: int) -> str:
    return sha256(f"sample\n{dice}\n{number}\n".encode()).hexdigest()
