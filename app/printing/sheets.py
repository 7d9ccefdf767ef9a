"""A4 sheets: fonts that are embedded, lengths in millimetres from the top left, lines that wrap, pages that follow.

No markup is read: what people wrote is drawn letter by letter, so nothing in it is fetched or executed. The same content always
gives the same bytes. The files name their language and title; they carry no tags, so a page of the site says the same.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD, FIXED = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono-Bold"
WIDTH, HEIGHT = 210.0, 297.0  # mm
MARGIN = 20.0
_NOT_THERE = "\N{WHITE SQUARE}"
_FONTS = Path(__file__).parent / "fonts"
_LEADING = 1.32  # of the size of the letters


def _load() -> None:
    for name in (PLAIN, BOLD, FIXED):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))


def composed(text: str) -> str:
    """The text with each accent on its letter, on one line."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def missing(text: str) -> str:
    """The letters of a text that our fonts do not have, each once."""
    _load()
    font = pdfmetrics.getFont(PLAIN)
    if not isinstance(font, TTFont):
        raise AssertionError("our fonts are TrueType")  # noqa: TRY004 - a broken invariant, not a type
    known = font.face.charToGlyph
    return "".join(dict.fromkeys(letter for letter in composed(text) if ord(letter) not in known))


def printable(text: str) -> str:
    """The text with a square in the place of each letter that our fonts do not have."""
    gone = missing(text)
    return "".join(_NOT_THERE if letter in gone else letter for letter in composed(text))


class Sheets:
    """A document that grows downwards. `top` is where the next line begins, in millimetres from the upper edge."""

    def __init__(self, out: BinaryIO, *, title: str, size: float = 10.5, foot: str = "") -> None:
        """Letters of `size` points; `foot` stands below every page."""
        _load()
        self.canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="en-GB")
        self.canvas.setTitle(printable(title))
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.size, self.foot, self.top, self.pages = size, printable(foot), MARGIN, 1

    def text(
        self, words: str, *, font: str = PLAIN, size: float | None = None, left: float = MARGIN, after: float = 2.0
    ) -> None:
        """A paragraph from `left` to the right margin; what does not fit goes on on the next page."""
        size = size or self.size
        for line in self.lines(words, font=font, size=size, width=WIDTH - MARGIN - left):
            self.room(self.leading(size))
            self.at(line, left, self.top + size / mm, font=font, size=size)
            self.top += self.leading(size)
        self.top += after

    def points(self, sentences: Iterable[str]) -> None:
        """A list with bullets."""
        for sentence in sentences:
            self.room(self.leading(self.size))
            self.at("•", MARGIN, self.top + self.size / mm)
            self.text(sentence, left=MARGIN + 5, after=1)
        self.top += 1

    def lines(self, words: str, *, font: str, size: float, width: float) -> list[str]:
        """The words as lines of this width."""
        return simpleSplit(printable(words), font, size, width * mm) or [""]

    def at(self, words: str, left: float, top: float, *, font: str = PLAIN, size: float | None = None) -> None:
        """One line, its foot at `top`."""
        self.canvas.setFont(font, size or self.size)
        self.canvas.drawString(left * mm, (HEIGHT - top) * mm, printable(words))

    def box(self, left: float, top: float, width: float, height: float) -> None:
        """An empty frame."""
        self.canvas.rect(left * mm, (HEIGHT - top - height) * mm, width * mm, height * mm)

    def rule(self, top: float, *, left: float = MARGIN, right: float = WIDTH - MARGIN, dashed: bool = False) -> None:
        """A line across."""
        self.canvas.saveState()
        if dashed:
            self.canvas.setDash(4, 3)
        self.canvas.line(left * mm, (HEIGHT - top) * mm, right * mm, (HEIGHT - top) * mm)
        self.canvas.restoreState()

    def cut(self, top: float) -> None:
        """A line to cut along, from edge to edge, with scissors at it."""
        self.rule(top, left=12, right=WIDTH, dashed=True)
        self.at("\N{BLACK SCISSORS}", 6, top + 1.4, size=13)

    def qr(self, address: str, left: float, top: float, side: float) -> None:
        """The address as a QR code, with the four quiet modules that readers need around it."""
        matrix = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
        module = side / len(matrix)
        path = self.canvas.beginPath()
        for row, line in enumerate(matrix):
            for column, dark in enumerate(line):
                if dark:
                    x, y = left + column * module, HEIGHT - top - (row + 1) * module
                    path.rect(x * mm, y * mm, module * mm, module * mm)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def leading(self, size: float) -> float:
        """From one line to the next, in millimetres."""
        return float(size * _LEADING / mm)

    def room(self, height: float) -> bool:
        """Go to the next page when this height does not fit on this one; whether it did."""
        if self.top + height <= HEIGHT - MARGIN:
            return False
        self.next_page()
        return True

    def next_page(self) -> None:
        """End this page and begin another one."""
        self._end_page()
        self.pages, self.top = self.pages + 1, MARGIN

    def save(self) -> None:
        """Write the file."""
        self._end_page()
        self.canvas.save()

    def _end_page(self) -> None:
        if self.foot:
            self.at(f"{self.foot} · page {self.pages}", MARGIN, HEIGHT - 10, size=9)
        self.canvas.showPage()
