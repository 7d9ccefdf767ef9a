"""What a site says its accounts hold, as `/log/balances` gives it: how many entries it speaks of, their root, every balance."""

from collections.abc import Mapping

from msgspec import Struct, json

from ledger.errors import CheckFailed


class SaidNothing(CheckFailed):
    """What the site says of its balances cannot be read: {problem}. Fetch it again, whole; nothing was changed."""


class Said(Struct, frozen=True):
    """The balances of the first `size` entries: account → resource → pence or minutes."""

    size: int
    root: str
    balances: dict[str, dict[str, int]]

    @classmethod
    def parse(cls, written: bytes) -> "Said":
        """What is written so. Raises SaidNothing."""
        try:
            found = _READER.decode(written)
        except ValueError as fault:
            raise SaidNothing(problem=str(fault).rstrip(".")) from fault
        if found.size < 0:
            raise SaidNothing(problem=f"it is of {found.size} entries")
        return found

    def first_difference(self, derived: Mapping[tuple[str, str], int]) -> str | None:
        """The first balance that the entries do not come to, in words; none when all are right. Not named is nothing held."""
        named = {(account, resource): held for account, each in self.balances.items() for resource, held in each.items()}
        for account, resource in sorted(named.keys() | derived.keys()):
            told, held = named.get((account, resource), 0), derived.get((account, resource), 0)
            if told != held:
                return f"the site says that {account} holds {told:,} {resource}, and its {self.size:,} entries come to {held:,}"
        return None


_READER = json.Decoder(Said)
