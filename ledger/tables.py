"""Every table of the ledger, in one import, for whoever needs the whole picture: migrations and their test."""

from ledger.entries import Account, Balance, Entry, Flow, Head, Transfer
from ledger.narratives import Narrative
from ledger.people import Person
from ledger.places import Authority, District, Organisation, Partnership
from ledger.rounds.ballots import Ballot
from ledger.rounds.proposals import Outcome, Proposal, Round

TABLES = (
    Outcome,
    Account, Authority, Ballot, Balance, District, Entry, Flow, Head, Narrative, Organisation, Partnership, Person,
    Proposal, Round, Transfer,
)  # fmt: skip


def grants(role: str) -> tuple[str, ...]:
    """What the site's role may do: read and add everywhere, change only what is not the log, empty words that are erased."""
    return (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT UPDATE ON head, balance, flow, ballot, person, round, proposal TO {role}",
        f"GRANT UPDATE (salt, text, erasure) ON narrative TO {role}",
        f"GRANT DELETE ON balance, flow TO {role}",
    )
