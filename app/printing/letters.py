"""Letters with voting codes: one page for each resident, for an envelope DL with a window. Made offline, from names and codes.

The window of 90 × 35 mm shows, wherever in the envelope the folded page lies, the millimetres 57 to 81 from the top and 20 to
100 from the left. The address stands in there; whatever could show through the window around it stays white, and the code is
two folds away. The QR code is the address of the booth alone: a code in an address would stand in every server's log.

What all letters say is drawn once and referred to by each page, so a letter more is a few hundred bytes more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from reportlab.lib.units import mm

from app.formats import day
from app.printing.sheets import BOLD, FIXED, MARGIN, PLAIN, WIDTH, Sheets, composed, missing
from ledger.ballot.codes import NotACode, printed, read_code
from ledger.errors import LedgerError

WINDOW = (57.0, 81.0)  # mm from the top, always behind the window
WHITE = (46.0, 92.0)  # mm from the top, white but for the address
BESIDE = 115.0  # mm from the left, where the window cannot show
LEFT, RIGHT = 24.0, 100.0
MOST_LINES, MOST_SENDER = 6, 5
CODE = "code"  # the column of the code
_SIZE = 10.0
_STEP = 3.9  # mm from line to line of an address
_FOLDS = (99.0, 198.0)
_BOX, _CUT = 123.5, 258.0
_SMALL = 9.5
_FORM = "all"
_PAPER = "Ask for a ballot paper, or print it from the round’s page. Put it into an envelope with the strip below."
_PROMISES = (
    "The site knows no names. Who has which code stays with the registrar. Two keyholders open the ballots, after the close.",
    "Anybody can count all ballots again. Once the result is decided, what joined codes to ballots is deleted.",
    "Nothing protects you from somebody who watches you vote; then vote on paper.",
    "A receipt shows how you voted to whoever you give it to. This is not for statutory elections.",
)
_STRIP = (
    "Voting on paper? Cut here, and put this strip into the envelope beside the ballot. Write nothing on it.",
    "It is taken away before anybody looks at your choices.",
)


class LetterRefused(LedgerError):
    """Row {row} of the codes cannot be a letter: {problem} No file was written with it; the codes are as they were."""


class LetterTooLong(LedgerError):
    """The title, the sender or the contact is too long for one page. Say it in fewer words; no file was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every letter of a round says."""

    title: str
    booth: str  # the address at which the round is voted on
    opens_on: date
    closes_on: date
    sender: str
    contact: str  # a telephone number or a place, for questions, large print and lost letters


@dataclass(frozen=True, slots=True)
class Letter:
    """To whom, line by line, and their code."""

    lines: tuple[str, ...]
    code: str


def letters_in(rows: Iterable[Mapping[str, str]]) -> Iterator[Letter]:
    """The letter of each row: its columns in their order are the address, but for the one with the code.

    Raises LetterRefused, which names the row as a spreadsheet counts it.
    """
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise LetterRefused(row=number, problem="it has more or fewer columns than the heading.")
        try:
            code = read_code(row.get(CODE, ""))
        except NotACode as fault:
            raise LetterRefused(row=number, problem="it has no voting code.") from fault
        if code in seen:
            raise LetterRefused(row=number, problem="its code stands in an earlier row already.")
        seen.add(code)
        lines = tuple(line for name, value in row.items() if name != CODE and (line := composed(value)))
        _fits(number, lines)
        yield Letter(lines, code)


def _fits(number: int, lines: tuple[str, ...]) -> None:
    if not lines or len(lines) > MOST_LINES:
        raise LetterRefused(row=number, problem=f"an address has one to {MOST_LINES} lines, and this one has {len(lines)}.")
    for line in lines:
        if gone := missing(line):
            raise LetterRefused(row=number, problem=f"our letters cannot print “{gone}”.")


def write_letters(out: BinaryIO, about: About, letters: Iterable[Letter]) -> int:
    """Write the letters as one PDF; how many."""
    sheets = Sheets(out, title=f"Letters: {about.title}")
    sheets.canvas.beginForm(_FORM)
    _what_all_say(sheets, about)
    sheets.canvas.endForm()
    many = 0
    for many, letter in enumerate(letters, start=1):
        if many > 1:
            sheets.next_page()
        sheets.canvas.doForm(_FORM)
        _one(sheets, letter)
    sheets.save()
    return many


def _one(sheets: Sheets, letter: Letter) -> None:
    """What is this resident's alone."""
    top = WINDOW[0] + _STEP
    for line in letter.lines:
        sheets.at(line, LEFT, top, size=_narrowed(sheets, line))
        top += _STEP
    shown = printed(letter.code).replace("-", "  ")
    half = len(shown) // 2
    sheets.at(shown[:half].strip(), MARGIN + 6, 134, font=FIXED, size=24)
    sheets.at(shown[half:].strip(), MARGIN + 6, 145, font=FIXED, size=24)
    sheets.at(printed(letter.code), MARGIN + 3, 276.7, font=FIXED, size=14)


def _narrowed(sheets: Sheets, line: str) -> float:
    """A size at which a long line still fits behind the window."""
    wide = sheets.canvas.stringWidth(line, PLAIN, _SIZE) / mm
    return float(min(_SIZE, _SIZE * (RIGHT - LEFT) / wide)) if wide else _SIZE


def _what_all_say(sheets: Sheets, about: About) -> None:
    sender = sheets.lines(about.sender, font=PLAIN, size=_SMALL, width=70)
    for place, line in enumerate(sender[:MOST_SENDER]):
        sheets.at(line, BESIDE + 5, 18 + place * 4.4, size=_SMALL)
    sheets.at(f"Vote from {day(about.opens_on)}", BESIDE + 5, 60, size=_SMALL)
    sheets.at(f"to {day(about.closes_on)}", BESIDE + 5, 64.5, size=_SMALL)
    for fold in _FOLDS:
        sheets.rule(fold, left=3, right=8)
    sheets.top = 103
    sheets.text(about.title, font=BOLD, size=14, after=1)
    sheets.text("You can help decide what is paid for. This is your voting code. Show it to nobody.", after=0)
    below = sheets.top
    sheets.box(MARGIN, _BOX, WIDTH - 2 * MARGIN, 26)
    sheets.qr(about.booth, WIDTH - MARGIN - 40, 153, 40)
    sheets.top = 153
    _narrow(sheets, "Vote online", font=BOLD, size=11.5)
    online = "or point a phone’s camera at the square. You need no account. Type your code, choose, look once more, and cast."
    _narrow(sheets, f"Go to {about.booth} {online} Keep the receipt. The first ballot cast with a code counts.")
    _narrow(sheets, "Vote on paper", font=BOLD, size=11.5)
    _narrow(sheets, f"{_PAPER} If you also voted online, the paper counts instead.")
    sheets.top = max(sheets.top, 200)
    sheets.text("What we promise, and what not", font=BOLD, size=11.5, after=0.5)
    for sentence in _PROMISES:
        sheets.text(sentence, size=_SMALL, after=0.6)
    sheets.text("Letter lost, code refused, or larger print needed? " + about.contact, font=BOLD, size=_SMALL, after=0)
    if below > _BOX or sheets.top > _CUT or sheets.pages > 1 or len(sender) > MOST_SENDER:
        raise LetterTooLong
    sheets.cut(_CUT)
    for place, line in enumerate((*_STRIP, about.title)):
        sheets.at(line, MARGIN, 262 + 3.6 * place, size=8)
    sheets.box(MARGIN, 271, WIDTH - 2 * MARGIN, 8)


def _narrow(sheets: Sheets, words: str, *, font: str = PLAIN, size: float = _SMALL) -> None:
    """A paragraph beside the QR code."""
    for line in sheets.lines(words, font=font, size=size, width=WIDTH - 2 * MARGIN - 44):
        sheets.at(line, MARGIN, sheets.top + size / mm, font=font, size=size)
        sheets.top += sheets.leading(size)
    sheets.top += 1.2
