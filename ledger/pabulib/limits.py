"""What META allows a ballot: how many projects, how many points, how dear a basket. A limit it does not state is no limit."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ledger.pabulib.election_file import PabulibProject
from ledger.pabulib.lines import counted

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?")


class Limits:
    """The limits of one election, read from META once. Those that are no plain numbers are not held against a ballot."""

    def __init__(self, meta: Mapping[str, str], projects: Mapping[str, PabulibProject], vote_type: str) -> None:
        """`projects` say what a ballot's basket costs, and how many there are to choose from."""
        self.vote_type = vote_type
        self.projects = projects
        self._stated = {key: Decimal(text) for key, text in meta.items() if _NUMBER.fullmatch(text)}
        self.most_choices = 1 if vote_type == "choose-1" else int(self._stated.get("max_length", 0)) or len(projects)
        self.default_score = meta.get("default_score", "0") not in {"", "0", "0.0"}

    def broken_by(self, ids: Sequence[str], points: Sequence[int]) -> str | None:
        """The sentence for the first limit that a ballot breaks. An empty ballot breaks none: its voter chose nothing."""
        if not ids:
            return None
        if len(ids) > self.most_choices:
            return f"this vote names {counted(len(ids), 'project')}, and at most {self.most_choices} may be named."
        if (fewest := self._stated.get("min_length", 0)) > len(ids):
            return f"this vote names {counted(len(ids), 'project')}, and at least {fewest} must be named."
        if "max_sum_cost" in self._stated:
            basket = sum((self.projects[ref].cost for ref in ids), Decimal(0))
            if basket > self._stated["max_sum_cost"]:
                return f"this vote names projects for {basket:,}, and at most {self._stated['max_sum_cost']:,} may be spent."
        return self._points_broken_by(points) if self.vote_type in {"cumulative", "scoring"} else None

    def _points_broken_by(self, points: Sequence[int]) -> str | None:
        in_all, most_to_one, least_to_one = sum(points), max(points), min(points)
        for key, given, whom in (("max_sum_points", in_all, ""), ("max_points", most_to_one, " to one project")):
            if key in self._stated and given > self._stated[key]:
                return f"this vote gives {counted(given, 'point')}{whom}, and at most {self._stated[key]} may be given."
        for key, given, whom in (("min_sum_points", in_all, ""), ("min_points", least_to_one, " to one project")):
            if key in self._stated and given < self._stated[key]:
                return f"this vote gives {counted(given, 'point')}{whom}, and at least {self._stated[key]} must be given."
        return None
