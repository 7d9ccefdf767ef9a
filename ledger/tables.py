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
