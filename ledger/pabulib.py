"""Reading elections in the Pabulib `.pb` format (pabulib.org): exact numbers, bounded memory, one sentence for a bad file.

Text in UTF-8, fields parted by `;`, three sections in order (META, PROJECTS, VOTES), each with a header line. Met in the wild
and read: CR LF line ends, a byte-order mark, non-breaking spaces, empty ballots, decimal points and commas, extra columns,
ids such as `OGM/0015`. What disagrees without changing the count (a `votes` column, say) is kept as a remark, never mended.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ledger.errors import LedgerError
from ledger.tally.election import Candidate, Election, Group

LONGEST_LINE = 1_000_000  # bytes
MOST_META, MOST_PROJECTS, MOST_VOTES = 500, 20_000, 20_000_000
MOST_REMARKS = 20
VOTE_TYPES = ("approval", "choose-1", "cumulative", "ordinal", "scoring")

_AMOUNT = re.compile(r"\d{1,15}(?:[.,]\d{1,6})?")
_COUNT = re.compile(r"\d{1,9}")
_MINUS = re.compile(r"[-−]\s*\d")

Progress = Callable[[int, int], None]


class BadElectionFile(LedgerError):
    """{name}, line {line}: {problem} Nothing was recorded; correct the file and try again."""


@dataclass(frozen=True, slots=True)
class PabulibProject:
    """A line of PROJECTS. `selected` is what the city published: 0 when it says nothing."""

    id: str
    cost: Decimal
    name: str
    category: str
    votes: int | None
    selected: int
    line: int


@dataclass(frozen=True, slots=True)
class PabulibBallot:
    """A line of VOTES: `choices` pairs each project id with its points (1 for an approval, Borda points for a ranking)."""

    voter: str
    choices: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PabulibFile:
    """A whole election. `sha256` is of the file's bytes, in hexadecimal."""

    name: str
    sha256: str
    meta: dict[str, str]
    vote_type: str
    budget: Decimal
    projects: tuple[PabulibProject, ...]
    ballots: tuple[PabulibBallot, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def unit(self) -> int:
        """Into how many parts one currency unit is divided, so that the budget and every cost are whole: 1, 10, 100 …"""
        amounts = (self.budget, *(project.cost for project in self.projects))
        return int(10 ** max(_decimals(amount) for amount in amounts))

    def election(self) -> Election:
        """The election to count, in whole parts of a currency unit; identical ballots are grouped."""
        unit = self.unit
        groups: dict[tuple[tuple[str, int], ...], int] = {}
        for ballot in self.ballots:
            choices = tuple(sorted(ballot.choices))
            groups[choices] = groups.get(choices, 0) + 1
        return Election(
            candidates=tuple(Candidate(project.id, int(project.cost * unit)) for project in self.projects),
            budget=int(self.budget * unit),
            groups=tuple(Group(choices, count) for choices, count in sorted(groups.items())),
            unit=unit,
        )


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def read(path: Path, progress: Progress = lambda _done, _of: None) -> PabulibFile:
    """Read a whole file. `progress` hears of bytes done and bytes in all. Raises BadElectionFile, FileNotFoundError."""
    return _Reader(path, progress).read()


class _Reader:
    """Goes through the file once, line by line, and remembers where it is for the sentence it may have to say."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path, self.progress = path, progress
        self.line = 0
        self.digest = hashlib.sha256()
        self.meta: dict[str, str] = {}
        self.projects: dict[str, PabulibProject] = {}
        self.ballots: list[PabulibBallot] = []
        self.remarks: list[str] = []

    def bad(self, problem: str, line: int | None = None) -> BadElectionFile:
        return BadElectionFile(name=self.path.name, line=self.line if line is None else line, problem=problem)

    def read(self) -> PabulibFile:
        lines = self._lines()
        self._title(lines, "META")
        self._read_meta(lines)
        vote_type = self.meta.get("vote_type", "")
        if vote_type not in VOTE_TYPES:
            raise self.bad(f"vote_type has to be one of {', '.join(VOTE_TYPES)}, and it is “{vote_type}”.")
        budget = self._amount(self.meta.get("budget", ""), "budget")
        if not budget:
            raise self.bad("the budget has to be more than zero.")
        self._read_projects(lines)
        self._read_votes(lines, vote_type)
        self._compare_counts()
        return PabulibFile(
            name=self.path.name,
            sha256=self.digest.hexdigest(),
            meta=self.meta,
            vote_type=vote_type,
            budget=budget,
            projects=tuple(self.projects.values()),
            ballots=tuple(self.ballots),
            remarks=tuple(self.remarks),
        )

    def _lines(self) -> Iterator[str]:
        """Every line that is not blank, decoded. A file of noise is refused at its first line that makes no sense."""
        size, done = self.path.stat().st_size, 0
        with self.path.open("rb") as file:
            while raw := file.readline(LONGEST_LINE + 1):
                self.line += 1
                if len(raw) > LONGEST_LINE:
                    raise self.bad("this line is longer than a million bytes, so this is not an election file.")
                self.digest.update(raw)
                done += len(raw)
                if self.line % 1_000 == 0:
                    self.progress(done, size)
                try:
                    text = raw.decode("utf-8-sig" if self.line == 1 else "utf-8")
                except UnicodeDecodeError:
                    raise self.bad("this line is not UTF-8 text. Save the file as UTF-8.") from None
                if "\x00" in text:
                    raise self.bad("this line holds a zero byte, so this is not an election file.")
                if text := text.strip():
                    yield text
        self.progress(size, size)

    def _title(self, lines: Iterator[str], title: str) -> None:
        found = next(lines, None)
        if found is None:
            raise self.bad(f"the file ends where the section {title} should begin; it may have been cut short.")
        if found.strip(";").strip() != title:
            raise self.bad(f"the section {title} should begin here, and this line begins “{found[:40]}”.")

    def _header(self, lines: Iterator[str], *needed: str) -> list[str]:
        line = next(lines, None)
        if line is None:
            raise self.bad("the file ends before its next header line; it may have been cut short.")
        columns = [name.strip() for name in _fields(line)]
        for name in needed:
            if name not in columns:
                raise self.bad(f"the header has no column “{name}”.")
        if len(set(columns)) != len(columns):
            raise self.bad("the header names a column twice.")
        return columns

    def _row(self, line: str, columns: Sequence[str]) -> dict[str, str]:
        values = [value.strip() for value in _fields(line)]
        if len(values) > len(columns):
            raise self.bad(f"this line has {len(values)} fields and the header has {len(columns)}.")
        values += [""] * (len(columns) - len(values))
        return dict(zip(columns, values, strict=True))

    def _read_meta(self, lines: Iterator[str]) -> None:
        self._header(lines, "key", "value")
        for line in lines:
            if line.strip(";") == "PROJECTS":
                return
            key, _, value = line.partition(";")
            key = key.strip()
            if key in self.meta:
                raise self.bad(f"META says “{key[:40]}” twice.")
            if len(self.meta) >= MOST_META or (not value and not key.isidentifier()):
                raise self.bad("this is not a line of META, which is a name, a semicolon and a value.")
            self.meta[key] = next(iter(_fields(value)), "").strip() if value.startswith('"') else value.strip().strip(";")
        raise self.bad("the file ends where the section PROJECTS should begin; it may have been cut short.")

    def _read_projects(self, lines: Iterator[str]) -> None:
        columns = self._header(lines, "project_id", "cost")
        expected = self._stated("num_projects")
        for line in lines:
            if line.strip(";") == "VOTES":
                return
            row = self._row(line, columns)
            ref = row["project_id"]
            if not ref or "," in ref:
                raise self.bad("a project needs an id without commas.")
            if ref in self.projects:
                raise self.bad(f"project {ref[:40]} stands here a second time.")
            if len(self.projects) >= min(expected, MOST_PROJECTS):
                raise self.bad(f"META says {expected} projects, and here is one more.")
            selected = row.get("selected", "")
            self.projects[ref] = PabulibProject(
                id=ref,
                cost=self._amount(row["cost"], f"the cost of project {ref[:40]}"),
                name=row.get("name", ""),
                category=row.get("category", ""),
                votes=int(row["votes"]) if _COUNT.fullmatch(row.get("votes", "")) else None,
                selected=int(selected) if _COUNT.fullmatch(selected) else 0,
                line=self.line,
            )
        raise self.bad("the file ends where the section VOTES should begin; it may have been cut short.")

    def _read_votes(self, lines: Iterator[str], vote_type: str) -> None:
        columns = self._header(lines, "voter_id", "vote", *(["points"] if vote_type in {"cumulative", "scoring"} else []))
        expected = self._stated("num_votes")
        voters: set[str] = set()
        for line in lines:
            row = self._row(line, columns)
            voter = row["voter_id"]
            if not voter:
                raise self.bad("a vote needs a voter_id.")
            if voter in voters:
                raise self.bad(f"voter {voter[:40]} stands here a second time.")
            if len(self.ballots) >= min(expected, MOST_VOTES):
                raise self.bad(f"META says {expected} votes, and here is one more.")
            voters.add(voter)
            self.ballots.append(PabulibBallot(voter, self._choices(row, vote_type)))

    def _choices(self, row: dict[str, str], vote_type: str) -> tuple[tuple[str, int], ...]:
        ids = [part.strip() for part in row["vote"].split(",")] if row["vote"] else []
        for ref in ids:
            if ref not in self.projects:
                raise self.bad(f"this vote names project “{ref[:40]}”, which is not in PROJECTS.")
        if len(set(ids)) != len(ids):
            raise self.bad("this vote names a project twice.")
        most = 1 if vote_type == "choose-1" else self._limit("max_length", len(self.projects))
        if len(ids) > most:
            raise self.bad(f"this vote names {len(ids)} projects and {most} are allowed.")
        match vote_type:
            case "approval" | "choose-1":
                return tuple((ref, 1) for ref in ids)
            case "ordinal":
                # Borda: on a ballot of at most three, the first gets 3 points, the second 2, the third 1.
                return tuple((ref, most - place) for place, ref in enumerate(ids))
            case "cumulative" | "scoring":
                return self._points(row, ids, vote_type)
            case _:
                raise AssertionError(vote_type)

    def _points(self, row: dict[str, str], ids: list[str], vote_type: str) -> tuple[tuple[str, int], ...]:
        points = [part.strip() for part in row["points"].split(",")] if row["points"] else []
        if len(points) != len(ids):
            raise self.bad(f"this vote names {len(ids)} projects and gives points to {len(points)}.")
        for part in points:
            if not _COUNT.fullmatch(part):
                raise self.bad(f"points are whole numbers from 0, and this vote gives “{part[:40]}”.")
        given = [int(part) for part in points]
        most = self._limit("max_sum_points", 10**12)
        if vote_type == "cumulative" and sum(given) > most:
            raise self.bad(f"this vote gives {sum(given)} points and {most} are allowed.")
        return tuple(zip(ids, given, strict=True))

    def _amount(self, text: str, what: str) -> Decimal:
        plain = re.sub(r"[\s\u00a0\u202f]", "", text)
        if _MINUS.match(plain):
            raise self.bad(f"{what} is negative.")
        if not _AMOUNT.fullmatch(plain):
            raise self.bad(f"{what} is “{text[:40]}”, which is not an amount such as 1250 or 1250.50.")
        return Decimal(plain.replace(",", "."))

    def _stated(self, key: str) -> int:
        text = self.meta.get(key, "")
        if not _COUNT.fullmatch(text):
            raise self.bad(f"META has to say {key} in whole numbers, and it says “{text[:40]}”.")
        return int(text)

    def _limit(self, key: str, otherwise: int) -> int:
        text = self.meta.get(key, "")
        return int(text) if _COUNT.fullmatch(text) else otherwise

    def _compare_counts(self) -> None:
        for key, there, what in (
            ("num_projects", len(self.projects), "projects"),
            ("num_votes", len(self.ballots), "votes"),
        ):
            stated = self._stated(key)
            if stated != there:
                raise self.bad(f"META says {stated} {what} and the file has {there}; it may have been cut short.")
        cast: dict[str, int] = {}
        for ballot in self.ballots:
            for ref, _ in ballot.choices:
                cast[ref] = cast.get(ref, 0) + 1
        for project in self.projects.values():
            if project.votes is not None and project.votes != cast.get(project.id, 0) and len(self.remarks) < MOST_REMARKS:
                self.remarks.append(
                    f"line {project.line}: the file says {project.votes} votes for project {project.id}, "
                    f"and its ballots hold {cast.get(project.id, 0)}."
                )


def _fields(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=";")) if '"' in line else line.split(";")
