"""Which desks somebody has, by what they may do."""

from flask import url_for

from app.acting import Acting
from app.permissions import PERMISSIONS, Scope, authorities_for, role_in
from app.signatories import to_be_signed

_DESKS = (
    ("panel.desk", "Your panel", "open the panel’s desk"),
    ("connector.desk", "Connector’s desk", "open the connector’s desk"),
    ("finance.desk", "Finance desk", "open the finance desk"),
    ("clerk.desk", "Papers", "open the clerks’ desk"),
    ("partner.desk", "Partner desk", "open the partner desk"),
    ("authority.desk", "Authority desk", "open the authority desk"),
    ("roles.desk", "Roles", "see who holds which role"),
    ("registrar.invitations", "Invitations", "invite people"),
    ("requests.desk", "Requests", "see what people ask about their data"),
)


def desks_of(person: Acting | None) -> list[dict[str, str]]:
    """The desks of a person, each with its address and its name; none for a visitor."""
    if person is None:
        return []
    desks = [{"href": url_for(endpoint), "text": text} for endpoint, text, name in _DESKS if _has(person, name)]
    if to_be_signed(person):
        desks.append({"href": url_for("my_signatures.mine"), "text": "To sign"})
    return desks


def _has(person: Acting, name: str) -> bool:
    permission = PERMISSIONS[name]
    if permission.scope is Scope.ANYWHERE:
        return role_in(permission, person, None) is not None
    return bool(authorities_for(permission, person))
