"""What is asked of the ledger when it is read, as a peer: for each step one question about what it names."""

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.flows import position
from ledger.log_files import proof_of
from ledger.note import SigningKey
from ledger.publishing import publish
from tests.bench.ours import Ours
from tests.bench.workload import Step

_STRIDE = 104_729
QUESTIONS = ("a balance", "a position", "an inclusion proof")


class Reader(Ours):
    """Asks one question again and again, each in a reading of its own as a page does."""

    def __init__(self, url: str, *, places: int, question: str) -> None:
        """`question` is one of QUESTIONS."""
        super().__init__(url, places=places)
        self._ask = dict(zip(QUESTIONS, (_balance, _position, self._proof), strict=True))[question]
        self._steps: list[Step] = []
        self._signed = 0

    def prepare(self, chosen: list[Step]) -> None:
        self._steps = chosen
        if self._ask == self._proof and not self._signed:
            self._signed = publish(self.database, SigningKey.generate("marlmoor.example/log")).checkpoint.size

    def run(self) -> int:
        for step in self._steps:
            with self.database.reading() as session:
                self._ask(session, step)
        return len(self._steps)

    def _proof(self, session: Session, step: Step) -> object:
        """Of entries from all over the log."""
        return proof_of(session, step.number * _STRIDE % self._signed)


def _balance(session: Session, step: Step) -> object:
    moved = step.movements[0]
    return DatabaseBook(session).balance(moved.to_account, moved.resource)


def _position(session: Session, step: Step) -> object:
    return position(session, place=step.place, resource=step.movements[0].resource)
