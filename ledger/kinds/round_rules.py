"""What a round says of itself beside its budget: the day on which each stage begins, and the bounds of its result.

Entries of before this was asked hold none of it, and their bytes stay as they were: what is not said is not written.
"""

import re
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from pydantic import Field

from ledger.kinds.payload import Amount, Count, Exact, Grown, RoundNotReady, Slug

_LONGEST_REF = 60
TIE_BREAK: tuple[Literal["votes", "cost", "ballot order"], ...] = ("votes", "cost", "ballot order")  # what the engine does


def joint_ref(name: str) -> str:
    """What a joint round is called in addresses: “Marlmoor spring 2027” is marlmoor-spring-2027; empty for a name without a
    letter or figure.
    """
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))[:_LONGEST_REF].strip("-")


class Electorate(StrEnum):
    """Who votes in a round. Where both do, they vote in one ballot box: each has one code, and each ballot counts the same."""

    PANEL = "panel"
    RESIDENTS = "residents"
    BOTH = "panel and residents"


class Ask(Grown):
    """One proposal as it stands on the ballot: what it asks for, of which theme, where; fixed before anyone votes."""

    written_without = frozenset({"theme", "district"})
    project: Slug
    cost: Count
    minutes: Count = 0
    theme: Slug | None = None
    district: Slug | None = None


class Calendar(Exact):
    """The first day of each stage before and after the vote, and the days by which it is to be counted and ratified."""

    ideas_on: date
    shaping_on: date
    deliberation_on: date
    counted_by: date
    ratified_by: date
    delivering_on: date
    reflected_on: date
    closed_on: date

    def check(self, opens_on: date, closes_on: date) -> None:
        """One stage after another, the vote in their midst. Raises RoundNotReady."""
        days = (
            ("gathering ideas begins", self.ideas_on),
            ("shaping begins", self.shaping_on),
            ("deliberation begins", self.deliberation_on),
            ("voting opens", opens_on),
            ("voting closes", closes_on),
            ("the count is due", self.counted_by),
            ("ratification is due", self.ratified_by),
            ("delivery begins", self.delivering_on),
            ("the round is reflected on", self.reflected_on),
            ("the round closes", self.closed_on),
        )
        for (before, earlier), (after, later) in pairwise(days):
            if later < earlier:
                raise RoundNotReady(problem=f"The stages follow each other: {after} on {later}, and {before} on {earlier}.")


class Cap(Exact):
    """A bound on one district or one theme: at most so much of the budget for it, or at least so many per cent kept for it."""

    on: Literal["district", "theme"]
    name: Slug
    at_most: Amount | None = Field(default=None, description="in minor units of the authority's currency")
    at_least_percent: int | None = Field(default=None, strict=True, ge=1, le=100)

    def check(self) -> None:
        """It says one of the two. Raises RoundNotReady."""
        if (self.at_most is None) == (self.at_least_percent is None):
            problem = f"The limit for the {self.on} “{self.name}” is either an amount or a share: say one of them."
            raise RoundNotReady(problem=problem)


class Bounds(Grown):
    """Who votes, how ties are broken, whether residents must be the most of a meeting, and what a result may not exceed."""

    written_without = frozenset({"open_vote"})
    electorate: Electorate
    resident_majority: bool
    tie_break: tuple[Literal["votes", "cost", "ballot order"], ...] = TIE_BREAK
    caps: tuple[Cap, ...] = ()
    open_vote: bool = False

    def check(self, names: set[tuple[str, str]]) -> None:
        """Ties as the engine breaks them, and each limit about something on the ballot. Raises RoundNotReady."""
        if self.tie_break != TIE_BREAK:
            raise RoundNotReady(problem=f"Ties are broken by {', then '.join(TIE_BREAK)}, in this order.")
        for cap in self.caps:
            cap.check()
            if (cap.on, cap.name) not in names:
                problem = f"No proposal on the ballot is of the {cap.on} “{cap.name}”, for which there is a limit."
                raise RoundNotReady(problem=problem)
        if len({(cap.on, cap.name, cap.at_most is None) for cap in self.caps}) != len(self.caps):
            raise RoundNotReady(problem="There are two limits of the same sort for one district or theme.")
        for on in ("district", "theme"):
            kept = sum(cap.at_least_percent or 0 for cap in self.caps if cap.on == on)
            if kept > 100:  # noqa: PLR2004 - per cent
                raise RoundNotReady(problem=f"{kept} per cent of the budget would be kept for each {on} in all.")
