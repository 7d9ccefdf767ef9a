"""What is asked of the ledger when it is read, as a peer: for each step one question about what it names."""

from collections.abc import Callable

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.flows import position
from tests.bench.ours import Ours
from tests.bench.workload import Step

PROOF = "an inclusion proof"
QUESTIONS = ("a balance", "a position")


class Reader(Ours):
    """Asks one question again and again, each in a reading of its own as a page does."""

    def __init__(self, url: str, *, places: int, question: str) -> None:
        """`question` is one of QUESTIONS."""
        super().__init__(url, places=places)
        self._ask = _answers()[question]
        self._steps: list[Step] = []

    def prepare(self, chosen: list[Step]) -> None:
        self._steps = chosen

    def run(self) -> int:
        for step in self._steps:
            with self.database.reading() as session:
                self._ask(session, step)
        return len(self._steps)


def _answers() -> dict[str, Callable[[Session, Step], object]]:
    return {"a balance": _balance, "a position": _position}


def _balance(session: Session, step: Step) -> object:
    moved = step.movements[0]
    return DatabaseBook(session).balance(moved.to_account, moved.resource)


def _position(session: Session, step: Step) -> object:
    return position(session, place=step.place, resource=step.movements[0].resource)
