"""Accounts: a path that says what the account is, and a floor that no balance goes below.

| path | what it holds | floor |
|---|---|---|
| `source/<authority>` | where devolved money (and a reserve) comes from: its negative is all that was brought in | none |
| `source/<organisation>` | where an organisation’s reserves come from: its negative is all that it has set aside | none |
| `staff/<organisation>` | where seconded hours come from | none |
| `held/<authority>` | with the authority, not yet devolved | 0 |
| `pot/<partnership>` | devolved, not yet allocated | 0 |
| `connector/<partnership>` | the community connector's capped purse | 0 |
| `reserve/<agreement>/<organisation>` | set aside under a shared-risk agreement | 0 |
| `award/<project>` | allocated, not yet committed | 0 |
| `committed/<project>` | promised to a payee, not yet paid or worked | 0 |
| `payee/<payee>` | paid out, or worked | 0 |
| `returned/<authority>` | came back: clawback, underspend | 0 |
"""

import re
from enum import StrEnum
from functools import lru_cache

from ledger.errors import LedgerError

_PATH = re.compile(r"(?P<kind>[a-z]+)/(?P<owner>[a-z0-9][a-z0-9-]{0,79})(?:/(?P<party>[a-z0-9][a-z0-9-]{0,79}))?")
PATH_LENGTH = 180


class AccountKind(StrEnum):
    """The first part of an account's path."""

    SOURCE = "source"
    STAFF = "staff"
    HELD = "held"
    POT = "pot"
    CONNECTOR = "connector"
    RESERVE = "reserve"
    AWARD = "award"
    COMMITTED = "committed"
    PAYEE = "payee"
    RETURNED = "returned"


_KINDS = frozenset(kind.value for kind in AccountKind)
_PARSED = 65_536  # paths kept parsed: the same few are asked for again and again
BOTTOMLESS = frozenset({AccountKind.SOURCE, AccountKind.STAFF})


class BadAccount(LedgerError):
    """“{path}” is not the path of an account, such as pot/glodbrook. Nothing was recorded."""


@lru_cache(maxsize=_PARSED)
def parse(path: str) -> tuple[AccountKind, str]:
    """The kind and the owner that a path names. Raises BadAccount."""
    found = _PATH.fullmatch(path)
    if found is None or found["kind"] not in _KINDS:
        raise BadAccount(path=path)
    kind = AccountKind(found["kind"])
    if (found["party"] is not None) != (kind is AccountKind.RESERVE):
        raise BadAccount(path=path)
    return kind, found["owner"]


def account(kind: AccountKind, owner: str) -> str:
    """The path of an account: `account(AccountKind.POT, "glodbrook")` is “pot/glodbrook”. Raises BadAccount."""
    path = f"{kind}/{owner}"
    parse(path)
    return path


@lru_cache(maxsize=8_192)  # asked for each movement
def has_floor(path: str) -> bool:
    """Whether the account must not go below zero: every one but the sources of money and of hours."""
    return parse(path)[0] not in BOTTOMLESS
