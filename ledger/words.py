"""What an entry says, as one plain sentence."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from sqlmodel import Session

from ledger.entries import entry_at
from ledger.kinds.authority import Change, Constitution, RoleChange
from ledger.kinds.awarding import Allocation, Commitment, Payment, Return, TimeWorked
from ledger.kinds.controlling import Freeze, PeriodClose, Reopen, Reversal, Unfreeze
from ledger.kinds.deciding import BallotsSealed, Counted, Ratification, RoundOpened, RulesFrozen
from ledger.kinds.devolving import Clawback, Devolution, Secondment, Terms
from ledger.kinds.erasing import Erasure, Removed
from ledger.kinds.overriding import Override
from ledger.kinds.payload import amounts
from ledger.kinds.prototyping import Prototype, PrototypeDecision, Reflection
from ledger.kinds.purse import HelpGiven, Virement
from ledger.kinds.risk_calls import RiskCall, RiskDecision, RiskGain
from ledger.kinds.risking import RiskAgreement, RiskReserve, RiskSignature
from ledger.kinds.sharing import DataSharing, Outcome
from ledger.kinds.signing import Signature
from ledger.money import TIME, format_amount
from ledger.names import Names, names_of
from ledger.records import Recorded


def moved(entry: Recorded) -> str:
    """“£12,400 and 310 hours”: what the entry's transfers come to, money before time."""
    totals = sorted(amounts(entry.movements).items(), key=lambda pair: (pair[0] == TIME, pair[0]))
    return " and ".join(format_amount(amount, resource) for resource, amount in totals)


def sentence(entry: Recorded, names: Names) -> str:
    """One sentence for an entry, whatever its kind."""
    said = _given(entry, names) or _decided(entry, names) or _delivered(entry, names) or _stopped(entry, names)
    said = said or _shared(entry, names) or _tried(entry, names) or _signed(entry, names)
    if said is None:
        raise AssertionError(f"no sentence for {entry.kind}")
    return said


def decisions_of(session: Session, indexes: Sequence[int]) -> list[tuple[Recorded, str]]:
    """The entries at these indexes, each with its sentence."""
    entries = [entry_at(session, index) for index in indexes]
    names = names_of(session, entries)
    return [(entry, sentence(entry, names)) for entry in entries]


def _given(entry: Recorded, names: Names) -> str | None:
    place = names.place(entry.place or "")
    match entry.payload:
        case Constitution(name=name, currency=currency):
            return f"{name} opened its books, in {currency}."
        case RoleChange(person=person, role=role, change=change, resident=resident):
            seat = ", in a resident’s seat" if resident else ""
            verb = "became" if change is Change.APPOINTED else "ceased to be"
            where = place if entry.place else names.authority(entry.authority)
            return f"{names.person(person)} {verb} {role.value} of {where}{seat}."
        case Devolution():
            return f"{names.authority(entry.authority)} devolved {moved(entry)} to {place}."
        case Secondment(organisation=organisation):
            return f"{names.organisation(organisation)} lent {moved(entry)} of its staff’s time to {place}."
        case Terms(version=version, sunset=sunset):
            return f"Terms of reference for {place}, version {version}, were agreed until {_day(sunset)}."
        case _:
            return None


def _decided(entry: Recorded, names: Names) -> str | None:
    match entry.payload:
        case RoundOpened(title=title):
            return f"The round “{title}” was opened."
        case RulesFrozen(round=ref, asks=asks):
            return f"The rules and {len(asks)} proposals of “{names.round(ref)}” were frozen."
        case BallotsSealed(round=ref, commitments=commitments):
            return f"{len(commitments):,} ballots of “{names.round(ref)}” were sealed."
        case Counted(round=ref, votes=votes, winners=winners):
            return f"“{names.round(ref)}” was counted: {votes:,} votes, {len(winners)} winning proposals."
        case Ratification(round=ref, outcome=outcome):
            return f"The result of “{names.round(ref)}” was {outcome}."
        case _:
            return None


def _delivered(entry: Recorded, names: Names) -> str | None:  # noqa: PLR0911 - one line for each kind of entry
    place = names.place(entry.place or "")
    match entry.payload:
        case Allocation(project=project):
            return f"“{names.project(project)}” was allocated {moved(entry)} from the pot of {place}."
        case Commitment(project=project, payee=payee):
            return f"“{names.project(project)}” promised {moved(entry)} to {names.organisation(payee)}."
        case Payment(project=project, payee=payee):
            return f"{names.organisation(payee)} was paid {moved(entry)} for “{names.project(project)}”."
        case TimeWorked(project=project, payee=payee):
            return f"Staff of {names.organisation(payee)} worked {moved(entry)} on “{names.project(project)}”."
        case Return(project=project):
            return f"“{names.project(project)}” gave {moved(entry)} back that it did not need."
        case Virement():
            return f"The community connector of {place} was given {moved(entry)} to spend on small help."
        case HelpGiven(payee=payee):
            return f"The community connector of {place} gave help: {moved(entry)} to {names.organisation(payee)}."
        case Clawback():
            return f"{names.authority(entry.authority)} took {moved(entry)} back from {place}."
        case _:
            return None


def _stopped(entry: Recorded, names: Names) -> str | None:  # noqa: PLR0911 - one line for each kind of entry
    place = names.place(entry.place or "")
    match entry.payload:
        case Freeze():
            return f"The pot of {place} was frozen."
        case Unfreeze():
            return f"The pot of {place} was released."
        case PeriodClose(through=through):
            return f"Everything up to {_day(through)} was closed."
        case Reopen():
            return "A closed period was opened again."
        case Reversal():
            return f"Entry {entry.mandate} was reversed: {moved(entry)} went back."
        case Override(round=ref, effect=effect):
            verb = "set the decision on" if effect == "set aside" else "replaced the decision on"
            return f"{names.authority(entry.authority)} {verb} “{names.round(ref)}”{' aside' if effect == 'set aside' else ''}."
        case Erasure() as erasure:
            return _erased(erasure, _day(entry.effective_on))
        case _:
            return None


def _shared(entry: Recorded, names: Names) -> str | None:
    risk = names.risk(entry.payload.subject() or "")
    match entry.payload:
        case RiskAgreement(shares=shares):
            return f"An agreement to share the risk “{risk}” was put to its {len(shares)} partners."
        case RiskSignature(party=party):
            aside = f", and set {moved(entry)} aside" if entry.movements else ""
            return f"{names.organisation(party)} signed the agreement on the risk “{risk}”{aside}."
        case RiskReserve(party=party, change=change):
            return f"{names.organisation(party)} {_RESERVED[change].format(moved(entry))} for the risk “{risk}”."
        case RiskDecision(outcome=outcome):
            return f"Need and risk were weighed, and the risk “{risk}” was {outcome}."
        case _:
            return _settled(entry, risk, names)


def _settled(entry: Recorded, risk: str, names: Names) -> str | None:
    match entry.payload:
        case RiskCall(payee=payee):
            parts = f"{len(entry.movements)} partner{'s' if len(entry.movements) != 1 else ''}"
            return f"The risk “{risk}” happened: {parts} paid {moved(entry)} to {names.organisation(payee)} as agreed."
        case RiskGain(holder=holder, gain=gain):
            whole = format_amount(gain, entry.movements[0].resource)
            return (
                f"The risk “{risk}” turned out well: of {whole}, {names.organisation(holder)} shared {moved(entry)} as agreed."
            )
        case _:
            return None


def _signed(entry: Recorded, names: Names) -> str | None:
    match entry.payload:
        case Signature(what=what):
            who, where = names.person(entry.actor.person), names.place(entry.place or "")
            return f"{who} signed the {what} of {where} in entry {entry.mandate}."
        case _:
            return None


def _tried(entry: Recorded, names: Names) -> str | None:
    place = names.place(entry.place or "")
    match entry.payload:
        case Prototype(title=title, adopted_from=start):
            adopted = "" if start is None else f", adopted from entry {start}"
            return f"The prototype “{title}” was started in {place}{adopted}."
        case Reflection(theme=theme):
            return f"What was learned from the prototype in entry {entry.mandate} was recorded under {theme.value}."
        case PrototypeDecision(choice=choice):
            return f"The prototype in entry {entry.mandate} was decided on: {choice.value}."
        case DataSharing(title=title, outcome=outcome, expires=expires):
            verb = "agreed" if outcome is Outcome.SHARE else "refused"
            return f"Data sharing for “{title}” was {verb} until {_day(expires)}."
        case _:
            return None


_RESERVED = {"set aside": "set {} more aside", "taken back": "took {} back that it had set aside"}


def _erased(erasure: Erasure, day: str) -> str:
    when = f"on {day} {erasure.reason.because}"
    match erasure.what:
        case Removed.PERSON:
            return f"A person’s name was erased {when}. Their entries stay, under a reference that means nothing by itself."
        case Removed.STORY:
            return f"A story was withdrawn {when}. Its text and salt are gone; the digest in entry {erasure.entry} stays."
        case Removed.CONDITIONS:
            return f"The conditions in entry {erasure.entry} were erased {when}. Text and salt are gone; the digest stays."
        case Removed.REASONS:
            return f"The reasons in entry {erasure.entry} were erased {when}. Text and salt are gone; the digest stays."


def _day(value: date) -> str:
    return format_date(value, "d MMMM yyyy", locale="en_GB")
