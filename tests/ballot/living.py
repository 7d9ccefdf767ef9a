"""A secret round lived through: opened, its roll loaded, cast by code, sealed, opened by two keyholders, counted."""

from dataclasses import dataclass
from datetime import date, timedelta

from nacl.signing import SigningKey

from ledger.ballot.codes import credential, new_code, roll_mark
from ledger.ballot.opening import open_box
from ledger.ballot.receipts import Receipt
from ledger.ballot.sealing import Holder, new_holder, public_part
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import agree_terms, devolve
from ledger.records import Actor, Recorded
from ledger.rounds.casting import cast_with_code, mark
from ledger.rounds.process import Opening, open_round
from ledger.rounds.proposals import Proposal
from ledger.rounds.revealing import box_of, count_openings, seal_waiting
from ledger.rounds.roll import load_roll, set_up
from tests.ledger.conftest import CHAIR, LEADER, PROPOSALS, World

REF = "glodbrook-residents"
VOTERS = 40
CHOSEN = (frozenset({1, 2}), frozenset({2}), frozenset({2, 3}), frozenset({1}), frozenset({1, 3}))


@dataclass(frozen=True)
class SecretRound:
    """A round with everything that no site would have in one place: codes, the keyholders' secrets, the key of receipts."""

    world: World
    codes: tuple[str, ...]
    holders: tuple[Holder, Holder, Holder]
    key: SigningKey

    def cast(self, number: int, *, chosen: frozenset[int] | None = None, digits: str = "408153", nonce: str = "") -> Receipt:
        """Cast with the code of voter `number`."""
        return self.cast_with(self.codes[number], chosen=chosen or CHOSEN[number % len(CHOSEN)], digits=digits, nonce=nonce)

    def cast_with(self, code: str, *, chosen: frozenset[int], digits: str = "408153", nonce: str = "") -> Receipt:
        """Cast with a code as typed."""
        with self.world.database.unit_of_work(self.world.clock, appends=False) as unit:
            ballot = mark(unit.session, round_ref=REF, chosen=chosen, digits=digits, nonce=nonce)
            receipt = cast_with_code(unit, code=code, ballot=ballot, key=self.key)
            unit.commit()
        return receipt

    def seal(self, *, closing: bool = False) -> tuple[Recorded, ...]:
        """Put what waits into the log."""
        with self.world.unit() as unit:
            made = seal_waiting(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR), closing=closing)
            unit.commit()
        return made

    def close(self) -> tuple[Recorded, ...]:
        """The day after the last, with the last batch."""
        self.world.today += timedelta(days=22)
        return self.seal(closing=True)

    def count(self) -> Recorded:
        """Opened by the first and the third keyholder, and counted."""
        with self.world.database.reading() as session:
            box = box_of(session, REF)
        openings = open_box(box, self.holders[2], self.holders[0])
        with self.world.unit() as unit:
            result = count_openings(unit, openings=openings, actor=Actor(CHAIR, Role.CHAIR))
            unit.commit()
        return result


def open_residents_round(world: World) -> None:
    """Three proposals, £15,000, three weeks from today, at most two of them on a ballot."""
    limits = {"GBP": 1_000_000, TIME: 6_000}
    ends = world.today + timedelta(days=365)
    with world.unit() as unit:
        devolution = devolve(
            unit,
            authority="marlmoor",
            partnership="glodbrook",
            title="Glodbrook instrument",
            power="Minute 14",
            money=5_000_000,
            minutes=60_000,
            limits=limits,
            begins=world.today,
            ends=ends,
            leader=LEADER,
            idempotency_key=world.key(),
        )
        agree_terms(
            unit,
            devolution=devolution.index,
            begins=world.today,
            review_on=ends,
            sunset=ends,
            panel=5,
            quorum=3,
            limits=limits,
            voting_rule=VotingRule(minimum_votes=1),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key=world.key(),
        )
        open_round(
            unit,
            opening=the_opening(world),
            proposals=_proposals(),
            actor=Actor(CHAIR, Role.CHAIR),
            idempotency_key=world.key(),
        )
        unit.commit()


def the_opening(world: World) -> Opening:
    """What the residents' round is to be."""
    return Opening(
        ref=REF,
        partnership="glodbrook",
        title="Glodbrook: the residents' round",
        summary="",
        budget={"GBP": 1_500_000, TIME: 6_000},
        opens_on=world.today,
        closes_on=world.today + timedelta(days=21),
        electorate=Electorate.RESIDENTS,
        most_choices=2,
    )


def _proposals() -> list[Proposal]:
    return [
        Proposal(ref="", round="", number=number, code=str(number), title=title, cost=cost, minutes=minutes)
        for number, (title, cost, minutes) in enumerate(PROPOSALS, start=1)
    ]


def a_secret_round(world: World) -> SecretRound:
    """The residents' round with its keyholders and forty codes on its roll."""
    open_residents_round(world)
    holders = (new_holder(0), new_holder(1), new_holder(2))
    key, codes = SigningKey.generate(), tuple(new_code() for _ in range(VOTERS))
    with world.unit() as unit:
        set_up(
            unit,
            round_ref=REF,
            keyholders=tuple(public_part(holder) for holder in holders),
            promises=bytes(key.verify_key).hex(),
            rerun_at=5,
            backups_end=date(2026, 9, 30),
        )
        load_roll(unit, round_ref=REF, marks=sorted(roll_mark(REF, credential(REF, code)) for code in codes))
        unit.commit()
    return SecretRound(world, codes, holders, key)
