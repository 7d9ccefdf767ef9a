"""From lines to an election: the three sections in order, each value checked where it stands."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from ledger.pabulib.election_file import Choices, PabulibBallot, PabulibFile, PabulibProject
from ledger.pabulib.limits import Limits
from ledger.pabulib.lines import BadElectionFile, Lines, NoElectionFile, Progress, counted, quoted
from ledger.pabulib.remarks import remarks_on

MOST_META, MOST_PROJECTS, MOST_VOTES = 500, 20_000, 2_000_000
VOTE_TYPES = ("approval", "choose-1", "cumulative", "ordinal", "scoring")

_AMOUNT = re.compile(r"[0-9]+(?:[.,][0-9]{1,6})?")
_THOUSANDS = re.compile(r"[0-9]+,[0-9]{3}")
_LARGEST_AMOUNT = 10**15  # currency units; the ledger holds minor units below 2⁵³
_MINUS = re.compile(r"[-−–]")
_COUNT = re.compile(r"[0-9]{1,9}")
_POINTS = re.compile(r"[-−]?[0-9]{1,9}")
_SPACES = re.compile(r"\s")


def read(path: Path, progress: Progress = lambda _done, _of: None) -> PabulibFile:
    """Read a whole file. `progress` hears of bytes done and bytes in all. Raises BadElectionFile, NoElectionFile."""
    try:
        return _Reader(path, progress).read()
    except OSError:
        raise NoElectionFile(name=path.name) from None


class _Reader:
    """Goes through the file once, and remembers what it has read so that it can refuse what does not go with it."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.name = path.name
        self.lines = Lines(path, progress)
        self.rows = self.lines.rows()
        self.bad = self.lines.bad
        self.meta: dict[str, str] = {}
        self.meta_lines: dict[str, int] = {}
        self.projects: dict[str, PabulibProject] = {}
        self.ballots: list[PabulibBallot] = []

    def read(self) -> PabulibFile:
        self._title("META")
        self._read_meta()
        vote_type = self.meta.get("vote_type", "").lower()
        if vote_type not in VOTE_TYPES:
            raise self._bad_meta("vote_type", f"vote_type has to be one of {', '.join(VOTE_TYPES)}")
        budget = self._amount(self.meta.get("budget", ""), "the budget", self.meta_lines.get("budget"))
        if not budget:
            raise self._bad_meta("budget", "the budget has to be more than zero")
        self._read_projects()
        self._read_votes(vote_type)
        self._hold_count("num_projects", len(self.projects))
        self._hold_count("num_votes", len(self.ballots))
        projects, ballots = tuple(self.projects.values()), tuple(self.ballots)
        return PabulibFile(
            name=self.name,
            sha256=self.lines.digest.hexdigest(),
            meta=self.meta,
            meta_lines=self.meta_lines,
            vote_type=vote_type,
            budget=budget,
            projects=projects,
            ballots=ballots,
            remarks=remarks_on(projects, ballots),
        )

    def _bad_meta(self, key: str, problem: str) -> BadElectionFile:
        """The refusal of a value in META, at its own line if it stands there."""
        return self.bad(f"{problem}, and META says {quoted(self.meta.get(key, ''))}.", self.meta_lines.get(key))

    def _title(self, title: str) -> None:
        row = next(self.rows, None)
        if row is None:
            raise self._cut_short(f"the section {title}")
        if not _is_title(row, title):
            raise self.bad(f"the section {title} should begin here, and this line begins {quoted(row[0])}.")

    def _cut_short(self, what: str) -> BadElectionFile:
        return self.bad(f"the file ends where {what} should begin; it may have been cut short.")

    def _header(self, *needed: str) -> list[str]:
        columns = next(self.rows, None)
        if columns is None:
            raise self._cut_short("a header line")
        while columns and not columns[-1]:
            columns.pop()
        for name in needed:
            if name not in columns:
                raise self.bad(f"the header has no column “{name}”.")
        if len(set(columns)) != len(columns):
            raise self.bad("the header names a column twice.")
        return columns

    def _section(self, *needed: str, last: str, until: str | None) -> Iterator[dict[str, str]]:
        """Each row by its columns, up to the title of the next section, or to the end of the file when there is none.

        The header has to name the `needed` columns, and a row has to reach at least the one called `last`.
        """
        columns = self._header(*needed)
        fewest = columns.index(last) + 1
        for row in self.rows:
            if until and _is_title(row, until):
                return
            if len(row) < fewest or any(row[len(columns) :]):
                raise self.bad(f"this line has {counted(len(row), 'field')} and the header has {len(columns)}.")
            yield dict(zip_longest(columns, row[: len(columns)], fillvalue=""))
        if until:
            raise self._cut_short(f"the section {until}")

    def _read_meta(self) -> None:
        self._header("key", "value")
        for row in self.rows:
            if _is_title(row, "PROJECTS"):
                return
            key, value = row[0], ";".join(row[1:]).strip("; ")
            if len(self.meta) >= MOST_META or len(row) == 1 or not (value or key.isidentifier()):
                raise self.bad("this is not a line of META, which is a name, a semicolon and a value.")
            if key in self.meta:
                raise self.bad(f"META says {quoted(key)} a second time.")
            self.meta[key], self.meta_lines[key] = value, self.lines.number
        raise self._cut_short("the section PROJECTS")

    def _read_projects(self) -> None:
        stated = self._stated("num_projects", MOST_PROJECTS)
        for row in self._section("project_id", "cost", last="cost", until="VOTES"):
            ref = row["project_id"]
            if not ref or "," in ref:
                raise self.bad("a project needs an id without commas.")
            if ref in self.projects:
                raise self.bad(f"project {quoted(ref)} stands here a second time.")
            if len(self.projects) >= stated:
                raise self.bad(f"META says {counted(stated, 'project')}, and here is one more.")
            self.projects[ref] = PabulibProject(
                id=ref,
                cost=self._amount(row["cost"], f"the cost of project {quoted(ref)}"),
                name=row.get("name", ""),
                category=row.get("category", ""),
                votes=_number(row.get("votes", "")),
                score=_number(row.get("score", "")),
                selected=_number(row.get("selected", "")) or 0,
                line=self.lines.number,
            )

    def _read_votes(self, vote_type: str) -> None:
        stated = self._stated("num_votes", MOST_VOTES)
        with_points = vote_type in {"cumulative", "scoring"}
        limits = Limits(self.meta, self.projects, vote_type)
        if limits.default_score:
            raise self._bad_meta("default_score", "projects that a vote does not name are counted as 0 here")
        heard: dict[tuple[str, str], Choices] = {}  # identical votes are checked and kept once
        voters: set[str] = set()
        needed = ("voter_id", "vote", "points") if with_points else ("voter_id", "vote")
        for row in self._section(*needed, last="vote", until=None):
            voter = row["voter_id"]
            if not voter:
                raise self.bad("a vote needs a voter_id.")
            if voter in voters:
                raise self.bad(f"voter {quoted(voter)} stands here a second time.")
            if len(self.ballots) >= stated:
                raise self.bad(f"META says {counted(stated, 'vote')}, and here is one more.")
            voters.add(voter)
            said = row["vote"], row["points"] if with_points else ""
            if said not in heard:
                heard[said] = self._choices(*said, limits)
            self.ballots.append(PabulibBallot(voter, heard[said], self.lines.number))

    def _choices(self, vote: str, points: str, limits: Limits) -> Choices:
        ids = [part.strip() for part in vote.split(",")] if vote else []
        for ref in ids:
            if ref not in self.projects:
                raise self.bad(f"this vote names project {quoted(ref)}, which is not in PROJECTS.")
        if len(set(ids)) != len(ids):
            raise self.bad("this vote names a project twice.")
        match limits.vote_type:
            case "approval" | "choose-1":
                given = [1] * len(ids)
            case "ordinal":
                # Borda: on a ballot of at most three, the first gets 3 points, the second 2, the third 1.
                given = [limits.most_choices - place for place in range(len(ids))]
            case "cumulative" | "scoring":
                given = self._points(points, ids, limits.vote_type)
            case _:
                raise AssertionError(limits.vote_type)
        if problem := limits.broken_by(ids, given):
            raise self.bad(problem)
        return tuple(zip(ids, given, strict=True))

    def _points(self, text: str, ids: Sequence[str], vote_type: str) -> list[int]:
        points = [part.strip() for part in text.split(",")] if text else []
        if len(points) != len(ids):
            raise self.bad(f"this vote names {counted(len(ids), 'project')} and gives points to {len(points)}.")
        numbers, least = (_POINTS, "") if vote_type == "scoring" else (_COUNT, " from 0")
        for part in points:
            if not numbers.fullmatch(part):
                raise self.bad(f"points are whole numbers{least}, and this vote gives {quoted(part)}.")
        return [int(part.replace("−", "-")) for part in points]

    def _amount(self, text: str, what: str, line: int | None = None) -> Decimal:
        plain = _SPACES.sub("", text)
        if _MINUS.match(plain):
            raise self.bad(f"{what} is {quoted(text)}, and an amount cannot be negative.", line)
        if _THOUSANDS.fullmatch(plain):
            raise self.bad(f"{what} is {quoted(text)}, which may mean thousands or thousandths; write it with a point.", line)
        if not _AMOUNT.fullmatch(plain):
            raise self.bad(f"{what} is {quoted(text)}, which is not an amount such as 1250 or 1250.50.", line)
        amount = Decimal(plain.replace(",", "."))
        if amount >= _LARGEST_AMOUNT:
            raise self.bad(f"{what} is {quoted(text)}, which is more than any budget.", line)
        return amount

    def _stated(self, key: str, most: int) -> int:
        number = _number(self.meta.get(key, ""))
        if number is None:
            raise self._bad_meta(key, f"{key} has to be a whole number")
        if number > most:
            raise self._bad_meta(key, f"{key} can be {most:,} at most")
        return number

    def _hold_count(self, key: str, there: int) -> None:
        stated, what = int(self.meta[key]), key.removeprefix("num_").removesuffix("s")
        if stated != there:
            raise self.bad(f"META says {counted(stated, what)} and the file has {there}; it may have been cut short.")


def _is_title(row: Sequence[str], title: str) -> bool:
    return row[0] == title and not any(row[1:])


def _number(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None
