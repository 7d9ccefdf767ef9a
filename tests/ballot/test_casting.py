"""Casting with a code: one credential, one ballot, whoever races; and every code that does not work is refused alike."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from nacl.signing import SigningKey
from sqlalchemy import event, func, select
from sqlmodel import col

from ledger.ballot.codes import ALPHABET, credential, new_code, printed, roll_mark
from ledger.ballot.marking import BallotRefused
from ledger.ballot.receipts import Receipt, check_promise
from ledger.database import open_database
from ledger.entries import tree_size
from ledger.errors import LedgerError
from ledger.rounds.ballots import VoteRefused
from ledger.rounds.casting import CodeRefused, NotOurKey, cast_with_code, mark
from ledger.rounds.roll import Eligible, RollRefused, Slip, load_roll, replace_code, roll_file
from tests.ballot.living import REF, VOTERS, SecretRound
from tests.faults.crews import SPLIT_OFF
from tests.ledger.conftest import CHAIR, REGISTRAR, World, close, vote

MANY, AT_ONCE = 1_000, 16
BENCHES = frozenset({1})


def slips(world: World) -> list[Slip]:
    with world.database.reading() as session:
        return list(session.execute(select(Slip)).scalars())


def test_a_ballot_cast_is_kept_sealed_with_a_receipt_that_is_promised(secret_round: SecretRound) -> None:
    size = secret_round.world.size()
    receipt = secret_round.cast_with(f" {printed(secret_round.codes[0]).lower()} ", chosen=frozenset({1, 3}))
    check_promise(bytes(secret_round.key.verify_key).hex(), receipt)
    (slip,) = slips(secret_round.world)
    assert (slip.credential, slip.tracker) == (credential(REF, secret_round.codes[0]), receipt.commitment)
    assert secret_round.world.size() == size, "a cast records nothing in the log"


def test_the_first_ballot_counts_and_the_same_one_sent_again_gives_the_same_receipt(secret_round: SecretRound) -> None:
    receipt = secret_round.cast(0)
    assert secret_round.cast(0, nonce=receipt.nonce) == receipt
    with pytest.raises(CodeRefused):
        secret_round.cast(0)
    with pytest.raises(CodeRefused):
        secret_round.cast(0, nonce=receipt.nonce, digits="111111")
    assert [slip.tracker for slip in slips(secret_round.world)] == [receipt.commitment]


def lost(secret_round: SecretRound, number: int, code: str, *, officers: tuple[str, str] = (CHAIR, REGISTRAR)) -> None:
    """Two officers replace a lost code."""
    old, new = (roll_mark(REF, credential(REF, each)) for each in (secret_round.codes[number], code))
    with secret_round.world.unit() as unit:
        replace_code(unit, round_ref=REF, revoked=old, added=new, officers=officers, reason="lost")
        unit.commit()


def test_a_lost_code_is_replaced_by_two_officers_and_the_new_one_votes(secret_round: SecretRound) -> None:
    code = new_code()
    for officers, words in (((CHAIR, CHAIR), "two officers"), ((CHAIR, "p-bea"), "neither a registrar nor a chair")):
        with pytest.raises(RollRefused, match=words):
            lost(secret_round, 3, code, officers=officers)
    lost(secret_round, 3, code)
    with pytest.raises(CodeRefused):
        secret_round.cast(3)
    secret_round.cast_with(code, chosen=BENCHES)
    with secret_round.world.database.reading() as session:
        published = roll_file(session, REF).decode()
    assert published.count(roll_mark(REF, credential(REF, secret_round.codes[3]))) == 1, "told as revoked, not on the roll"
    assert f'"officers":["{CHAIR}","{REGISTRAR}"]' in published


def test_a_code_that_has_voted_is_not_replaced(secret_round: SecretRound) -> None:
    secret_round.cast(3)
    with pytest.raises(RollRefused, match="has voted"):
        lost(secret_round, 3, new_code())
    assert len(slips(secret_round.world)) == 1


def test_every_code_that_does_not_work_is_refused_in_the_same_words_after_the_same_work(secret_round: SecretRound) -> None:
    """Used, revoked, off by one letter, and never on any roll: as many statements, as many seals, one sentence."""
    lost(secret_round, 3, new_code())
    secret_round.cast(4)
    last = secret_round.codes[5][-1]
    mistyped = secret_round.codes[5][:-1] + ALPHABET[(ALPHABET.index(last) + 1) % len(ALPHABET)]
    answers = set()
    for code in (secret_round.codes[4], secret_round.codes[3], mistyped, new_code()):
        asked: list[str] = []

        def hear(*said: object, asked: list[str] = asked) -> None:
            asked.append(str(said[2]))

        event.listen(secret_round.world.database.writer, "before_cursor_execute", hear)
        with pytest.raises(CodeRefused) as refusal:
            secret_round.cast_with(code, chosen=BENCHES)
        event.remove(secret_round.world.database.writer, "before_cursor_execute", hear)
        answers.add((refusal.value.sentence, tuple(asked)))
    assert len(answers) == 1
    assert "a ballot that was cast with it is kept" in next(iter(answers))[0]


@pytest.mark.parametrize(
    ("chosen", "digits", "words"),
    [
        (frozenset[int](), "408153", "at least one"),
        (frozenset({1, 2, 3}), "408153", "no more than 2"),
        (frozenset({9}), "408153", "not on the ballot"),
        (BENCHES, "40", "any six digits"),
    ],
)
def test_a_ballot_outside_the_rules_uses_no_code(
    secret_round: SecretRound, chosen: frozenset[int], digits: str, words: str
) -> None:
    with pytest.raises(LedgerError, match=words):
        secret_round.cast_with(secret_round.codes[0], chosen=chosen, digits=digits)
    secret_round.cast(0)


def test_votes_are_taken_on_the_rounds_days_only_and_by_code_only(secret_round: SecretRound) -> None:
    with pytest.raises(VoteRefused, match="in secret, with the code of a letter"):
        vote(secret_round.world, REF, bea={1})
    with pytest.raises(LedgerError, match="Two keyholders open them"):
        close(secret_round.world, REF)
    secret_round.world.today += timedelta(days=22)
    with pytest.raises(BallotRefused, match="Votes are taken from"):
        secret_round.cast(0)


def test_a_site_with_another_key_takes_no_vote_because_its_promise_would_be_worth_nothing(secret_round: SecretRound) -> None:
    world = secret_round.world
    other = SecretRound(world, secret_round.codes, secret_round.holders, SigningKey.generate())
    with pytest.raises(NotOurKey, match="your code is not used"):
        other.cast(0)


def test_the_roll_is_loaded_once_sorted_and_whole(secret_round: SecretRound) -> None:
    marks = sorted(roll_mark(REF, credential(REF, code)) for code in secret_round.codes)
    for given, words in (
        (marks[:-1], "has its roll already"),
        (marks[::-1], "not sorted"),
        ([*marks, marks[-1]], "a line twice"),
        (["A" * 64], "no hash"),
        ([], "empty"),
    ):
        with secret_round.world.unit() as unit, pytest.raises(RollRefused, match=words):
            load_roll(unit, round_ref=REF, marks=given)
    with secret_round.world.unit() as unit:
        assert load_roll(unit, round_ref=REF, marks=marks) == VOTERS
        unit.commit()


def attempts(url: str, today: date, code: str, key: bytes, many: int) -> list[str | None]:
    """Cast so many different ballots with one code; the tracker of each that was taken."""
    world = World(open_database(url), today)
    found: list[str | None] = []
    for _ in range(many):
        try:
            found.append(one_attempt(world, code, SigningKey(key)).commitment)
        except CodeRefused:
            found.append(None)
    world.database.dispose()
    return found


def one_attempt(world: World, code: str, key: SigningKey) -> Receipt:
    with world.database.unit_of_work(world.clock, appends=False) as unit:
        ballot = mark(unit.session, round_ref=REF, chosen=BENCHES, digits="408153")
        receipt = cast_with_code(unit, code=code, ballot=ballot, key=key)
        unit.commit()
    return receipt


def test_a_thousand_concurrent_casts_of_one_code_leave_one_ballot(secret_round: SecretRound) -> None:
    """Sixteen at a time, each with a nonce of its own: exactly one has a receipt, and it is of the ballot that was kept."""

    def one(_number: int) -> str | None:
        try:
            return secret_round.cast(0).commitment
        except CodeRefused:
            return None

    with ThreadPoolExecutor(AT_ONCE) as threads:
        taken = [tracker for tracker in threads.map(one, range(MANY)) if tracker is not None]
    assert [slip.tracker for slip in slips(secret_round.world)] == taken


def test_four_processes_that_send_one_code_at_once_leave_one_ballot(secret_round: SecretRound) -> None:
    world = secret_round.world
    url = world.database.url.render_as_string(hide_password=False)
    given = (url, world.today, secret_round.codes[0], bytes(secret_round.key), MANY // 20)
    with ProcessPoolExecutor(4, mp_context=SPLIT_OFF) as processes:
        crews = [processes.submit(attempts, *given) for _ in range(4)]
        taken = [tracker for crew in crews for tracker in crew.result(timeout=120) if tracker is not None]
    assert [slip.tracker for slip in slips(world)] == taken


def test_everybody_votes_at_once_and_no_receipt_is_lost_while_others_record(secret_round: SecretRound) -> None:
    """Casts do not wait for the log's lock: somebody holds it all the time that forty people vote (PostgreSQL)."""
    world = secret_round.world
    with ThreadPoolExecutor(AT_ONCE) as threads:
        if world.database.url.get_backend_name() == "postgresql":
            with world.unit() as unit:
                unit.lock()
                receipts = list(threads.map(secret_round.cast, range(VOTERS)))
        else:
            receipts = list(threads.map(secret_round.cast, range(VOTERS)))
    assert {slip.tracker for slip in slips(world)} == {receipt.commitment for receipt in receipts}
    with world.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Eligible).where(col(Eligible.round) == REF)).scalar() == VOTERS
        assert tree_size(session) == world.size()
