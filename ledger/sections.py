"""Words under headings, kept as one text: so one digest stands for them, and one erasure takes them all away.

    Purpose: To visit people before winter.

    Safeguards: Three named readers.

A blank line parts two sections, and a section cannot hold one: so nobody's words can pass for a heading of another section.
"""

import re
from collections.abc import Iterable, Mapping

_BLANK_LINES = re.compile(r"\s*\n\s*")


def compose(parts: Mapping[str, str]) -> str:
    """One text of the parts by heading; empty parts are left out."""
    lines = ((heading, _BLANK_LINES.sub("\n", words.strip().replace("\r\n", "\n"))) for heading, words in parts.items())
    return "\n\n".join(f"{heading}: {words}" for heading, words in lines if words)


def parts_of(text: str, headings: Iterable[str]) -> dict[str, str]:
    """The parts of a composed text by heading, in the text's order."""
    known, found = set(headings), dict[str, str]()
    for block in text.split("\n\n"):
        heading, colon, words = block.partition(": ")
        if colon and heading in known and heading not in found:
            found[heading] = words
    return found
