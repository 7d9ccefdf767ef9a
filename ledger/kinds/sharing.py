"""Data sharing: what was asked for, the risk of sharing beside the risk of not sharing, and a decision that comes to an end.

Saying no is a decision too: it is refused here until somebody has weighed what it costs the people whose data it is. Saying yes
needs a lawful basis (UK GDPR, article 6), a condition for special categories (article 9) and safeguards. After its last day a
sharing is off; only a new decision, which names the one it renews, begins it again.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ledger.errors import LedgerError
from ledger.kinds.devolving import DatesOutOfOrder, PlaceElsewhere
from ledger.kinds.payload import Count, Digest, Exact, Payload, Slug, Text, no_movements
from ledger.records import Book, Draft, Kind
from ledger.roles import Role

FEWEST = 2  # parties: nobody shares with themselves
MOST = 5  # on the 5 × 5 scale
Level = Annotated[int, Field(strict=True, ge=1, le=MOST)]


class NeedNotAssessed(LedgerError):
    """A refusal needs the risk of not sharing weighed, and this leaves it out. Say what happens to people if the data is not
    shared; nothing was recorded.
    """


class RiskNotWeighed(LedgerError):
    """Sharing is decided by weighing both risks, and this leaves out the risk of {missing}. Weigh it; nothing was recorded."""


class SharingUnlawful(LedgerError):
    """This would share data without {missing}. Name it, or refuse with reasons; nothing was recorded."""


class PartiesUnclear(LedgerError):
    """{problem} Correct the parties; nothing was recorded."""


class NothingToRenew(LedgerError):
    """Entry {index} cannot be renewed here: {problem}. Leave it out, or name the right one; nothing was recorded."""


class PartyRole(StrEnum):
    """What a party is under data protection law."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    JOINT = "joint controller"


class Basis(StrEnum):
    """The lawful bases of article 6(1) of the UK GDPR."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal obligation"
    VITAL_INTERESTS = "vital interests"
    PUBLIC_TASK = "public task"
    LEGITIMATE_INTERESTS = "legitimate interests"


class Condition(StrEnum):
    """The conditions of article 9(2) of the UK GDPR on which special categories may be used."""

    EXPLICIT_CONSENT = "explicit consent"
    EMPLOYMENT = "employment, social security and social protection"
    VITAL_INTERESTS = "vital interests"
    NOT_FOR_PROFIT = "not-for-profit bodies"
    MADE_PUBLIC = "made public by the person"
    LEGAL_CLAIMS = "legal claims"
    SUBSTANTIAL_PUBLIC_INTEREST = "substantial public interest"
    CARE = "health or social care"
    PUBLIC_HEALTH = "public health"
    ARCHIVING = "archiving, research and statistics"


class Data(StrEnum):
    """Categories of personal data; the special ones are those of article 9(1)."""

    CONTACT = "contact details"
    HOUSEHOLD = "household and housing"
    MONEY = "money and benefits"
    SERVICES = "use of services"
    NEEDS = "needs and wishes"
    HEALTH = "health"
    ETHNICITY = "race or ethnic origin"
    BELIEF = "politics, religion, belief or trade union"
    BODY = "genetic or biometric data"
    INTIMATE = "sex life or sexual orientation"

    @property
    def special(self) -> bool:
        """Whether article 9 asks for a condition."""
        return self in _SPECIAL


_SPECIAL = frozenset({Data.HEALTH, Data.ETHNICITY, Data.BELIEF, Data.BODY, Data.INTIMATE})


class Safeguard(StrEnum):
    """What is done so that sharing harms nobody. How, in words, is kept beside the log."""

    LEAST = "only the least that is needed"
    NAMED_READERS = "named readers only"
    ENCRYPTED = "encrypted on its way and where it is kept"
    LOGGED = "every reading is logged"
    DELETED = "deleted on a set day"
    TOLD = "people are told, and may object"
    ASSESSED = "an impact assessment was made"


class Outcome(StrEnum):
    """Whether data is shared."""

    SHARE = "share"
    REFUSE = "refuse"


class Party(Exact):
    """Who takes part, by reference of an organisation or an authority, and as what."""

    organisation: Slug
    role: PartyRole


class Weight(Exact):
    """A risk on the 5 × 5 scale: how likely the harm is, and how grave."""

    likelihood: Level
    impact: Level

    @property
    def score(self) -> int:
        """1 to 25."""
        return self.likelihood * self.impact


class DataSharing(Payload):
    """A request to share data between parties, weighed in both directions and decided. Its words are kept beside the log."""

    kind = Kind.DATA_SHARING
    roles = frozenset({Role.AUTHORITY_LEADER})
    powers = frozenset({Kind.CONSTITUTION})

    title: Text
    parties: tuple[Party, ...]
    data: tuple[Data, ...]
    basis: Basis | None = None
    condition: Condition | None = None
    risk_of_sharing: Weight | None = None
    risk_of_not_sharing: Weight | None = None
    safeguards: tuple[Safeguard, ...] = ()
    outcome: Outcome
    review_on: date
    expires: date = Field(description="the last day on which data may be shared, or on which the refusal stands")
    renews: Count | None = Field(default=None, description="the earlier decision that this one takes the place of")
    reasons: Digest = Field(description="of request, purpose, both risks, safeguards and reasons in words")

    def check(self, draft: Draft, book: Book) -> None:
        """Both risks weighed, lawful where data is shared, between parties that are clear, with an end."""
        no_movements(draft)
        if draft.place is not None:
            for given in book.where(Kind.DEVOLUTION, place=draft.place):
                if given.authority != draft.authority:
                    raise PlaceElsewhere(place=draft.place, there=given.authority)
        self._weighed()
        if self.outcome is Outcome.SHARE:
            self._lawful()
        self._between()
        if not draft.effective_on < self.review_on <= self.expires:
            raise DatesOutOfOrder(problem="a sharing is decided, reviewed, and then ends, in this order")
        if self.renews is not None:
            _renewable(self.renews, draft, book)

    def _weighed(self) -> None:
        if self.risk_of_not_sharing is None:
            if self.outcome is Outcome.REFUSE:
                raise NeedNotAssessed
            raise RiskNotWeighed(missing="not sharing")
        if self.risk_of_sharing is None:
            raise RiskNotWeighed(missing="sharing")

    def _lawful(self) -> None:
        if self.basis is None:
            raise SharingUnlawful(missing="a lawful basis")
        if self.condition is None and any(each.special for each in self.data):
            raise SharingUnlawful(missing="a condition of article 9 for its special categories")
        if not self.safeguards:
            raise SharingUnlawful(missing="a safeguard")
        if not self.data:
            raise SharingUnlawful(missing="a category of data")

    def _between(self) -> None:
        organisations = {party.organisation for party in self.parties}
        if len(organisations) < FEWEST or len(organisations) != len(self.parties):
            raise PartiesUnclear(problem="Data is shared between at least two parties, each named once.")
        if all(party.role is PartyRole.PROCESSOR for party in self.parties):
            raise PartiesUnclear(problem="Somebody has to be the controller of the data.")


def _renewable(index: int, draft: Draft, book: Book) -> None:
    found = book.entry(index)
    if found is None or found.kind is not Kind.DATA_SHARING:
        raise NothingToRenew(index=index, problem="it decides on no data sharing")
    if (found.authority, found.place) != (draft.authority, draft.place):
        raise NothingToRenew(index=index, problem="it is another authority’s or another place’s")
    for later in book.where(Kind.DATA_SHARING, authority=draft.authority):
        if isinstance(later.payload, DataSharing) and later.payload.renews == index:
            raise NothingToRenew(index=index, problem=f"entry {later.index} has renewed it already")
