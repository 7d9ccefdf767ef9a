"""What a file says of its own ballots and they do not bear out. It changes no count, so it is told and not mended."""

from collections import Counter
from collections.abc import Sequence

from ledger.pabulib.election_file import PabulibBallot, PabulibProject, alike
from ledger.pabulib.lines import printable

MOST_REMARKS = 20


def remarks_on(projects: Sequence[PabulibProject], ballots: Sequence[PabulibBallot]) -> tuple[str, ...]:
    """A sentence with its line for every project whose `votes` or `score` column disagrees with the ballots."""
    votes: Counter[str] = Counter()
    points: Counter[str] = Counter()
    for choices, count in alike(ballots):
        for ref, given in choices:
            votes[ref] += count
            points[ref] += given * count
    remarks: list[str] = []
    for project in projects:
        for said, counted, what in (
            (project.votes, votes[project.id], "votes"),
            (project.score, points[project.id], "points"),
        ):
            if said is not None and said != counted:
                line, ref = project.line, printable(project.id)
                remarks.append(f"line {line}: the file says {said} {what} for project {ref}, and its ballots hold {counted}.")
    more = len(remarks) - MOST_REMARKS
    return tuple(remarks) if more <= 0 else (*remarks[:MOST_REMARKS], f"And {more} more like these.")
