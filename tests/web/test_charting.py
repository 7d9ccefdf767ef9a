"""Figures for the page: small, safe inside it, and of a shape that fits a phone."""

import json
import re
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charting import PALETTE, Stop, Stream, figure_json, flow_json, shorten

STOPS = [
    Stop("a", "Marlmoor Combined Authority", "£100", 0),
    Stop("glodbrook", "Glodbrook", "£60", 1),
    Stop("tarn", "Tarn Lane", "£40", 1),
    Stop("kitchen", "Repairs to the community kitchen and its roof", "£40", 2),
    Stop("rest", "Not yet allocated", "£50", 2),
    Stop("bus", "Night bus", "£10", 2),
]
STREAMS = [
    Stream("a", "glodbrook", 60, "£60"),
    Stream("a", "tarn", 40, "£40"),
    Stream("tarn", "kitchen", 40, "£40"),
    Stream("glodbrook", "rest", 50, "£50"),
    Stream("glodbrook", "bus", 10, "£10"),
]


def drawn(shape: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The chart's trace, its layout, and what stands at each node by name."""
    figure = json.loads(flow_json(STOPS, STREAMS))[shape]
    trace = figure["data"][0]
    node = trace["node"]
    keys = [key for key in node if isinstance(node[key], list)]
    nodes = {words.split(":")[0]: {key: node[key][place] for key in keys} for place, words in enumerate(node["customdata"])}
    return trace, figure["layout"], nodes


@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_each_stream_keeps_its_amount_and_its_words(shape: str) -> None:
    trace, _, _ = drawn(shape)
    labels, link = [words.split(":")[0] for words in trace["node"]["customdata"]], trace["link"]
    found = {
        (labels[source], labels[target], amount, words)
        for source, target, amount, words in zip(link["source"], link["target"], link["value"], link["customdata"], strict=True)
    }
    names = {stop.id: stop.name for stop in STOPS}
    assert found == {
        (
            names[stream.source],
            names[stream.target],
            stream.amount,
            f"{names[stream.source]} to {names[stream.target]}: {stream.words}",
        )
        for stream in STREAMS
    }


@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_a_stage_follows_what_it_comes_from_so_that_streams_do_not_cross(shape: str) -> None:
    """Tarn Lane stands below Glodbrook, so its kitchen stands below Glodbrook's bus."""
    _, _, nodes = drawn(shape)
    assert nodes["Glodbrook"]["y"] < nodes["Tarn Lane"]["y"]
    assert max(nodes["Not yet allocated"]["y"], nodes["Night bus"]["y"]) < nodes[STOPS[3].name]["y"]
    assert nodes["Not yet allocated"]["y"] < nodes["Night bus"]["y"]  # as they were given


def test_a_phone_gets_two_short_lines_for_each_label_and_the_source_above_the_picture() -> None:
    _, layout, nodes = drawn("narrow")
    assert nodes[STOPS[3].name]["label"] == "Repairs to the com…<br>£40"
    assert nodes["Marlmoor Combined Authority"]["label"] == ""
    assert layout["annotations"][0]["text"] == "Marlmoor Combined Authority<br>£100"
    _, wide, nodes = drawn("wide")
    assert nodes["Marlmoor Combined Authority"]["label"] == "Marlmoor Combined Authority  £100"
    assert "annotations" not in wide


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30), st.lists(st.integers(1, 10**9), max_size=30))
def test_the_stops_of_a_stage_never_stand_on_each_other(first: list[int], second: list[int]) -> None:
    stops = [Stop("a", "Authority", "", 0)]
    streams = []
    for place, amount in enumerate(first):
        stops.append(Stop(f"p{place}", f"Place {place}", "", 1))
        streams.append(Stream("a", f"p{place}", amount, ""))
    for place, amount in enumerate(second):
        stops.append(Stop(f"q{place}", f"Project {place}", "", 2))
        streams.append(Stream(f"p{place % len(first)}", f"q{place}", amount, ""))
    for shape in json.loads(flow_json(stops, streams)).values():
        node = shape["data"][0]["node"]
        columns: dict[float, list[float]] = {}
        for across, down in zip(node["x"], node["y"], strict=True):
            assert 0 < across < 1
            assert 0 < down < 1
            columns.setdefault(across, []).append(down)
        assert all(upper < lower for column in columns.values() for upper, lower in pairwise(column))


def test_a_flow_of_nothing_can_still_be_drawn() -> None:
    assert json.loads(flow_json([], []))["wide"]["data"][0]["link"]["value"] == []


def test_a_figure_cannot_break_out_of_its_place_in_the_page() -> None:
    written = figure_json(go.Figure(go.Bar(x=[1], y=["</script><script>alert(1)</script> & <!--"])))
    assert re.search(r"[<>&]", written) is None
    assert json.loads(written)["wide"]["data"][0]["y"] == ["</script><script>alert(1)</script> & <!--"]


def test_a_figure_is_sent_with_our_template_and_not_with_plotlys_seven_kilobytes() -> None:
    written = figure_json(go.Figure(go.Bar(x=[1], y=[2])))
    assert len(written) < 2_000
    layout = json.loads(written)["wide"]["layout"]
    assert layout["template"]["layout"]["colorway"] == list(PALETTE)
    assert layout["height"] > 0


def test_a_bar_with_a_pattern_keeps_its_colour_below_it() -> None:
    sent = json.loads(figure_json(go.Figure(go.Bar(x=[1], y=[2], marker={"pattern": {"shape": "/"}}))))["wide"]
    [bar] = sent["layout"]["template"]["data"]["bar"]
    assert bar["marker"]["pattern"]["fillmode"] == "overlay"


def test_a_figure_has_a_phones_shape_only_where_it_was_given_one() -> None:
    one = go.Figure(go.Bar(x=[1], y=[2]))
    assert set(json.loads(figure_json(one))) == {"wide"}
    assert set(json.loads(figure_json(one, one))) == {"wide", "narrow"}


def test_a_long_name_is_cut_and_says_so() -> None:
    assert shorten("Repairs to the community kitchen roof", 22) == "Repairs to the commun…"
    assert shorten("Night bus", 22) == "Night bus"
    assert shorten("Night bus pilot", 11) == "Night bus…"
