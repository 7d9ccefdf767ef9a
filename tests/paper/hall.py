"""A counting hall: Glodbrook's secret round with clerks who take in and enter papers."""

from dataclasses import dataclass

from ledger.people import Role, add_person
from ledger.powers import appoint
from ledger.rounds.paper import adjudicate, key_paper, take_in
from tests.ballot.living import REF, SecretRound
from tests.ledger.conftest import REGISTRAR

ANA, BEN, CAT, DEE = "p-ana", "p-ben", "p-cat", "p-dee"


@dataclass(frozen=True)
class Hall:
    """The round, and three clerks: Ana, Ben and Cat."""

    living: SecretRound

    def take(self, voters: range, *, number: int = 1, papers: int | None = None, clerk: str = ANA) -> int:
        """Take in the strips of these voters; the number of their first paper."""
        codes = [self.living.codes[voter] for voter in voters]
        with self.living.world.database.unit_of_work(self.living.world.clock, appends=False) as unit:
            many = len(codes) if papers is None else papers
            first = take_in(unit, round_ref=REF, codes=codes, papers=many, number=number, clerk=clerk).first
            unit.commit()
        return first

    def key(self, paper: int, chosen: set[int], clerk: str) -> int:
        """Enter a paper."""
        with self.living.world.database.unit_of_work(self.living.world.clock, appends=False) as unit:
            turn = key_paper(unit, round_ref=REF, paper=paper, chosen=frozenset(chosen), clerk=clerk)
            unit.commit()
        return turn

    def twice(self, paper: int, chosen: set[int]) -> None:
        """Enter a paper by Ana and by Ben, who read the same."""
        self.key(paper, chosen, ANA)
        self.key(paper, chosen, BEN)

    def decide(self, paper: int, chosen: set[int], clerk: str = CAT) -> None:
        """Decide on a paper whose entries differ."""
        with self.living.world.database.unit_of_work(self.living.world.clock, appends=False) as unit:
            adjudicate(unit, round_ref=REF, paper=paper, chosen=frozenset(chosen), clerk=clerk)
            unit.commit()


def a_hall(living: SecretRound) -> Hall:
    """Three clerks are appointed, and Dee, who leads a project and is none."""
    with living.world.unit() as unit:
        for ref, name, role in (
            (ANA, "Ana Marsh", Role.CLERK),
            (BEN, "Ben Okoro", Role.CLERK),
            (CAT, "Cat Lowe", Role.CLERK),
            (DEE, "Dee Wragg", Role.PROJECT_LEAD),
        ):
            add_person(unit.session, name=name, ref=ref, invented=True)
            appoint(
                unit, authority="marlmoor", place="glodbrook", person=ref, role=role, registrar=REGISTRAR,
                idempotency_key=living.world.key(),
            )  # fmt: skip
        unit.commit()
    return Hall(living)
