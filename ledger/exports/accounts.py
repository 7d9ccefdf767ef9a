"""An account's path as a bookkeeper's tools name it, and back: one to one, under the five roots that such tools know.

| path | hledger | beancount |
|---|---|---|
| `source/marlmoor`, `staff/spade` | `equity:source:marlmoor` | `Equity:Source:Marlmoor` |
| `pot/glodbrook`, and all else that is still held | `assets:pot:glodbrook` | `Assets:Pot:Glodbrook` |
| `payee/green-spade` | `expenses:payee:green-spade` | `Expenses:Payee:Green-spade` |
| `returned/marlmoor` | `assets:returned:marlmoor` | `Assets:Returned:Marlmoor` |

A path is in lower case throughout, so a capital at the beginning of a part, which beancount asks for, is all that is added,
and lower case takes it away again.
"""

from ledger.accounts import AccountKind, BadAccount, parse

_ROOTS = dict.fromkeys(AccountKind, "assets") | {
    AccountKind.SOURCE: "equity",
    AccountKind.STAFF: "equity",
    AccountKind.PAYEE: "expenses",
}


def hledger_name(path: str) -> str:
    """pot/glodbrook → assets:pot:glodbrook. Raises BadAccount."""
    return ":".join((_ROOTS[parse(path)[0]], *path.split("/")))


def beancount_name(path: str) -> str:
    """pot/glodbrook → Assets:Pot:Glodbrook. Raises BadAccount."""
    return ":".join(part[0].upper() + part[1:] for part in hledger_name(path).split(":"))


def path_of(name: str) -> str:
    """The path that either tool's name stands for: Assets:Pot:Glodbrook → pot/glodbrook. Raises BadAccount."""
    path = "/".join(name.lower().split(":")[1:])
    if name not in {hledger_name(path), beancount_name(path)}:
        raise BadAccount(path=name)
    return path
