"""Ballot papers and guides of a round, from what its frozen rules and its proposals say.

A ballot paper has two parts. The strip on top takes the voting code and is cut off before anybody looks further down; what is
below it, the choices, holds no number and no code. A guide says of each proposal what it would do and what it asks for, in
money and in hours of staff time. Both come in large print.
"""

from dataclasses import dataclass
from typing import BinaryIO

from app.formats import day
from app.printing.sheets import BOLD, MARGIN, WIDTH, Sheets
from ledger.ballot.codes import LETTERS
from ledger.money import format_minutes, format_money
from ledger.rounds.proposals import Proposal
from ledger.rounds.reading import RoundView

PLAIN_SIZE, LARGE_SIZE = 10.5, 18.0
_GROUP = 4
_STRIP = 74.0  # mm: so much of the first page is cut off
_BOX = 5.0  # mm, the side of a box to tick
_RULES = {
    "approval": "Put a cross in the box of each proposal that you support{most}.",
    "choose-1": "Put a cross in the box of one proposal.",
    "cumulative": "Write points in the boxes; they may not come to more than the round allows.",
    "ordinal": "Write 1 in the box of the proposal that you want most, then 2, 3 and so on{most}.",
    "scoring": "Write a score in the box of each proposal{most}.",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """How something is printed."""

    large: bool = False

    @property
    def size(self) -> float:
        """The size of the letters, in points."""
        return LARGE_SIZE if self.large else PLAIN_SIZE


def write_ballot(out: BinaryIO, view: RoundView, printed: Printed) -> None:
    """The ballot paper of a round."""
    title = view.row.title
    sheets = Sheets(out, title=f"Ballot paper: {title}", size=printed.size, foot=f"Ballot paper: {title}")
    _strip(sheets, title)
    sheets.top = _STRIP + 6
    sheets.text(title, font=BOLD, size=printed.size + 3, after=1)
    sheets.text(instruction(view), after=1)
    sheets.text("Write nothing else on this part: no name, no code, no number.", after=3)
    for line in in_order(view):
        _choice(sheets, line, asked(view, line))
    sheets.top += 2
    until = f"by {day(view.row.closes_on)}"
    sheets.text(
        f"Fold this part, put it with the strip into an envelope, and hand it in as your letter says, {until}.", after=1
    )
    if sheets.pages > 1:
        sheets.text(f"This ballot has {sheets.pages} pages. Keep them together.", font=BOLD, after=0)
    sheets.save()


def _strip(sheets: Sheets, title: str) -> None:
    """The part for the code, and the line along which it is cut off."""
    sheets.top = 14
    head = sheets.lines(f"Code strip: {title}", font=BOLD, size=11.5, width=WIDTH - 2 * MARGIN)
    sheets.text(head[0], font=BOLD, size=11.5, after=1)
    for sentence in (
        "Write the 24 letters and numbers of your letter’s code here, or put the strip of your letter into the envelope.",
        "This strip is cut off before anybody looks at your choices.",
    ):
        sheets.text(sentence, size=PLAIN_SIZE, after=0.5)
    side, gap = 11.0, 4.0
    for place in range(LETTERS):
        row, column = divmod(place, LETTERS // 2)
        left = MARGIN + column * side + column // _GROUP * gap
        sheets.box(left, 40 + row * (side + 3), side, side)
    sheets.cut(_STRIP)


def _choice(sheets: Sheets, proposal: Proposal, ask: str) -> None:
    """A box, the proposal and what it asks for, kept together on one page."""
    size, left = sheets.size, MARGIN + _BOX * sheets.size / PLAIN_SIZE + 4
    words = f"{proposal.number}. {proposal.title}"
    wrapped = sheets.lines(words, font=BOLD, size=size, width=WIDTH - MARGIN - left)
    sheets.room((len(wrapped) + 1) * sheets.leading(size) + 3)
    side = _BOX * size / PLAIN_SIZE
    sheets.box(MARGIN, sheets.top, side, side)
    sheets.text(words, font=BOLD, left=left, after=0)
    sheets.text(ask, left=left, after=3)


def write_guide(out: BinaryIO, view: RoundView, printed: Printed) -> None:
    """The guide to a round's proposals."""
    title, size = view.row.title, printed.size
    sheets = Sheets(out, title=f"Guide: {title}", size=size, foot=f"Guide: {title}")
    sheets.text(title, font=BOLD, size=size + 6)
    if view.row.summary:
        sheets.text(view.row.summary)
    shared = [format_money(view.budget, view.currency)] + ([format_minutes(view.minutes)] if view.minutes else [])
    sheets.text(f"There is {' and '.join(shared)} to share out, and {len(view.lines)} proposals ask for some of it.")
    sheets.text(f"Votes are taken from {day(view.row.opens_on)} to {day(view.row.closes_on)}. {instruction(view)}", after=5)
    for proposal in in_order(view):
        sheets.room(4 * sheets.leading(size))
        sheets.text(f"{proposal.number}. {proposal.title}", font=BOLD, size=size + 1.5, after=1)
        sheets.text(asked(view, proposal), font=BOLD, after=1)
        for words in (
            proposal.summary,
            proposal.objections and f"Objection: {proposal.objections}",
            proposal.finance_comment and f"Finance comment: {proposal.finance_comment}",
        ):
            if words:
                sheets.text(words, after=1)
        sheets.top += 3
    sheets.room(8 * sheets.leading(size))
    sheets.text("Your vote is secret, and anybody can count", font=BOLD, size=size + 1.5, after=1)
    sheets.points(PROMISES)
    sheets.save()


PROMISES = (
    "The strip with your code is taken away before your paper is numbered.",
    "Two people copy each paper, apart from each other, and a third decides where they differ.",
    "A paper counts instead of what was cast online with the same code.",
    "Everybody can count all ballots again from the published files.",
    "A sample of the papers, drawn by dice thrown in public, is compared with what was recorded.",
    "Nothing protects you from somebody who watches you vote. This is not for statutory elections.",
)


def in_order(view: RoundView) -> list[Proposal]:
    """The proposals in the order of the ballot."""
    return sorted((line.proposal for line in view.lines), key=lambda proposal: proposal.number)


def asked(view: RoundView, proposal: Proposal) -> str:
    """“£4,000 and 12 hours of staff time”."""
    hours = f" and {format_minutes(proposal.minutes)} of staff time" if proposal.minutes else ""
    return format_money(proposal.cost, view.currency) + hours


def instruction(view: RoundView) -> str:
    """How to fill in the ballot, by the round's frozen rules."""
    most = view.rules.most_choices
    return _RULES[view.rules.ballot].format(most=f", at most {most}" if most else "")
