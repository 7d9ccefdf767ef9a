"""Reads back what we print: each piece of text with where its foot stands, in millimetres from the top left."""

import io
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject, PdfReader

_POINTS = 72 / 25.4
_HEIGHT = 297.0


@dataclass(frozen=True)
class Piece:
    """A piece of text on a page."""

    words: str
    left: float
    top: float


def pages(written: bytes) -> list[PageObject]:
    """The pages of a PDF."""
    return list(PdfReader(io.BytesIO(written)).pages)


def words(written: bytes) -> str:
    """All that a PDF says, on one line."""
    return " ".join(" ".join(page.extract_text().split()) for page in pages(written))


def pieces(page: PageObject) -> list[Piece]:
    """Where each piece of text of a page stands."""
    found: list[Piece] = []

    def note(text: str, matrix: list[float], text_matrix: list[float], *_: Any) -> None:  # noqa: ANN401 - the library's own
        if text.strip():
            x, y = text_matrix[4] + matrix[4], text_matrix[5] + matrix[5]
            found.append(Piece(text.strip(), x / _POINTS, _HEIGHT - y / _POINTS))

    page.extract_text(visitor_text=note)
    return found
