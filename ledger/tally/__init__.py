"""The count: one pure function from an election and a rule to a result with its reasons. Exact, and order-independent.

Each rule stands in a module of its own, told in prose with a worked table; the tests hold each beside a slow and obvious twin.
"""

from ledger.tally.counting import count
from ledger.tally.election import (
    Candidate,
    Completion,
    Election,
    Group,
    Limit,
    Result,
    Rule,
    RuleName,
    Satisfaction,
    Shares,
    Tie,
    UnsoundRule,
    Why,
)
from ledger.tally.profile import Show, UnsoundElection

__all__ = [
    "Candidate",
    "Completion",
    "Election",
    "Group",
    "Limit",
    "Result",
    "Rule",
    "RuleName",
    "Satisfaction",
    "Shares",
    "Show",
    "Tie",
    "UnsoundElection",
    "UnsoundRule",
    "Why",
    "count",
]
