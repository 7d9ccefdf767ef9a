"""What the browser loads: kept for a year, compressed, from this site only, and with nothing in it that is not ours to use."""

import gzip
import json
import re

import pytest
from plotly.offline import get_plotlyjs_version

from app.static_files import FOLDER
from tests.house.tree import ROOT
from tests.web.inspecting import InspectingClient

FRONTEND = ROOT / "app/frontend"
ADDRESS = re.compile(rb"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*")
NAMESPACE = re.compile(rb"http://www\.w3\.org/(?:1999|2000|XML)")


def built(suffix: str) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(FOLDER.iterdir()) if path.suffix == suffix]


def test_a_page_asks_for_each_file_under_the_fingerprint_of_its_content(client: InspectingClient) -> None:
    page = client.page("/accessibility")
    asked = [part.get("href") or part.get("src") or "" for tag in ("link", "script", "img") for part in page.root.iter(tag)]
    assert len(asked) == 5
    for address in asked:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_without_its_fingerprint_a_file_is_asked_for_each_time(client: InspectingClient) -> None:
    for address in ("/static/site.css", "/static/site.css?v=000000000000"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")


def test_a_file_travels_compressed_where_the_browser_can_read_that(client: InspectingClient) -> None:
    plain = client.get("/static/charts.js")
    small = client.get("/static/charts.js", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert gzip.decompress(small.get_data()) == plain.get_data() == (FOLDER / "charts.js").read_bytes()
    assert len(small.get_data()) * 2 < len(plain.get_data())
    refused = client.get("/static/charts.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [("site.css", "text/css"), ("charts.js", "text/javascript"), ("mark.svg", "image/svg+xml"), ("licences.txt", "text/plain")],
)
def test_a_file_says_what_it_is(name: str, kind: str, client: InspectingClient) -> None:
    assert client.get(f"/static/{name}").mimetype == kind


@pytest.mark.parametrize("name", ["nothing.js", "../app/settings.py", "%2e%2e/settings.py", "..%2fsettings.py", ".", "a/b.css"])
def test_nothing_but_the_built_files_is_served(name: str, client: InspectingClient) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_nothing_built_names_another_host() -> None:
    """Names of XML namespaces look like addresses; nothing is ever loaded from them."""
    for name, content in built(".js") + built(".css") + built(".svg"):
        outside = [found for found in ADDRESS.findall(content) if not NAMESPACE.match(found)]
        assert outside == [], name


def test_the_styles_load_no_font_and_no_picture_and_bear_nothing_of_the_crowns() -> None:
    (_, styles), *more = built(".css")
    assert more == []
    assert b"url(" not in styles
    assert b"@import" not in styles
    assert b"@font-face" not in styles
    for word in (rb"transport", rb"crown", rb"crest", rb"gov\.uk", rb"govuk-header", rb"govuk-footer"):
        assert re.search(word, styles, re.IGNORECASE) is None, word


def test_the_rules_that_plotly_would_write_into_the_page_are_in_the_stylesheet_that_says_so(client: InspectingClient) -> None:
    (_, styles), *_ = built(".css")
    assert b".js-plotly-plot .plotly .main-svg{position:absolute" in styles
    sheets = [link for link in client.page("/accessibility").root.iter("link") if link.get("rel") == "stylesheet"]
    assert [(sheet.get("id"), sheet.get("class")) for sheet in sheets] == [("plotly.js-style-global", "no-inline-styles")]


def test_the_browsers_plotly_is_the_one_that_the_figures_are_made_for() -> None:
    wanted = json.loads((FRONTEND / "package.json").read_text())["devDependencies"]
    assert wanted["plotly.js"] == get_plotlyjs_version()
    assert f'"{wanted["plotly.js"]}"'.encode() in (FOLDER / "charts.js").read_bytes()
    assert f'"{wanted["govuk-frontend"]}"'.encode() in (FOLDER / "site.css").read_bytes()


def test_the_charts_are_told_to_send_nothing_anywhere() -> None:
    script = (FOLDER / "charts.js").read_text()
    for setting in ("showSendToCloud:!1", 'plotlyServerURL:""', "displaylogo:!1", "displayModeBar:!1"):
        assert setting in script, setting


def test_the_lock_of_what_it_is_built_from_holds_versions_and_hashes_and_no_address_of_a_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert len(packages) > 50
    for name, facts in packages.items():
        assert facts["integrity"].startswith("sha512-"), name
        assert "resolved" not in facts, name
    direct = lock["packages"][""]["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in direct.values())


def test_the_licence_of_everything_built_in_comes_with_it() -> None:
    text = (FOLDER / "licences.txt").read_text()
    for name in ("govuk-frontend", "plotly.js", "@plotly/d3", "@plotly/d3-sankey"):
        assert re.search(rf"^{re.escape(name)} \d+\.\d+", text, re.MULTILINE), name
    assert "Crown Copyright (Government Digital Service)" in text
    titles = re.findall(r"^\S+ \d+\.\d+\.\d+ \((.+)\)$", text, re.MULTILINE)
    assert set(titles) <= {"MIT", "ISC", "BSD-3-Clause", "Zlib"}
