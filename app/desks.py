"""Which desks somebody has, by the roles they hold."""

from flask import url_for

from app.acting import Acting
from ledger.people import Role
from ledger.rounds.ballots import VOTING_ROLES

_DESKS = (
    ("panel.desk", "Your panel", VOTING_ROLES),
    ("finance.desk", "Finance desk", (Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER)),
    ("authority.desk", "Authority desk", (Role.AUTHORITY_LEADER,)),
    ("registrar.invitations", "Invitations", (Role.REGISTRAR,)),
)


def desks_of(person: Acting | None) -> list[dict[str, str]]:
    """The desks of a person, each with its address and its name; none for a visitor."""
    if person is None:
        return []
    return [{"href": url_for(endpoint), "text": text} for endpoint, text, roles in _DESKS if person.holds(*roles)]
