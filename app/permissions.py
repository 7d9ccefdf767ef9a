"""Who may do what, to which thing, in which state: the one place that says it.

A route names its permission (`app.access.may`), a page that shows or hides a link asks for one by the same name, and nothing
else looks at roles. The ledger asks its own rules again when something is recorded, so that a fault here records nothing.

    permission       in which role            over which thing                 while it stands
    “vote”           panel member, chair      a round of the place they sit at  open for votes

What is about another authority, where somebody holds nothing, is not there for them (404); what they may know of and not do
is refused (403). A thing in a wrong state is shown as it stands, and a form about it is refused (409).
"""

from dataclasses import dataclass
from enum import Enum, auto

from app.acting import Acting, Post
from ledger.kinds.prototyping import Standing
from ledger.kinds.risking import DECIDING
from ledger.kinds.signing import SIGNING
from ledger.people import Role
from ledger.records import Kind
from ledger.risk_register import RiskStage
from ledger.rounds.ballots import VOTING_ROLES
from ledger.rounds.declaring import DECLARING
from ledger.rounds.paper import KEYING
from ledger.rounds.shaping import WRITERS
from ledger.rounds.stages import BEFORE_THE_VOTE, SHAPED, TAKING_IDEAS, Stage


class Scope(Enum):
    """Over what somebody has to hold the role."""

    EVERYBODY = auto()  # no role, and nobody has to be signed in
    OWN = auto()  # no role: whoever is signed in, about themselves alone
    ANYWHERE = auto()  # at any place: the page shows what is theirs, place by place
    PLACE = auto()  # at the place of the thing, or for its whole authority
    AUTHORITY = auto()  # for the whole authority of the thing


class Answer(Enum):
    """What comes of asking for something."""

    YES = auto()
    WHO_ARE_YOU = auto()  # sign in first
    NOT_THERE = auto()  # of an authority where they hold nothing, or somebody else's own
    NOT_YOU = auto()  # they may know of it, and not do this
    NOT_NOW = auto()  # they may, and not in this state


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One thing to do, and in which roles (the first that is held is the one acted in), over what, in which states."""

    name: str
    scope: Scope
    roles: tuple[Role, ...] = ()
    records: Kind | None = None  # the kind of entry that comes of it
    keyed: str = "{}"  # the key under which that entry stands, made of the form's own
    states: frozenset[str] | None = None  # of the thing; none: in any


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What something is done to: whose it is, where it stands, and the object itself."""

    authority: str
    place: str | None = None
    state: str | None = None
    it: object = None


HELD = "held today"  # how a role stands that somebody has
CALLED, ENDED = "called", "ended, with its minutes published"  # how a meeting stands
WAITING = "waiting for an answer"  # how a request stands
VISIT, OWN = "visit", "look after one’s own"
_OFFICERS = (Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER)
_TABLE = (
    Permission(name=VISIT, scope=Scope.EVERYBODY),
    Permission(name=OWN, scope=Scope.OWN),
    Permission(name="open the panel’s desk", scope=Scope.ANYWHERE, roles=VOTING_ROLES),
    Permission(name="vote", scope=Scope.PLACE, roles=VOTING_ROLES, states=frozenset({Stage.VOTING})),
    Permission(
        name="close a round", scope=Scope.PLACE, roles=(Role.CHAIR,), records=Kind.RESULT, keyed="{}/result",
        states=frozenset({Stage.VOTING, Stage.VOTED}),
    ),
    Permission(name="open a round", scope=Scope.PLACE, roles=(Role.CHAIR,), records=Kind.ROUND),
    Permission(
        name="freeze the rules of a round", scope=Scope.PLACE, roles=(Role.CHAIR,), records=Kind.RULES_FROZEN,
        states=BEFORE_THE_VOTE,
    ),
    Permission(name="declare an interest", scope=Scope.PLACE, roles=VOTING_ROLES, states=DECLARING),
    Permission(name="call a meeting", scope=Scope.PLACE, roles=(Role.CHAIR,)),
    Permission(name="attend a meeting", scope=Scope.PLACE, roles=VOTING_ROLES, states=frozenset({CALLED})),
    Permission(name="end a meeting", scope=Scope.PLACE, roles=(Role.CHAIR,), states=frozenset({CALLED})),
    Permission(name="write an idea", scope=Scope.PLACE, roles=WRITERS, states=TAKING_IDEAS),
    Permission(name="open the connector’s desk", scope=Scope.ANYWHERE, roles=(Role.CONNECTOR,)),
    Permission(name="write for a resident", scope=Scope.PLACE, roles=(Role.CONNECTOR,), states=TAKING_IDEAS),
    Permission(name="merge ideas", scope=Scope.PLACE, roles=(Role.CONNECTOR,), states=SHAPED),
    Permission(name="comment on an idea", scope=Scope.PLACE, roles=_OFFICERS, states=SHAPED),
    Permission(name="open the finance desk", scope=Scope.ANYWHERE, roles=_OFFICERS),
    Permission(
        name="decide on a result", scope=Scope.PLACE, roles=_OFFICERS, records=Kind.RATIFICATION,
        states=frozenset({Stage.COUNTED}),
    ),
    Permission(name="open the clerks’ desk", scope=Scope.ANYWHERE, roles=KEYING),
    Permission(name="handle papers", scope=Scope.PLACE, roles=KEYING),
    Permission(name="open the partner desk", scope=Scope.ANYWHERE, roles=(Role.PARTNER_ORGANISATION,)),
    Permission(
        name="put a shared risk to partners", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,),
        records=Kind.RISK_AGREEMENT,
    ),
    Permission(
        name="sign a risk agreement", scope=Scope.PLACE, roles=(Role.AUTHORITY_LEADER, Role.PARTNER_ORGANISATION, Role.CHAIR),
        records=Kind.RISK_SIGNATURE, states=frozenset({RiskStage.PROPOSED}),
    ),
    Permission(
        name="set money aside for a shared risk", scope=Scope.PLACE,
        roles=(Role.AUTHORITY_LEADER, Role.PARTNER_ORGANISATION, Role.CHAIR), records=Kind.RISK_RESERVE,
    ),
    Permission(
        name="decide on a shared risk", scope=Scope.PLACE, roles=DECIDING, records=Kind.RISK_DECISION,
        states=frozenset({RiskStage.SIGNED, RiskStage.ACCEPTED, RiskStage.REFUSED}),
    ),
    Permission(
        name="call a loss", scope=Scope.PLACE, roles=_OFFICERS, records=Kind.RISK_CALL, states=frozenset({RiskStage.ACCEPTED}),
    ),
    Permission(
        name="share a gain", scope=Scope.PLACE, roles=_OFFICERS, records=Kind.RISK_GAIN, states=frozenset({RiskStage.ACCEPTED}),
    ),
    Permission(name="sign what names you", scope=Scope.PLACE, roles=tuple(Role(role) for role in Role if role in SIGNING),
               records=Kind.SIGNATURE),
    Permission(name="open the authority desk", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,)),
    Permission(name="devolve", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,), records=Kind.DEVOLUTION),
    Permission(name="agree terms of reference", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,), records=Kind.TERMS),
    Permission(
        name="override a decision", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,), records=Kind.OVERRIDE,
        states=frozenset({Stage.COUNTED, Stage.RATIFIED, Stage.DELIVERING, Stage.REFLECTED}),
    ),
    Permission(name="see who holds which role", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,)),
    Permission(name="appoint", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,), records=Kind.ROLE),
    Permission(
        name="see what people ask about their data", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,),
    ),
    Permission(
        name="answer what people ask about their data", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,), records=Kind.ERASURE,
        states=frozenset({WAITING}),
    ),
    Permission(name="invite people", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,)),
    Permission(name="show what a place looks like", scope=Scope.PLACE, roles=(Role.CHAIR,)),
    Permission(name="start a prototype", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,), records=Kind.PROTOTYPE),
    Permission(
        name="decide on a prototype", scope=Scope.PLACE, roles=(Role.CHAIR, Role.AUTHORITY_LEADER),
        records=Kind.PROTOTYPE_DECISION, states=frozenset({Standing.DUE}),
    ),
    Permission(name="decide on data sharing", scope=Scope.AUTHORITY, roles=(Role.AUTHORITY_LEADER,), records=Kind.DATA_SHARING),
    Permission(
        name="end a role", scope=Scope.AUTHORITY, roles=(Role.REGISTRAR,), records=Kind.ROLE, states=frozenset({HELD})
    ),
)  # fmt: skip
PERMISSIONS = {permission.name: permission for permission in _TABLE}


def answer(permission: Permission, person: Acting | None, thing: Thing | None) -> Answer:
    """Whether the person (none: a visitor) may do this to the thing; `thing` is none where the scope needs none."""
    if permission.scope is Scope.EVERYBODY:
        return Answer.YES
    if person is None:
        return Answer.WHO_ARE_YOU
    if permission.scope is Scope.OWN:
        return Answer.YES
    if thing is not None and all(post.authority != thing.authority for post in person.posts):
        return Answer.NOT_THERE
    if role_in(permission, person, thing) is None:
        return Answer.NOT_YOU
    wrong_state = permission.states is not None and (thing is None or thing.state not in permission.states)
    return Answer.NOT_NOW if wrong_state else Answer.YES


def role_in(permission: Permission, person: Acting, thing: Thing | None) -> Role | None:
    """The role in which the person does this to the thing, whatever its state; none when they hold no such role over it."""
    held = {post.role for post in person.posts if _reaches(permission.scope, post, thing)}
    return next((role for role in permission.roles if role in held), None)


def authorities_for(permission: Permission, person: Acting) -> list[str]:
    """Every authority for the whole of which the person may do this."""
    whole = dict.fromkeys(post.authority for post in person.posts if post.place is None)
    return [slug for slug in whole if role_in(permission, person, Thing(authority=slug)) is not None]


def _reaches(scope: Scope, post: Post, thing: Thing | None) -> bool:
    """Whether a post is held over the thing, as the scope asks for it."""
    match scope:
        case Scope.ANYWHERE:
            return True
        case Scope.PLACE:
            return thing is not None and post.authority == thing.authority and post.place in {None, thing.place}
        case Scope.AUTHORITY:
            return thing is not None and post.authority == thing.authority and post.place is None
        case _:
            return False
