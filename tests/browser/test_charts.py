"""Charts in a real browser, under the real Content-Security-Policy."""

import json
import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

DRAWN = "figure[data-chart=drawn]"
PICTURE = "[data-chart-picture]"


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_a_chart_is_drawn_and_its_table_waits_below(screen: str, site: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(screen)
    page.goto(site)
    chart = page.locator(DRAWN)
    expect(chart.locator("svg .sankey-node")).not_to_have_count(0)
    expect(chart.locator("table")).to_be_hidden()
    chart.get_by_text("The same numbers as a table").click()
    expect(chart.locator("table")).to_be_visible()


def test_a_phone_has_its_own_shape_of_the_chart_and_turning_it_redraws(site: str, phone: Page) -> None:
    phone.goto(site)
    expect(phone.locator(DRAWN)).to_be_visible()
    shapes = json.loads(phone.locator('figure script[type="application/json"]').text_content() or "")

    def height() -> float:
        box = phone.locator(f"{DRAWN} {PICTURE}").bounding_box()
        assert box is not None
        return box["height"]

    assert height() == shapes["narrow"]["layout"]["height"]
    phone.set_viewport_size({"width": 844, "height": 390})
    phone.wait_for_function(
        "wanted => document.querySelector('[data-chart-picture]').getBoundingClientRect().height === wanted",
        arg=shapes["wide"]["layout"]["height"],
    )


def test_no_word_of_a_chart_is_cut_off_at_the_edge_of_a_phone(site: str, phone: Page) -> None:
    phone.goto(site)
    expect(phone.locator(DRAWN)).to_be_visible()
    outside = phone.locator(f"{DRAWN} {PICTURE}").evaluate(
        """picture => {
            const frame = picture.getBoundingClientRect();
            return [...picture.querySelectorAll('text')].filter(text => text.textContent.trim()).filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1
                    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            }).map(text => text.textContent);
        }"""
    )
    assert outside == []


def test_the_picture_can_be_kept_as_png_and_as_svg(site: str, desk: Page, tmp_path: Path) -> None:
    desk.goto(site)
    for words, name in (("Download the chart (PNG)", "chart.png"), ("Download the chart (SVG)", "chart.svg")):
        with desk.expect_download() as download:
            desk.get_by_role("button", name=words).click()
        download.value.save_as(tmp_path / name)
    start = (tmp_path / "chart.png").read_bytes()[:24]
    assert start[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", start[16:24])[0] > 1000
    drawing = (tmp_path / "chart.svg").read_text()
    assert drawing.startswith("<svg")
    assert "sankey" in drawing


def test_without_scripts_the_sentence_and_the_table_serve_and_nothing_is_empty(site: str, scriptless: Page) -> None:
    scriptless.goto(site)
    expect(scriptless.locator("figure .cp-chart__sentence")).to_be_visible()
    expect(scriptless.locator("figure table")).to_be_visible()
    expect(scriptless.locator(f"figure {PICTURE}")).to_be_hidden()
    expect(scriptless.get_by_text("Download the chart (PNG)")).to_be_hidden()
    assert scriptless.locator("figure table tbody tr").count() > 5


def test_where_the_charts_script_does_not_come_the_table_is_shown(site: str, phone: Page) -> None:
    """As when a train goes into a tunnel between the page and its script."""
    phone.route(re.compile(r"/static/charts\.js"), lambda route: route.abort())
    phone.goto(site)
    expect(phone.locator("figure table")).to_be_visible()


def test_a_figure_that_cannot_be_drawn_leaves_its_table_open(site: str, phone: Page) -> None:
    def spoil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('{"wide":', '{"spoilt":').replace('"narrow":', '"spoilt":'))

    phone.route(f"{site}/", spoil)
    phone.add_init_script("console.error = () => undefined")  # the page says so there, rightly
    phone.goto(site)
    expect(phone.locator("figure[data-chart=failed] table")).to_be_visible()
    expect(phone.locator(PICTURE)).to_be_hidden()
