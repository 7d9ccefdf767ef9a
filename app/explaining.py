"""A count explained: what there was for each proposal, what the voters paid, and greedy beside equal shares.

Charts with the tables that say the same, from plain results. Nothing here asks the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import plotly.graph_objects as go

from app.charting import PALETTE, Chart, figure_json, shorten
from app.formats import count_of
from ledger.tally import Result, RuleName, Why
from ledger.tally.explaining import Beside, Side, Tenth, paid

_MOST_DRAWN, _MOST_LEFT_OUT = 25, 12  # proposals in all, and of those not chosen the nearest; the table has them all
_BAR, _AROUND_BARS = 34, 110  # pixels
_TENTHS = 10
_HAD: dict[RuleName, str] = {
    "greedy": "Left of the budget at its turn",
    "equal-shares": "Supporters’ shares",
    "phragmen": "Supporters’ earnings",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How an election reads: the name of each proposal, an amount of the smallest unit, and how many of it are one unit."""

    names: Mapping[str, str]
    show: Callable[[Fraction | int], str]
    unit: int
    currency: str


@dataclass(frozen=True, slots=True)
class Pictured:
    """A chart with the table of the same numbers: its columns, and a row for each bar."""

    chart: Chart
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is drawn of a count; `shares` only for rules that give voters shares."""

    proposals: Pictured
    shares: Pictured | None
    beside: Pictured
    both: tuple[str, ...]
    only_greedy: tuple[str, ...]
    only_shares: tuple[str, ...]


def explained(result: Result, both: Beside, words: Words) -> Explained:
    """Draw what a result did, and what the other rule would have done with the same ballots."""

    def named(refs: Sequence[str]) -> tuple[str, ...]:
        return tuple(words.names[ref] for ref in refs)

    return Explained(
        proposals=_proposals(result, words),
        shares=_shares(result, words),
        beside=_beside(both, words),
        both=named(both.both),
        only_greedy=named(both.only_greedy),
        only_shares=named(both.only_shares),
    )


def _proposals(result: Result, words: Words) -> Pictured:
    order = sorted(result.why, key=lambda ref: _place(result, ref))
    missed = [why for why in result.why.values() if not why.chosen and why.short]
    nearest = min((why.short for why in missed), default=None)
    title = f"{len(result.winners)} of {len(result.why)} proposals were chosen"
    if nearest is not None:
        title += f"; the nearest of the others was {words.show(nearest)} short"
    sentence = "Each bar is a proposal’s cost: how much money there was for it, and how much was missing."
    if len(order) > _MOST_DRAWN:
        sentence += " The table has those that are not drawn."
    missing_out = [ref for ref in order if not result.why[ref].chosen][:_MOST_LEFT_OUT]
    drawn = [*result.winners[: _MOST_DRAWN - len(missing_out)], *missing_out]
    rows = tuple(
        (
            words.names[ref],
            f"{why.votes:,}",
            words.show(why.cost),
            words.show(min(why.had, Fraction(why.cost))) if why.had is not None else "not asked",
            words.show(why.short) if why.short else "–",
            _enough(why, words),
            f"Chosen, {why.step}" if why.chosen else "Not chosen",
            why.sentence,
        )
        for ref, why in ((ref, result.why[ref]) for ref in order)
    )
    had = [min(result.why[ref].had or Fraction(0), Fraction(result.why[ref].cost)) for ref in drawn]
    missing = [result.why[ref].cost - there for ref, there in zip(drawn, had, strict=True)]
    parts = ((_HAD[result.rule.name], had, PALETTE[0], ""), ("Missing", missing, PALETTE[1], "/"))
    names = [words.names[ref] for ref in drawn]
    figure = figure_json(_stacked(names, parts, words, 40), _stacked(names, parts, words, 20))
    columns = ("Proposal", "Votes", "Cost", "There was", "Missing", "Would have been enough", "Outcome", "Why")
    return Pictured(Chart("had", title, sentence, figure), columns, rows)


def _enough(why: Why, words: Words) -> str:
    """“61 votes”, “£20 more”; nothing where it was chosen, or where it is not known."""
    if why.chosen:
        return "–"
    if why.enough is not None:
        return count_of(why.enough, "vote")
    return f"{words.show(why.short)} more" if why.short else "–"


def _place(result: Result, ref: str) -> tuple[int, int, Fraction, str]:
    why = result.why[ref]
    return (0, why.step, Fraction(0), ref) if why.step is not None else (1, 0, why.short or Fraction(why.cost), ref)


def _shares(result: Result, words: Words) -> Pictured | None:
    if result.shares is None or not result.shares.paid:
        return None
    spent, each = paid(result.shares), result.shares.each
    given = "share" if result.rule.name == "equal-shares" else "purse"
    title = f"The tenth of voters who paid least paid {words.show(spent[0].average)} of their {given} of {words.show(each)}"
    sentence = (
        f"The tenth who paid most paid {words.show(spent[-1].average)}. Voters stand in tenths, by what they paid on average."
    )
    rows = tuple(
        (_tenth(number, len(spent)), f"{tenth.voters:,}", words.show(tenth.average), words.show(each - tenth.average))
        for number, tenth in enumerate(spent, start=1)
    )
    parts = (
        ("Paid", [tenth.average for tenth in spent], PALETTE[0], ""),
        ("Left over", [each - tenth.average for tenth in spent], PALETTE[1], "/"),
    )
    names = [_tenth(number, len(spent)) for number in range(1, len(spent) + 1)]
    figure = figure_json(_stacked(names, parts, words, 40), _stacked(names, parts, words, 20))
    return Pictured(Chart("paid", title, sentence, figure), ("Voters", "How many", "Paid", "Left over"), rows)


def _beside(both: Beside, words: Words) -> Pictured:
    greedy, shares = both.greedy, both.shares
    voters = greedy.result.votes
    more, fewer = (shares, greedy) if shares.heard >= greedy.heard else (greedy, shares)
    if more.heard == fewer.heard:
        title = f"Greedy and equal shares both choose something that {count_of(more.heard, 'voter')} asked for"
    else:
        title = f"{_rule(more)} reaches {count_of(more.heard - fewer.heard, 'voter')} more than {_rule(fewer).lower()} does"
    sentence = (
        f"Of {count_of(voters, 'voter')}, {greedy.heard:,} get something they voted for with greedy, and {shares.heard:,} with "
        "equal shares. The bars show the money that went their way: each proposal’s cost, in equal parts to its voters."
    )
    pairs = list(zip(greedy.tenths, shares.tenths, strict=True))
    rows = tuple(
        (_tenth(number, len(pairs)), words.show(one.average), words.show(other.average))
        for number, (one, other) in enumerate(pairs, start=1)
    )
    figure = figure_json(_grouped(pairs, words, 40), _grouped(pairs, words, 20))
    return Pictured(Chart("beside", title, sentence, figure), ("Voters", "Greedy", "Equal shares"), rows)


def _rule(side: Side) -> str:
    return "Greedy" if side.result.rule.name == "greedy" else "Equal shares"


def _tenth(number: int, of: int) -> str:
    """“Tenth 3”; where there are fewer than ten voters, each is a bar of their own."""
    if of < _TENTHS:
        return f"{number} of {of} voters"
    return {1: "Lowest tenth", of: "Highest tenth"}.get(number, f"Tenth {number}")


Part = tuple[str, Sequence[Fraction | int], str, str]


def _stacked(names: Sequence[str], parts: Sequence[Part], words: Words, longest: int) -> go.Figure:
    figure = go.Figure([_bar(names, part, words) for part in parts if any(part[1])])
    return _laid_out(figure, names, words, longest, barmode="stack", height=_AROUND_BARS + _BAR * max(len(names), 2))


def _grouped(pairs: Sequence[tuple[Tenth, Tenth]], words: Words, longest: int) -> go.Figure:
    names = [_tenth(number, len(pairs)) for number in range(1, len(pairs) + 1)]
    parts: tuple[Part, ...] = (
        ("Greedy", [one.average for one, _ in pairs], PALETTE[1], "/"),
        ("Equal shares", [other.average for _, other in pairs], PALETTE[0], ""),
    )
    figure = go.Figure([_bar(names, part, words) for part in parts])
    return _laid_out(figure, names, words, longest, barmode="group", height=_AROUND_BARS + _BAR * 2 * max(len(names), 1))


def _bar(names: Sequence[str], part: Part, words: Words) -> go.Bar:
    name, amounts, colour, pattern = part
    return go.Bar(
        orientation="h",
        name=name,
        y=list(range(len(names))),
        x=[float(Fraction(amount) / words.unit) for amount in amounts],  # for the axis only
        customdata=[f"{of}: {words.show(amount)}" for of, amount in zip(names, amounts, strict=True)],
        hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        marker={"color": colour, "pattern": {"shape": pattern, "fgcolor": "#ffffff", "size": 6}},
    )


def _laid_out(figure: go.Figure, names: Sequence[str], words: Words, longest: int, *, barmode: str, height: int) -> go.Figure:
    return figure.update_layout(
        barmode=barmode,
        height=height,
        xaxis={"title": {"text": words.currency}, "tickformat": ",.0f", "nticks": 5, "rangemode": "tozero"},
        yaxis={
            "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [shorten(name, longest) for name in names],
            "autorange": "reversed",
        },
        showlegend=True,
    )  # fmt: skip
