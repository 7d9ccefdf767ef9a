"""Sharing a risk: to the penny, by the agreement, whatever the agreement is."""

import re
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import risk
from ledger.money import split
from ledger.risk import WHOLE, BadSharing, Layer, OverTheMost, Party, Sharing, deal
from tests.ledger.plain_sharing import plain_split

PARTNERS = ("marlmoor", "green-spade", "ferry-trust", "weir-housing", "moss-lane-shed", "glodbrook")


def pence(words: str) -> int:
    pounds, _, rest = words.lstrip("£").replace(",", "").partition(".")
    return int(pounds) * 100 + int(rest.ljust(2, "0"))


def worked_table() -> tuple[int, Sharing, dict[str, int], dict[str, str]]:
    """The loss, the agreement, what each bears and its exact share, as the module's prose has them."""
    prose = risk.__doc__ or ""
    said = re.search(r"a loss of (£[\d,.]+), (\w+) partners, (\w+) caps; (\w+) is the residual bearer", prose)
    assert said is not None
    rows = re.findall(r"\| ([a-z-]+) +\| (\d+) % +\| (none|£[\d,.]+) +\| (£[\d,.]+) +\| (£[\d,.]+) +\|", prose)
    parties = tuple(
        Party(name, int(share) * 100, int(share) * 100, None if cap == "none" else pence(cap))
        for name, share, cap, _, _ in rows
    )
    assert (said[2], said[3]) == ("five", "two")
    assert (len(parties), sum(party.cap is not None for party in parties)) == (5, 2)
    sharing = Sharing(parties, residual=said[4].lower(), most=2_000_000)
    return pence(said[1]), sharing, {name: pence(bears) for name, *_, bears in rows}, {row[0]: row[3] for row in rows}


def test_a_loss_of_ten_thousand_pounds_and_a_penny_is_split_as_the_prose_has_it() -> None:
    loss, sharing, bears, exact = worked_table()
    assert loss == 1_000_001
    assert sharing.split(loss) == bears
    assert sum(bears.values()) == loss
    for party in sharing.parties:
        hundredths = loss * party.loss  # of a hundredth of a penny
        assert exact[party.name] == f"£{hundredths // 1_000_000:,}.{hundredths % 1_000_000 // 100:04d}"


@st.composite
def agreements(draw: st.DrawFn, *, largest: int = 10**9, grain: tuple[int, ...] = (100, 100, 500, 25)) -> Sharing:
    """Two to six partners with whole, half or quarter percents, some with caps, now and then somebody who stands first."""
    names = draw(st.permutations(PARTNERS))[: draw(st.integers(2, len(PARTNERS)))]
    step = draw(st.sampled_from(grain))
    loss, gain = ([step * part for part in draw(parts_of(WHOLE // step, len(names)))] for _ in range(2))
    caps = [draw(st.none() | st.integers(0, largest)) for _ in names]
    residual = draw(st.sampled_from(names))
    parties = tuple(
        Party(name, of_loss, of_gain, None if name == residual else cap)
        for name, of_loss, of_gain, cap in zip(names, loss, gain, caps, strict=True)
    )
    layers = []
    for party in parties:
        room = largest if party.cap is None else party.cap
        if room and draw(st.integers(0, 3)) == 0:
            layers.append(Layer(party.name, draw(st.integers(1, room))))
    return Sharing(parties, residual, most=draw(st.integers(1, largest)), layers=tuple(draw(st.permutations(layers))))


@st.composite
def parts_of(draw: st.DrawFn, whole: int, count: int) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, whole), min_size=count - 1, max_size=count - 1)))
    return [upper - lower for lower, upper in zip([0, *cuts], [*cuts, whole], strict=True)]


def test_ten_thousand_agreements_keep_every_promise() -> None:
    """As many by plain chance, each made known by its seed; the next test lets Hypothesis look for the odd ones."""
    for seed in range(10_000):
        chance = Random(seed)  # noqa: S311 - agreements, not secrets
        sharing = an_agreement(chance)
        shuffled = chance.sample(sharing.parties, len(sharing.parties))
        keeps_every_promise(sharing, chance.randrange(2 * 10**9), chance.randrange(10_000), shuffled)


def an_agreement(chance: Random) -> Sharing:
    """As `agreements`, without a search for small ones."""
    names = chance.sample(PARTNERS, chance.randint(2, len(PARTNERS)))
    step = chance.choice((100, 100, 500, 25))
    loss, gain = (
        [step * (upper - lower) for lower, upper in pairwise([0, *sorted(cuts), WHOLE // step])]
        for cuts in ([chance.randint(0, WHOLE // step) for _ in names[1:]] for _ in range(2))
    )
    caps = [chance.choice((None, 0, 1, chance.randrange(10**9))) for _ in names]
    residual = chance.choice(names)
    parties = tuple(
        Party(name, of_loss, of_gain, None if name == residual else cap)
        for name, of_loss, of_gain, cap in zip(names, loss, gain, caps, strict=True)
    )
    rooms = {party.name: 10**9 if party.cap is None else party.cap for party in parties}
    layers = [Layer(name, chance.randint(1, room)) for name, room in rooms.items() if room and chance.random() < 0.25]
    return Sharing(parties, residual, most=chance.randint(1, 10**9), layers=tuple(layers))


@settings(max_examples=500)
@given(data=st.data(), sharing=agreements())
def test_no_agreement_that_can_be_thought_up_breaks_a_promise(data: st.DataObject, sharing: Sharing) -> None:
    loss, more = data.draw(st.integers(0, 2 * 10**9), "loss"), data.draw(st.integers(0, 10_000), "more")
    keeps_every_promise(sharing, loss, more, data.draw(st.permutations(sharing.parties), "reordered"))


def keeps_every_promise(sharing: Sharing, loss: int, more: int, shuffled: list[Party]) -> None:
    more += loss
    borne, later = sharing.split(loss), sharing.split(more)
    caps = {party.name: party.cap for party in sharing.parties}

    assert sum(borne.values()) == loss, "no penny is lost, and none made"
    assert all(borne[name] >= 0 and (cap is None or borne[name] <= cap) for name, cap in caps.items()), "caps hold"
    assert all(borne[name] <= later[name] for name in borne), "a larger loss never costs anybody less"

    reordered = replace(sharing, parties=tuple(shuffled))
    assert reordered.split(loss) == borne, "the order of the parties changes nothing"
    assert list(reordered.split(loss)) == list(borne)

    stand_first = sum(layer.at_most for layer in sharing.layers)
    dealt = deal(max(loss - stand_first, 0), {party.name: party.loss for party in sharing.parties})
    over = 0
    for party in sharing.parties:
        exact = max(loss - stand_first, 0) * party.loss
        assert abs(dealt[party.name] * WHOLE - exact) < WHOLE, "within a penny of the exact share"
        if party.name != sharing.residual and loss >= stand_first:
            own = sum(layer.at_most for layer in sharing.layers if layer.party == party.name) + dealt[party.name]
            over += own - borne[party.name]
    if loss >= stand_first:
        first = sum(layer.at_most for layer in sharing.layers if layer.party == sharing.residual)
        assert borne[sharing.residual] == first + dealt[sharing.residual] + over, "the residual bearer takes the rest"

    mirrored = replace(sharing, parties=tuple(replace(p, loss=p.gain, gain=p.loss) for p in sharing.parties))
    assert mirrored.split_gain(loss) == borne, "gains mirror losses"
    assert mirrored.split(loss) == sharing.split_gain(loss)


@settings(max_examples=300)
@given(sharing=agreements(largest=300, grain=(1_000, 500, 125, 16)), loss=st.integers(0, 900))
def test_the_split_agrees_with_its_slow_twin(sharing: Sharing, loss: int) -> None:
    assert sharing.split(loss) == plain_split(sharing, loss, {party.name: party.loss for party in sharing.parties})
    assert sharing.split_gain(loss) == plain_split(sharing, loss, {party.name: party.gain for party in sharing.parties})


@settings(max_examples=300)
@given(sharing=agreements(largest=5_000), data=st.data())
def test_losses_one_after_another_cost_what_one_loss_of_their_size_would(sharing: Sharing, data: st.DataObject) -> None:
    before, worst = 0, {exposure.party: exposure.worst for exposure in sharing.exposures({})}
    paid = dict.fromkeys(worst, 0)
    for _ in range(data.draw(st.integers(1, 6))):
        loss = data.draw(st.integers(0, sharing.most - before))
        for name, amount in sharing.further(loss, before=before).items():
            assert amount >= 0
            paid[name] += amount
        before += loss
    assert paid == sharing.split(before)
    assert all(paid[name] <= worst[name] for name in paid), "nobody pays more than the worst case that was shown to them"


def test_by_largest_remainders_a_larger_loss_would_cost_somebody_less() -> None:
    assert (split(10, [6, 6, 2]), split(11, [6, 6, 2])) == ([4, 4, 2], [5, 5, 1])
    shares = {"a": 6, "b": 6, "c": 2}
    dealt = [deal(amount, shares) for amount in range(30)]
    assert all(before[name] <= after[name] for before, after in pairwise(dealt) for name in shares)


def test_who_stands_first_pays_first_and_the_shares_come_after() -> None:
    _, shared, _, _ = worked_table()
    sharing = replace(shared, layers=(Layer("moss-lane-shed", 50_000), Layer("green-spade", 100_000)))
    assert sharing.split(60_000) == dict.fromkeys(sorted(sharing.split(0)), 0) | {
        "moss-lane-shed": 50_000,
        "green-spade": 10_000,
    }
    borne = sharing.split(150_000 + 1_000_000)
    assert borne["moss-lane-shed"] == 50_000 + 50_000
    assert borne["green-spade"] == 180_000, "a cap is over all that a party bears, whichever way it comes"


def test_a_party_sees_what_it_set_aside_and_what_the_worst_would_cost() -> None:
    _, sharing, _, _ = worked_table()
    found = {seen.party: seen for seen in sharing.exposures({"green-spade": 180_000, "marlmoor": 100_000})}
    assert (found["green-spade"].committed, found["green-spade"].worst, found["green-spade"].uncovered) == (180_000, 180_000, 0)
    assert found["marlmoor"].worst == 2_000_000 - 180_000 - 150_000 - 300_000 - 100_000
    assert found["marlmoor"].uncovered == found["marlmoor"].worst - 100_000
    assert sharing.scenarios([0, 1_000_001])[1] == (1_000_001, sharing.split(1_000_001))


def test_what_was_paid_is_no_longer_at_stake() -> None:
    loss, sharing, _, _ = worked_table()
    spade = {seen.party: seen for seen in sharing.exposures({"green-spade": 0}, before=loss)}["green-spade"]
    assert (spade.paid, spade.still, spade.uncovered) == (180_000, 0, 0)


def test_losses_over_the_most_that_was_agreed_are_refused() -> None:
    _, sharing, _, _ = worked_table()
    with pytest.raises(OverTheMost, match=r"losses of 20,000\.00 in all, and with this one they would come to 20,000\.01"):
        sharing.further(1, before=2_000_000)
    for loss, before in ((-1, 0), (0, -1)):
        with pytest.raises(ValueError, match="not below zero"):
            sharing.further(loss, before=before)
    with pytest.raises(ValueError, match="not below zero"):
        sharing.split(-1)


MARLMOOR, SPADE = Party("marlmoor", 6_000, 5_000), Party("green-spade", 4_000, 5_000, cap=100)


@pytest.mark.parametrize(
    ("parties", "residual", "layers", "problem"),
    [
        ((replace(MARLMOOR, loss=10_000),), "marlmoor", (), "two parties or more"),
        ((MARLMOOR, MARLMOOR), "marlmoor", (), "each named once"),
        ((MARLMOOR, *(Party(f"p{n}", 200, 250) for n in range(20))), "marlmoor", (), "and 20 at the most"),
        ((replace(MARLMOOR, loss=6_001), SPADE), "marlmoor", (), r"a loss come to 100\.01 %, and not to 100 %"),
        ((MARLMOOR, replace(SPADE, gain=4_900)), "marlmoor", (), "a gain come to 99 %"),
        ((replace(MARLMOOR, loss=10_100), replace(SPADE, loss=-100)), "marlmoor", (), "come to 100 %"),
        ((MARLMOOR, SPADE), "nobody", (), "one of the parties"),
        ((MARLMOOR, SPADE), "green-spade", (), "has no cap"),
        ((MARLMOOR, SPADE), "marlmoor", (Layer("nobody", 1),), "borne by one of the parties"),
        ((MARLMOOR, SPADE), "marlmoor", (Layer("marlmoor", 0),), "up to an amount"),
        ((MARLMOOR, SPADE), "marlmoor", (Layer("green-spade", 60), Layer("green-spade", 41)), "more than its own cap"),
        ((MARLMOOR, replace(SPADE, cap=-1)), "marlmoor", (), "below zero"),
    ],
)
def test_a_sharing_that_does_not_hold_together_is_refused(
    parties: tuple[Party, ...], residual: str, layers: tuple[Layer, ...], problem: str
) -> None:
    with pytest.raises(BadSharing, match=problem):
        Sharing(parties, residual, most=1_000, layers=layers)


def test_an_agreement_covers_more_than_nothing() -> None:
    with pytest.raises(BadSharing, match="more than nothing"):
        Sharing((MARLMOOR, SPADE), "marlmoor", most=0)
