"""Plotly figures for the page: made in Python, sent as JSON, drawn by our own bundle. One message each, a table beside it.

A figure is sent twice where a phone needs another shape: `wide`, and `narrow` for screens of 480 px and less.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go
import plotly.io as pio

PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25")  # at most four series; never text in the second or fourth
INK = "#15202b"
_GRID = "#dbe3e8"
_SHADES = {"#12436D": "18, 67, 109", "#28A197": "40, 161, 151", "#801650": "128, 22, 80", "#F46A25": "244, 106, 37"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
_LABEL_WIDE, _LABEL_NARROW = 36, 19  # characters before a label is cut with “…”; the hover and the table have it whole
_ROOM_WIDE, _ROOM_NARROW = 40, 56  # pixels of height for each stop of the fullest stage
_PAD_WIDE, _PAD_NARROW = 20, 34  # pixels between two stops of a stage, at least
_EDGE = 20  # pixels above and below
_SHORTEST = 280

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
    },
    # A pattern is drawn over its bar's colour. Plotly's own way, in place of it, leaves white lines on white.
    data={"bar": [{"marker": {"pattern": {"fillmode": "overlay", "fgcolor": "#ffffff", "size": 6}}}]},
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
    fullest = max(Counter(stop.stage for stop in stops).values(), default=1)
    height = max(_SHORTEST, fullest * (_ROOM_NARROW if phone else _ROOM_WIDE))
    positions = _positions(stops, streams, pad=(_PAD_NARROW if phone else _PAD_WIDE) / height, phone=phone)
    stops = sorted(stops, key=lambda stop: (stop.stage, positions[stop.id]))
    number = {stop.id: place for place, stop in enumerate(stops)}
    streams = sorted(streams, key=lambda stream: (number[stream.source], number[stream.target]))
    names = {stop.id: stop.name for stop in stops}
    colours = [PALETTE[min(stop.stage, 2)] for stop in stops]
    # On a phone there is no room beside the first stops: their names stand above the chart, in the order of the stops.
    heads = [stop for stop in stops if stop.stage == 0] if phone else []
    trace = go.Sankey(
        arrangement="fixed",
        node={
            "label": ["" if stop in heads else _label(stop, phone=phone) for stop in stops],
            "color": colours,
            "customdata": [f"{stop.name}: {stop.words}" for stop in stops],
            "hovertemplate": "%{customdata}<extra></extra>",
            "pad": _PAD_NARROW if phone else _PAD_WIDE,
            "thickness": 10 if phone else 16,
            "line": {"width": 0},
            "sort": "input",
            "x": [positions[stop.id][0] for stop in stops],
            "y": [positions[stop.id][1] for stop in stops],
        },
        link={
            "sort": "input",
            "source": [number[stream.source] for stream in streams],
            "target": [number[stream.target] for stream in streams],
            "value": [stream.amount for stream in streams],
            "color": [f"rgba({_SHADES[colours[number[stream.source]]]}, 0.22)" for stream in streams],
            "customdata": [f"{names[stream.source]} to {names[stream.target]}: {stream.words}" for stream in streams],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        textfont={"size": 12 if phone else 14, "color": INK},
    )
    figure = go.Figure(trace).update_layout(height=height + 2 * _EDGE, margin={"l": 2, "r": 2, "t": _EDGE, "b": _EDGE})
    if heads:
        lines = [line for head in heads for line in (_key(head) if len(heads) > 1 else (head.name, head.words))]
        figure.update_layout(height=height + (2 + len(lines)) * _EDGE, margin={"t": (1 + len(lines)) * _EDGE})
        figure.add_annotation(
            text="<br>".join(lines), x=0, y=1, yshift=4, xref="paper", yref="paper", font={"size": 13},
            xanchor="left", yanchor="bottom", align="left", showarrow=False,
        )  # fmt: skip
    return figure


def _key(head: Stop) -> tuple[str]:
    """One of several first stops, on one line above a phone's chart."""
    return (f"{shorten(head.name, _LABEL_WIDE)}: {head.words}",)


def _label(stop: Stop, *, phone: bool) -> str:
    if phone:
        words = stop.words.replace(" hours", " h").replace(" hour", " h").replace(" minutes", " min")  # the table says it whole
        return f"{shorten(stop.name, _LABEL_NARROW)}<br>{words}"
    return f"{shorten(stop.name, _LABEL_WIDE)}  {stop.words}"


def _positions(stops: Sequence[Stop], streams: Sequence[Stream], *, pad: float, phone: bool) -> dict[str, tuple[float, float]]:
    """Where the middle of each stop is, across and down, from 0 to 1.

    Plotly would place them itself, but not in the same order from one entry to the next. Here the first two stages keep the
    order they were given in; a later stage follows what it comes from, so that streams cross as little as can be.
    """
    through = {stop.id: max(_sum(streams, "source", stop.id), _sum(streams, "target", stop.id)) for stop in stops}
    stages = [[stop for stop in stops if stop.stage == stage] for stage in sorted({stop.stage for stop in stops})]
    scale = min(
        ((1 - pad * (len(stage) - 1)) / total for stage in stages if (total := sum(through[stop.id] for stop in stage))),
        default=1.0,
    )
    middle: dict[str, float] = {}
    for stage in stages:
        sizes = {stop.id: through[stop.id] * scale for stop in stage}
        gap = (1 - sum(sizes.values())) / (len(stage) if len(stage) > 1 else 2)
        top = gap / 2 if len(stage) > 1 else gap
        for stop in sorted(stage, key=lambda stop: _origin(stop, streams, middle)):
            middle[stop.id] = top + sizes[stop.id] / 2
            top += sizes[stop.id] + gap
    last = max((stop.stage for stop in stops), default=0) or 1
    # On a phone the second stage stands further left, so that its names and those of the third have room beside each other.
    across = {stop.id: 0.16 if phone and last > 1 and stop.stage == 1 else stop.stage / last for stop in stops}
    return {stop.id: (_within(across[stop.id], 0.015), _within(middle[stop.id], 0.001)) for stop in stops}


def _within(share: float, edge: float) -> float:
    return min(max(share, edge), 1 - edge)


def _sum(streams: Sequence[Stream], end: Literal["source", "target"], stop: str) -> int:
    return sum(stream.amount for stream in streams if getattr(stream, end) == stop)


def _origin(stop: Stop, streams: Sequence[Stream], middle: dict[str, float]) -> float:
    """What a stop is ordered by: the middle of where its resource comes from, and those fed from several places last."""
    if stop.stage < 2:  # noqa: PLR2004 - the first two stages keep the order they were given in
        return 0.0
    coming = [stream for stream in streams if stream.target == stop.id and stream.source in middle]
    total = sum(stream.amount for stream in coming)
    mean = sum(middle[stream.source] * stream.amount for stream in coming) / total if total else 0.0
    return round(mean, 6) + len({stream.source for stream in coming} if len(coming) > 1 else ())
