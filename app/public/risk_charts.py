"""The charts of a shared risk: who has which share, what each stands to lose, and a scenario. Rows in, figures out."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charting import PALETTE, Chart, figure_json, shorten
from ledger.money import decimals, format_amount
from ledger.risk_register import RiskView

_BAR, _AROUND = 44, 110  # pixels of height for each partner, and around them
_WIDE, _NARROW = 34, 16  # characters of a partner's name
_Part = tuple[str, Sequence[float], Sequence[str], int]  # name, lengths, words, which colour


def shares_chart(view: RiskView) -> Chart:
    """Each partner's share of a loss beside its share of a gain."""
    shares = view.agreement.shares[::-1]  # the first partner stands at the top
    parts: list[_Part] = [
        ("Share of a gain", [s.gain / 100 for s in shares], [f"{s.gain / 100:g} %" for s in shares], 1),
        ("Share of a loss", [s.loss / 100 for s in shares], [f"{s.loss / 100:g} %" for s in shares], 0),
    ]
    largest = max(view.agreement.shares, key=lambda share: share.loss)
    return Chart(
        "shares",
        f"{view.names.organisation(largest.party)} bears the largest share of a loss, {largest.loss / 100:g} %",
        f"{len(shares)} partners share the risk. The shares of a loss come to 100 %, and so do those of a gain.",
        _drawn(view, [s.party for s in shares], parts, unit="%", mode="group"),
    )


def exposure_chart(view: RiskView) -> Chart:
    """What each partner has set aside, and what the largest loss would cost beyond it."""
    seen = {exposure.party: exposure for exposure in view.exposures()}
    parties = [share.party for share in view.agreement.shares[::-1]]
    paid, committed, uncovered = ([getattr(seen[n], part) for n in parties] for part in ("paid", "committed", "uncovered"))
    parts = [_money(view, "Set aside", committed, 0), _money(view, "More, at the worst", uncovered, 2)]
    if any(paid):
        parts.insert(0, _money(view, "Paid already", paid, 1))
    aside, left = (format_amount(amount, view.currency) for amount in (sum(committed), view.left))
    return Chart(
        "exposure",
        f"{aside} is set aside for losses of up to {left}{' that may still come' if view.called else ''}",
        "The worst case of a partner is what the largest loss would cost it: never more than its cap.",
        _drawn(view, parties, parts, unit=view.currency, mode="stack"),
    )


def scenario_chart(view: RiskView, amount: int, parts: dict[str, int], *, gain: bool) -> Chart:
    """What each partner would bear of a loss, or have of a gain."""
    parties = [share.party for share in view.agreement.shares[::-1]]
    most = max(parts, key=lambda name: parts[name])
    whole, largest = (format_amount(value, view.currency) for value in (amount, parts[most]))
    thing, verb = ("gain", "get") if gain else ("loss", "pay")
    return Chart(
        "scenario",
        f"Of a {thing} of {whole}, {view.names.organisation(most)} would {verb} the most: {largest}",
        f"The parts come to {whole} exactly. Choose another amount above to see how they move.",
        _drawn(
            view,
            parties,
            [_money(view, thing.capitalize(), [parts[name] for name in parties], 0)],
            unit=view.currency,
            mode="stack",
        ),
    )


def _money(view: RiskView, name: str, amounts: list[int], colour: int) -> _Part:
    """For the axis only: what decides anything stays in whole pence."""
    scale = 10 ** decimals(view.currency)
    return name, [amount / scale for amount in amounts], [format_amount(amount, view.currency) for amount in amounts], colour


def _drawn(view: RiskView, parties: list[str], parts: list[_Part], *, unit: str, mode: str) -> str:
    names = [view.names.organisation(party) for party in parties]

    def bars(longest: int) -> go.Figure:
        figure = go.Figure(
            [
                go.Bar(
                    orientation="h",
                    name=name,
                    y=list(range(len(names))),
                    x=list(lengths),
                    customdata=[f"{who}: {word}" for who, word in zip(names, words, strict=True)],
                    hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
                    marker={"color": PALETTE[colour], "pattern": {"shape": ("", "/", "x")[colour]}},
                )
                for name, lengths, words, colour in parts
            ]
        )
        return figure.update_layout(
            barmode=mode,
            height=_AROUND + _BAR * max(len(names), 2),
            xaxis={
                "title": {"text": unit},
                "nticks": 5 if longest == _WIDE else 3,
                "tickformat": ",.0f",
                "rangemode": "tozero",
            },
            yaxis={
                "tickmode": "array",
                "tickvals": list(range(len(names))),
                "ticktext": [shorten(name, longest) for name in names],
            },
            showlegend=len(parts) > 1,
            legend={"traceorder": "reversed" if mode == "group" else "normal"},
        )  # fmt: skip

    return figure_json(bars(_WIDE), bars(_NARROW))
