"""Plotly figures for the page: made in Python, sent as JSON, drawn by our own bundle. One message each, a table beside it.

A figure is sent twice where a phone needs another shape: `wide`, and `narrow` for screens of 480 px and less.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25")  # at most four series; never text in the second or fourth
INK = "#15202b"
_GRID = "#dbe3e8"
_SHADES = {"#12436D": "18, 67, 109", "#28A197": "40, 161, 151", "#801650": "128, 22, 80", "#F46A25": "244, 106, 37"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
_LABEL_WIDE, _LABEL_NARROW = 36, 19  # characters before a label is cut with “…”; the hover and the table have it whole
_ROOM_WIDE, _ROOM_NARROW = 40, 56  # pixels of height for each stop of the fullest stage
_SHORTEST = 320

# Plotly's own default template is 7 kB in each figure; ours is this.
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": _FONT, "size": 15, "color": INK},
        "colorway": PALETTE,
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "dragmode": False,  # a finger that scrolls the page must not move the chart
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": INK, "font": {"size": 15, "color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"automargin": True, "fixedrange": True, "gridcolor": _GRID, "linecolor": INK, "zerolinecolor": INK},
        "yaxis": {"automargin": True, "fixedrange": True, "gridcolor": _GRID, "linecolor": INK, "zerolinecolor": INK},
    }
)
pio.templates.default = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with what stands around it: the title is the message, the sentence says it again for who cannot see it."""

    id: str
    title: str
    sentence: str
    figure: str  # JSON, from `figure_json`


@dataclass(frozen=True, slots=True)
class Stop:
    """One place that resource flows through: `stage` 0 is the left (or top) edge; `words` is its amount, as read."""

    id: str
    name: str
    words: str
    stage: int


@dataclass(frozen=True, slots=True)
class Stream:
    """What flows from one stop to another, in the resource's smallest unit; `words` is the amount as read."""

    source: str
    target: str
    amount: int
    words: str


def figure_json(figure: go.Figure, narrow: go.Figure | None = None) -> str:
    """The figure, and its shape for a phone where it has one, as JSON that is safe inside a page's data block."""
    shapes = {"wide": _plain(figure)} | ({"narrow": _plain(narrow)} if narrow is not None else {})
    written = json.dumps(shapes, separators=(",", ":"), ensure_ascii=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def flow_json(stops: Sequence[Stop], streams: Sequence[Stream]) -> str:
    """A Sankey chart of the streams between the stops, for the page: left to right, and top to bottom on a phone."""
    return figure_json(_sankey(stops, streams, phone=False), _sankey(stops, streams, phone=True))


def shorten(text: str, longest: int) -> str:
    """“Repairs to the community kitchen roof”, 22 → “Repairs to the commun…”."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _plain(figure: go.Figure) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(figure.update_layout(template=TEMPLATE).to_json())
    plain["layout"].setdefault("height", _SHORTEST)
    return {"data": plain["data"], "layout": plain["layout"]}


def _sankey(stops: Sequence[Stop], streams: Sequence[Stream], *, phone: bool) -> go.Figure:
    place = {stop.id: number for number, stop in enumerate(stops)}
    names = {stop.id: stop.name for stop in stops}
    colours = [PALETTE[min(stop.stage, 2)] for stop in stops]
    trace = go.Sankey(
        node={
            "label": [_label(stop, phone=phone) for stop in stops],
            "color": colours,
            "customdata": [f"{stop.name}: {stop.words}" for stop in stops],
            "hovertemplate": "%{customdata}<extra></extra>",
            "pad": 34 if phone else 20,
            "thickness": 10 if phone else 16,
            "line": {"width": 0},
        },
        link={
            "source": [place[stream.source] for stream in streams],
            "target": [place[stream.target] for stream in streams],
            "value": [stream.amount for stream in streams],
            "color": [f"rgba({_SHADES[colours[place[stream.source]]]}, 0.22)" for stream in streams],
            "customdata": [f"{names[stream.source]} to {names[stream.target]}: {stream.words}" for stream in streams],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        textfont={"size": 12 if phone else 14, "color": INK},
    )
    fullest = max((sum(other.stage == stop.stage for other in stops) for stop in stops), default=0)
    height = max(_SHORTEST, fullest * (_ROOM_NARROW if phone else _ROOM_WIDE))
    return go.Figure(trace).update_layout(height=height, margin={"l": 4, "r": 4, "t": 16, "b": 16})


def _label(stop: Stop, *, phone: bool) -> str:
    if phone:
        return f"{shorten(stop.name, _LABEL_NARROW)}<br>{stop.words}"
    return f"{shorten(stop.name, _LABEL_WIDE)}  {stop.words}"
