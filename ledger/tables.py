"""Every table of the ledger, in one import, for whoever needs the whole picture: migrations and their test."""

from ledger.checkpoints import Checkpoint, Cosignature, Ending
from ledger.credentials.attempts import Attempt
from ledger.credentials.challenges import Challenge
from ledger.credentials.codes import Authenticator, Recovery
from ledger.credentials.held import TABLES as TO_SIGN_IN
from ledger.credentials.identities import Identity
from ledger.credentials.invitations import Invitation
from ledger.credentials.mailboxes import Link, Mailbox
from ledger.credentials.passkeys import Passkey
from ledger.credentials.visits import Barred, Visit
from ledger.entries import Account, Balance, Entry, Flow, Head, Promise, Total, Transfer
from ledger.narratives import Narrative
from ledger.people import Person
from ledger.pictures import Picture
from ledger.places import Authority, District, Organisation, Partnership
from ledger.rounds.ballots import Ballot
from ledger.rounds.ideas import TABLES as OF_IDEAS
from ledger.rounds.interests import Interest
from ledger.rounds.meetings import Attendance, Meeting
from ledger.rounds.paper import Batch, Copy, Ruling
from ledger.rounds.paper_audit import Comparison, Throw
from ledger.rounds.proposals import Outcome, Proposal, Round
from ledger.rounds.roll import Eligible, Keyring, Reissue, Slip, Spent, Stub, Tracker
from ledger.subject_requests import Request

TABLES = (
    Outcome,
    Account, Authority, Ballot, Balance, Checkpoint, Cosignature, District, Ending, Entry, Flow, Head, Narrative,
    Organisation, Partnership, Person, Picture, Promise, Proposal, Round, Total, Transfer,
    Attempt, Authenticator, Barred, Challenge, Identity, Invitation, Link, Mailbox, Passkey, Recovery, Request, Visit,
    Eligible, Keyring, Reissue, Slip, Spent, Tracker,
    *OF_IDEAS, Attendance, Interest, Meeting,
    Batch, Comparison, Copy, Ruling, Stub, Throw,
)  # fmt: skip


def grants(role: str, publisher: str | None = None) -> tuple[str, ...]:
    """What the site's role may do: read and add everywhere, change only what is not the log, empty words that are erased.

    Where a `publisher` signs under a role of its own, the site's role cannot add a checkpoint: only what witnesses sign.
    """
    given = (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT UPDATE ON head, balance, flow, total, promise, ballot, person, picture, round, proposal TO {role}",
        f"GRANT UPDATE (salt, text, erasure) ON narrative TO {role}",
        f"GRANT DELETE ON balance, flow, total, promise, picture TO {role}",
        f"GRANT UPDATE, DELETE ON {', '.join(TO_SIGN_IN)}, attempt, request TO {role}",
        f"GRANT UPDATE ON eligible, keyring, tracker TO {role}",
        f"GRANT UPDATE, DELETE ON idea, revision, author, backing, question, photo, interest, meeting, attendance TO {role}",
        f"GRANT DELETE ON eligible, slip, stub TO {role}",
    )
    if publisher is None:
        return given
    return (
        *given,
        f"REVOKE INSERT ON checkpoint, ending FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {publisher}",
        f"GRANT SELECT ON entry, head, checkpoint, cosignature, ending TO {publisher}",
        f"GRANT INSERT ON checkpoint TO {publisher}",
    )
