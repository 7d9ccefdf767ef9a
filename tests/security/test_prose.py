"""What people write is shown with its emphasis, lists and links; nothing in it can act, load or reach further."""

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.prose import prose

ALLOWED = {
    "p": {"class"}, "br": set(), "strong": set(), "em": set(), "li": set(), "blockquote": {"class"},
    "ul": {"class"}, "ol": {"class", "start"}, "a": {"class", "href", "rel"},
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<b onclick=alert(1)>x</b>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "[x]: javascript:alert(1)\n[x]",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x](//evil.example)",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "**<script>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</p></main><script>alert(1)</script>",
    "<!-- --><script>",
    "<![CDATA[<script>]]>",
    "<math><mtext><table><mglyph><style><img>",
    "# A heading\n\n---\n\n| a |\n|---|\n| b |",
    "    <script>\n",
    "```html\n<script>\n```",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x1b[31m\u202e",
]
PIECES = [*HOSTILE, "*", "_", "[", "](", ")", "<", ">", "\n", "\n\n", "> ", "- ", "1. ", "&", '"']


def parsed(text: str) -> Element:
    whole: Element = html5lib.parseFragment(f"<div>{prose(text)}</div>", namespaceHTMLElements=False)
    return whole


def complaints(text: str) -> list[str]:
    """Every element, attribute and link in what is shown that nobody allowed."""
    found = []
    for part in next(iter(parsed(text))).iter():
        if part.tag == "div" and not part.attrib:
            continue
        if part.tag not in ALLOWED or set(part.attrib) - ALLOWED[part.tag]:
            found.append(f"{part.tag} {sorted(part.attrib)}")
        href = part.get("href")
        if href is not None and urlsplit(href).scheme not in {"https", "http", "mailto", ""}:
            found.append(href)
        if part.tag == "a" and "noopener" not in part.get("rel", ""):
            found.append("a link without rel")
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text: str) -> None:
    assert complaints(text) == []


@given(st.text(max_size=300))
@example("[x](javascript:alert(1))")
def test_whatever_is_written_is_shown_with_allowed_elements_alone(text: str) -> None:
    assert complaints(text) == []


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_pieces_of_attacks_put_together_are_no_attack(pieces: list[str]) -> None:
    assert complaints("".join(pieces)) == []


@given(st.text(alphabet="abcdefghij ÄŁé£’.,", min_size=1, max_size=200))
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    shown = "".join(parsed(text).itertext())
    assert shown.split() == text.split()


def test_emphasis_lists_quotations_and_links_are_shown() -> None:
    shown = prose("A **warm** *room*.\n\n- tea\n- heating\n\n1. one\n\n> said Bea\n\n[the plan](https://plan.example/a?b=1)")
    for part in (
        '<p class="govuk-body">A <strong>warm</strong> <em>room</em>.</p>',
        '<ul class="govuk-list govuk-list--bullet">',
        '<ol class="govuk-list govuk-list--number">',
        '<blockquote class="govuk-inset-text">',
        '<a href="https://plan.example/a?b=1" class="govuk-link" rel="nofollow noopener noreferrer">the plan</a>',
    ):
        assert part in shown


def test_a_heading_or_a_table_stays_as_it_was_typed() -> None:
    assert "# Not a heading" in prose("# Not a heading")
    assert "| a |" in prose("| a |\n|---|\n| b |")


def test_nothing_is_nothing() -> None:
    assert prose(None) == prose("") == ""
