"""What a chart says, in words whose numbers add up."""

from sqlmodel import Session

from ledger.flows import Overview
from ledger.money import TIME, format_amount
from ledger.rounds.revealing import standing_as


def flow_title(view: Overview, authority: str) -> str:
    """The message of the flow chart: who gave how much to how many."""
    places = {link.source.key for link in view.links if link.source.sort == "partnership"}
    many = f"{len(places)} neighbourhood partnerships" if len(places) != 1 else "one neighbourhood partnership"
    given = format_amount(view.devolved, view.resource)
    if not view.lent:
        return f"{authority} has handed {given} to {many}"
    return f"{authority} has handed {given} to {many}, and partner organisations lent {format_amount(view.lent, view.resource)}"


def flow_sentence(view: Overview) -> str:
    """Where all of it is now: the parts come to the whole that the title names."""

    def said(amount: int) -> str:
        return format_amount(amount, view.resource)

    verb = "worked" if view.resource == TIME else "paid"
    inside = [f"{said(view.delivered)} of it {verb}"]
    if view.given_back:
        inside.append(f"{said(view.given_back)} given back because it was not needed")
    parts = [f"{said(view.awarded)} is allocated to projects that people voted for ({', '.join(inside)})"]
    if view.purses:
        parts.append(f"{said(view.purses)} is in the purses of community connectors")
    if view.taken_back:
        parts.append(f"{said(view.taken_back)} was taken back by the authority")
    if view.set_aside:
        parts.append(f"{said(view.set_aside)} is set aside for risks that are shared")
    parts.append(f"{said(view.unallocated)} is not yet allocated")
    return f"Of this, {', '.join(parts[:-1])}, and {parts[-1]}."


def votes_sentence(session: Session, round_ref: str, *, sealed: int) -> str:
    """How many of the ballots that are sealed in the log were counted, and what became of the others."""
    superseded, blank = (standing_as(session, round_ref, standing) for standing in ("superseded", "blank"))
    others = [
        *([f"{superseded:,} cast online gave way to paper"] if superseded else []),
        *([f"{blank:,} named nothing"] if blank else []),
    ]
    said = "; ".join([f"{sealed - superseded - blank:,} ballots were counted", *others])
    return f"{said}. The bars show how many named each proposal."
