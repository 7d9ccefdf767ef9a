"""The public pages' charts: rows in, Plotly figures out. Nothing here asks the database."""

from collections import defaultdict

import plotly.graph_objects as go

from app.charting import PALETTE, Chart, Stop, Stream, figure_json, flow_json, shorten
from ledger.flows import Node, Overview, Position
from ledger.money import MINUTES_IN_AN_HOUR, TIME, decimals, format_amount
from ledger.rounds.reading import RoundView

_STAGES = {"authority": 0, "organisation": 0, "partnership": 1}
_LARGEST_SHOWN = 10  # projects drawn by name; the rest are drawn as one, and the table has them all
_BAR = 34  # pixels of height for each bar
_AROUND_BARS = 90


def flow_chart(view: Overview, *, title: str, sentence: str) -> Chart:
    """Where a resource went, from the authority through partnerships to projects: the largest by name, the rest as one."""
    amounts = _gathered(view)
    totals: dict[Node, int] = defaultdict(int)
    for (source, target), amount in amounts.items():
        if _STAGES.get(source.sort) == 0:
            totals[source] += amount
        totals[target] += amount
    stops = [
        Stop(_key(node), node.name, format_amount(total, view.resource), _STAGES.get(node.sort, 2))
        for node, total in sorted(totals.items(), key=lambda pair: (*_column(pair[0]), -pair[1]))
    ]
    streams = [
        Stream(_key(source), _key(target), amount, format_amount(amount, view.resource))
        for (source, target), amount in amounts.items()
    ]
    return Chart("flows", title, sentence, flow_json(stops, streams))


def _column(node: Node) -> tuple[int, bool]:
    """The stage of a stop; in the last, projects come before what they are gathered with and what is not a project."""
    return _STAGES.get(node.sort, 2), node.sort != "project"


def _gathered(view: Overview) -> dict[tuple[Node, Node], int]:
    projects = sorted((link for link in view.links if link.target.sort == "project"), key=lambda link: -link.amount)
    named = {link.target for link in projects[:_LARGEST_SHOWN]}
    rest = Node("projects", "rest", f"{len(projects) - len(named)} more projects")
    amounts: dict[tuple[Node, Node], int] = defaultdict(int)
    for link in view.links:
        target = link.target if link.target.sort != "project" or link.target in named else rest
        if target.sort == "purse":
            target = Node("purse", "all", "Connectors’ purses")
        amounts[link.source, target] += link.amount
    return amounts


def _key(node: Node) -> str:
    return f"{node.sort}/{node.key}"


def delivery_chart(rows: list[tuple[str, Position]], *, resource: str, title: str, sentence: str) -> Chart:
    """How far each project is: delivered, committed, not yet committed; money in currency units, time in hours."""
    shown = sorted(rows, key=lambda row: row[1].awarded)
    parts = (
        ("Worked" if resource == TIME else "Paid", [position.delivered for _, position in shown], PALETTE[0], ""),
        ("Committed", [position.committed for _, position in shown], PALETTE[1], "/"),
        ("Not yet committed", [position.uncommitted for _, position in shown], PALETTE[2], "x"),
    )
    return Chart("delivery", title, sentence, figure_json(_bars(shown, parts, resource, 44), _bars(shown, parts, resource, 20)))


def _bars(
    shown: list[tuple[str, Position]], parts: tuple[tuple[str, list[int], str, str], ...], resource: str, longest: int
) -> go.Figure:
    figure = go.Figure(
        [
            go.Bar(
                orientation="h",
                name=name,
                y=list(range(len(shown))),
                x=[_plain(amount, resource) for amount in amounts],
                customdata=[
                    f"{title}: {format_amount(amount, resource)}" for (title, _), amount in zip(shown, amounts, strict=True)
                ],
                hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
                marker={"color": colour, "pattern": {"shape": pattern, "fgcolor": "#ffffff", "size": 6}},
            )
            for name, amounts, colour, pattern in parts
            if any(amounts)
        ]
    )
    unit = "hours" if resource == TIME else resource
    return figure.update_layout(
        barmode="stack",
        height=_AROUND_BARS + _BAR * max(len(shown), 2),
        xaxis={"title": {"text": unit}, "tickformat": ",.0f", "nticks": 5},
        yaxis=_named([title for title, _ in shown], longest),
        showlegend=True,
    )


def _named(titles: list[str], longest: int) -> dict[str, object]:
    """Bars stand at 0, 1, 2 … and carry names, so that two projects of one name stay two bars."""
    return {"tickmode": "array", "tickvals": list(range(len(titles))), "ticktext": [shorten(name, longest) for name in titles]}


def _plain(amount: int, resource: str) -> float:
    """For the axis only: what decides anything stays in whole pence and minutes."""
    return amount / (MINUTES_IN_AN_HOUR if resource == TIME else 10 ** decimals(resource))


def votes_chart(view: RoundView, *, title: str, sentence: str) -> Chart:
    """The votes for each proposal of a round, the most at the top; those chosen are darker and say so."""
    lines = sorted((line for line in view.lines if line.outcome), key=lambda line: line.outcome.votes if line.outcome else 0)
    lines = lines[-25:]

    def bars(longest: int) -> go.Figure:
        figure = go.Figure()
        for name, chosen, colour, pattern in (("Chosen", True, PALETTE[0], ""), ("Not chosen", False, PALETTE[1], "/")):
            part = [(at, line) for at, line in enumerate(lines) if line.chosen is chosen]
            figure.add_bar(
                orientation="h",
                name=name,
                y=[at for at, _ in part],
                x=[line.outcome.votes for _, line in part if line.outcome],
                customdata=[line.proposal.title for _, line in part],
                marker={"color": colour, "pattern": {"shape": pattern, "fgcolor": "#ffffff", "size": 6}},
                hovertemplate="%{customdata}: %{x} votes<extra>%{fullData.name}</extra>",
            )
        return figure.update_layout(
            height=_AROUND_BARS + _BAR * max(len(lines), 2),
            barmode="overlay",
            yaxis=_named([line.proposal.title for line in lines], longest),
            xaxis={"title": {"text": "votes"}, "nticks": 5, "rangemode": "tozero"},
            showlegend=True,
        )

    return Chart("votes", title, sentence, figure_json(bars(44), bars(20)))
