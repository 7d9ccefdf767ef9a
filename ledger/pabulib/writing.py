"""Writing elections in the Pabulib `.pb` format: what is written is read back to the same projects and ballots."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain

from ledger.pabulib.election_file import PabulibBallot, PabulibFile, PabulibProject

_WITH_POINTS = {"cumulative", "scoring"}
_PARTS = frozenset(';"\r\n')


def written(file: PabulibFile) -> Iterator[str]:
    """The file line by line, each with its end: META as it was said with the counts as they are, PROJECTS, VOTES.

    A column that no project has anything in is left out.
    """
    counts = {"num_projects": str(len(file.projects)), "num_votes": str(len(file.ballots))}
    meta = {**file.meta, **counts, "budget": _amount(file.budget), "vote_type": file.vote_type}
    rows = chain(
        [["META"], ["key", "value"]],
        ([key, value] for key, value in meta.items()),
        [["PROJECTS"]],
        _projects(file.projects),
        [["VOTES"]],
        _votes(file.ballots, file.vote_type),
    )
    return (";".join(_field(value) for value in row) + "\n" for row in rows)


def _projects(projects: tuple[PabulibProject, ...]) -> Iterator[list[str]]:
    columns = {
        "votes": [_number(project.votes) for project in projects],
        "score": [_number(project.score) for project in projects],
        "name": [project.name for project in projects],
        "category": [project.category for project in projects],
        "selected": [str(project.selected) for project in projects],
    }
    if set(columns["selected"]) == {"0"}:
        del columns["selected"]
    kept = {name: values for name, values in columns.items() if any(values)}
    yield ["project_id", "cost", *kept]
    for place, project in enumerate(projects):
        yield [project.id, _amount(project.cost), *(values[place] for values in kept.values())]


def _votes(ballots: Iterable[PabulibBallot], vote_type: str) -> Iterator[list[str]]:
    with_points = vote_type in _WITH_POINTS
    yield ["voter_id", "vote", *(["points"] if with_points else [])]
    for ballot in ballots:
        choices = list(ballot.choices)
        if vote_type == "ordinal":
            choices.sort(key=lambda choice: -choice[1])  # a ranking is told by its order
        points = [",".join(str(points) for _, points in choices)] if with_points else []
        yield [ballot.voter, ",".join(ref for ref, _ in choices), *points]


def _field(value: str) -> str:
    """Quoted where it has to be; a line break becomes a space, as no reader keeps it."""
    plain = " ".join(value.splitlines()) if not value.isprintable() else value
    if _PARTS & set(plain) or plain != plain.strip():
        return '"' + plain.replace('"', '""') + '"'
    return plain


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _amount(amount: Decimal) -> str:
    """Without powers of ten, and without zeros that say nothing: 12.5, 1000."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
