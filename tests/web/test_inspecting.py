"""The inspecting client sees each fault that it is there to see."""

import pytest
from flask import Flask, Response
from html5lib.html5parser import ParseError

from app.access import anyone
from tests.web.inspecting import InspectingClient, Page, faults

SOUND = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Places – Commonpurse</title></head>
<body><main><h1>Places</h1>{part}</main></body></html>"""

FAULTS = [
    ("<h1>More</h1>", "2 × h1"),
    ("<h3>Deep</h3>", "h3 follows h1"),
    ('<p id="a"></p><p id="a"></p>', "2 × id “a”"),
    ('<p aria-labelledby="nobody"></p>', "points nowhere"),
    ('<a href="#nobody">Down</a>', "points nowhere"),
    ("<form></form>", "no action"),
    ('<form action="/x" method="post"></form>', "0 CSRF tokens"),
    ('<form action="/x"><input type="hidden" name="csrf_token" value="1"></form>', "into the address"),
    ('<form action="/x"><input name="amount"></form>', "no label"),
    ('<img src="/mark.svg">', "no alt"),
    ('<a href="/x"></a>', "no words"),
    ("<a>nowhere</a>", "goes nowhere"),
    ('<p style="color:red">x</p>', "inline style"),
    ("<svg><style>p{}</style></svg>", "inline style"),
    ('<p onclick="x()">x</p>', "event handler"),
    ("<script>x()</script>", "inline script"),
    ('<a href="JavaScript:x()">x</a>', "runs a script"),
    ('<img alt="" src="//cdn.example/x.png">', "another host"),
    ('<script src="https://cdn.example/x.js"></script>', "another host"),
    ("<table><tr><td>1</td></tr></table>", "no caption"),
    ("<table><caption>One</caption><tr><th>1</th></tr></table>", "no scope"),
]


def page(html: str) -> Page:
    return Page(Flask("inspected").response_class(html, mimetype="text/html"))  # type: ignore[arg-type]  # it has what is read


def test_a_sound_page_has_no_fault() -> None:
    form = '<form action="/x" method="post"><input type="hidden" name="csrf_token" value="1"></form>'
    data = '<script type="application/json">{"a": 1}</script>'
    assert faults(page(SOUND.format(part=form + data))) == []


@pytest.mark.parametrize(("part", "complaint"), FAULTS)
def test_a_fault_of_a_page_is_named(part: str, complaint: str) -> None:
    assert complaint in "; ".join(faults(page(SOUND.format(part=part))))


@pytest.mark.parametrize(
    ("sound", "spoilt", "complaint"),
    [
        (' lang="en"', "", "no language"),
        ("Places – Commonpurse", "Commonpurse – Places", "does not begin with the heading"),
        ("<main>", "<main></main><main>", "2 × main"),
    ],
)
def test_a_fault_of_a_pages_frame_is_named(sound: str, spoilt: str, complaint: str) -> None:
    assert complaint in "; ".join(faults(page(SOUND.format(part="").replace(sound, spoilt))))


@pytest.mark.parametrize(
    "part", ["<p><div></p>", "</section>", '<p class="a" class="b"></p>', "<p>a & b &nosuch; c</p>", "<b>"]
)
def test_a_page_that_a_browser_would_have_to_mend_is_refused(part: str) -> None:
    with pytest.raises(ParseError):
        page(SOUND.format(part=part))


def test_the_client_looks_at_every_page_it_opens(app: Flask, client: InspectingClient) -> None:
    @anyone
    def careless() -> Response:
        return Response(SOUND.format(part="<script>x()</script>"), mimetype="text/html")

    app.add_url_rule("/careless", view_func=careless)
    with pytest.raises(AssertionError, match="/careless: an inline script"):
        client.get("/careless")
