"""What officers need besides a link: codes from an app, recovery codes, passkeys, work accounts."""

import threading
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlmodel import select

from ledger.credentials.challenges import ChallengeOver, set_challenge, take_challenge
from ledger.credentials.codes import (
    AppThere,
    Authenticator,
    Guess,
    Recovery,
    authenticator_of,
    confirm_authenticator,
    guess,
    new_recovery_codes,
    recovery_codes_left,
    remove_authenticator,
    start_authenticator,
    use_recovery_code,
)
from ledger.credentials.held import held_to_sign_in
from ledger.credentials.identities import AccountTaken, person_with, tie
from ledger.credentials.invitations import invite
from ledger.credentials.mailboxes import add_mailbox, ask_for_link
from ledger.credentials.passkeys import (
    PasskeyCopied,
    PasskeyThere,
    add_passkey,
    count_signature,
    passkey,
    passkeys_of,
    remove_passkey,
)
from ledger.credentials.visits import Way, begin_visit
from ledger.people import person
from tests.ledger.conftest import FINANCE, REGISTRAR, World
from tests.ledger.forgetting import BEA, end_role, erasing, forget

SHORT = timedelta(seconds=30)


class Phone:
    """The finance officer's phone, with its app."""

    def __init__(self, world: World) -> None:
        self.world = world
        with world.unit() as unit:
            start_authenticator(unit, person=FINANCE)
            unit.commit()
        with world.database.reading() as session:
            kept = authenticator_of(session, FINANCE, confirmed=False)
            assert kept is not None
            self.totp = pyotp.TOTP(kept.secret)

    def code(self, steps: int = 0) -> str:
        return self.totp.at(self.world.clock() + steps * SHORT)

    def confirm(self, steps: int = 0) -> list[str] | None:
        with self.world.unit() as unit:
            codes = confirm_authenticator(unit, person=FINANCE, code=self.code(steps))
            unit.commit()
        return codes

    def type(self, code: str, *, after: timedelta = timedelta()) -> Guess:
        def clock() -> datetime:
            return self.world.clock() + after

        with self.world.database.unit_of_work(clock, appends=False) as unit:
            answer = guess(unit, person=FINANCE, code=code)
            unit.commit()
        return answer


@pytest.fixture
def phone(world: World) -> Phone:
    """Set up and confirmed with the code of one step ago."""
    made = Phone(world)
    assert made.confirm(-1) is not None
    return made


def test_an_app_counts_once_its_code_was_typed(world: World) -> None:
    phone = Phone(world)
    with world.unit() as unit:
        assert confirm_authenticator(unit, person=FINANCE, code="000000") is None
        unit.commit()
        assert authenticator_of(unit.session, FINANCE) is None
    codes = phone.confirm()
    assert codes is not None
    assert (len(codes), len(set(codes))) == (10, 10)
    with world.unit() as unit:
        assert authenticator_of(unit.session, FINANCE) is not None
        with pytest.raises(AppThere):
            start_authenticator(unit, person=FINANCE)


def test_a_code_works_once_and_none_before_it_works_after_it(phone: Phone) -> None:
    assert phone.type(phone.code()) is Guess.RIGHT
    assert phone.type(phone.code()) is Guess.WRONG
    assert phone.type(phone.code(-1)) is Guess.WRONG
    assert phone.type(phone.code(1)) is Guess.RIGHT


def test_of_several_who_send_a_code_at_once_one_succeeds(phone: Phone) -> None:
    code, start, answers = phone.code(), threading.Barrier(4), []

    def one() -> None:
        start.wait(timeout=20)
        answers.append(phone.type(code))

    crew = [threading.Thread(target=one) for _ in range(4)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(timeout=60)
    assert sorted(answers) == [Guess.RIGHT] + [Guess.WRONG] * 3


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "123456789", "-12345", " "])
def test_what_is_no_code_is_wrong(phone: Phone, typed: str) -> None:
    assert phone.type(typed) is Guess.WRONG


def test_a_code_may_be_a_step_off_and_not_two(phone: Phone) -> None:
    assert phone.type(phone.code(2)) is Guess.WRONG
    assert phone.type(phone.code(-2)) is Guess.WRONG
    assert phone.type(f" {phone.code()[:3]} {phone.code()[3:]} ") is Guess.RIGHT


def test_after_five_misses_there_is_a_wait_that_doubles(phone: Phone) -> None:
    wrong = "000000" if phone.code() != "000000" else "000001"
    assert [phone.type(wrong) for _ in range(5)] == [Guess.WRONG] * 5
    assert phone.type(phone.code()) is Guess.WAIT
    assert phone.type(wrong, after=timedelta(seconds=60)) is Guess.WRONG
    assert phone.type(phone.code(5), after=timedelta(seconds=150)) is Guess.WAIT
    assert phone.type(phone.code(6), after=timedelta(seconds=180)) is Guess.RIGHT
    assert phone.type(wrong, after=timedelta(seconds=180)) is Guess.WRONG


def test_guesses_that_are_sent_together_do_not_slip_past_the_wait(phone: Phone) -> None:
    wrong = "000000" if phone.code() != "000000" else "000001"
    start, answers = threading.Barrier(12), []

    def one() -> None:
        start.wait(timeout=20)
        answers.append(phone.type(wrong))

    crew = [threading.Thread(target=one) for _ in range(12)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(timeout=60)
    assert (answers.count(Guess.WRONG), answers.count(Guess.WAIT)) == (5, 7)


def test_a_recovery_code_has_120_bits_works_once_and_is_kept_as_a_digest(world: World) -> None:
    phone = Phone(world)
    codes = phone.confirm()
    assert codes is not None
    assert len(codes[0].replace("-", "")) * 5 == 120
    with world.database.reading() as session:
        kept = session.exec(select(Recovery.digest)).all()
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    with world.unit() as unit:
        assert not use_recovery_code(unit, person=BEA, code=codes[0])
        assert use_recovery_code(unit, person=FINANCE, code=f" {codes[0].lower()} ")
        assert not use_recovery_code(unit, person=FINANCE, code=codes[0])
        assert recovery_codes_left(unit.session, FINANCE) == 9
        again = new_recovery_codes(unit, person=FINANCE)
        assert not use_recovery_code(unit, person=FINANCE, code=codes[1])
        assert use_recovery_code(unit, person=FINANCE, code=again[1])
        remove_authenticator(unit, person=FINANCE)
        assert not use_recovery_code(unit, person=FINANCE, code=again[2])
        assert unit.session.get(Authenticator, FINANCE) is None
        assert guess(unit, person=FINANCE, code="123456") is Guess.WRONG


def test_a_passkeys_counter_never_goes_back(world: World) -> None:
    with world.unit() as unit:
        for key_id, signs in (("counts", 5), ("does-not-count", 0)):
            add_passkey(unit, person=BEA, key_id=key_id, public_key=b"key", signs=signs, label="Phone")
        with pytest.raises(PasskeyThere):
            add_passkey(unit, person=FINANCE, key_id="counts", public_key=b"other", signs=0, label="Phone")
        count_signature(unit, key_id="counts", signs=6)
        count_signature(unit, key_id="does-not-count", signs=0)
        for key_id, signs in (("counts", 6), ("counts", 5), ("counts", 0), ("not there", 9)):
            with pytest.raises(PasskeyCopied):
                count_signature(unit, key_id=key_id, signs=signs)
        remove_passkey(unit, person=FINANCE, key_id="counts")
        assert passkey(unit.session, "counts") is not None
        remove_passkey(unit, person=BEA, key_id="counts")
        assert [row.id for row in passkeys_of(unit.session, BEA)] == ["does-not-count"]


def test_a_challenge_is_answered_once_in_time_and_as_what_it_was(world: World) -> None:
    with world.unit() as unit:
        token, late = (set_challenge(unit, what="passkey", kept="abc") for _ in range(2))
        with pytest.raises(ChallengeOver):
            take_challenge(unit, what="work account", token=token)
        assert take_challenge(unit, what="passkey", token=token) == "abc"
        with pytest.raises(ChallengeOver):
            take_challenge(unit, what="passkey", token=token)
        unit.commit()
    world.today += timedelta(days=1)
    with world.unit() as unit, pytest.raises(ChallengeOver):
        take_challenge(unit, what="passkey", token=late)


def test_a_work_account_is_one_persons(world: World) -> None:
    with world.unit() as unit:
        for _ in range(2):
            tie(unit, issuer="https://id.marlmoor.example", subject="7", person=FINANCE)
        with pytest.raises(AccountTaken):
            tie(unit, issuer="https://id.marlmoor.example", subject="7", person=BEA)
        assert person_with(unit.session, issuer="https://id.marlmoor.example", subject="7") == FINANCE
        assert person_with(unit.session, issuer="https://id.elsewhere.example", subject="7") is None


def test_everything_with_which_somebody_signs_in_is_shown_to_them_and_goes_with_them(world: World) -> None:
    with world.unit() as unit:
        add_mailbox(unit, person=BEA, address="bea@glodbrook.example")
        ask_for_link(unit, address="bea@glodbrook.example", browser="phone")
        begin_visit(unit, person=BEA, way=Way.PASSKEY, device="Firefox on Linux", lasts=timedelta(hours=1))
        add_passkey(unit, person=BEA, key_id="k", public_key=b"key", signs=0, label="Phone")
        tie(unit, issuer="https://id.marlmoor.example", subject="7", person=BEA)
        start_authenticator(unit, person=BEA)
        kept = unit.session.get(Authenticator, BEA)
        assert kept is not None
        secret = kept.secret
        confirm_authenticator(unit, person=BEA, code=pyotp.TOTP(secret).at(world.clock()))
        invite(unit, ref="i", authority="marlmoor", address="b@work.example", name="Bea", inviter=REGISTRAR, person=BEA)
        held = held_to_sign_in(unit.session, BEA)
        unit.commit()
    assert held.addresses == ("bea@glodbrook.example",)
    assert [way.what for way in held.ways] == ["passkey", "authenticator app", "recovery codes", "work account"]
    assert [(visit.way, visit.device) for visit in held.sessions] == [("passkey", "Firefox on Linux")]
    assert [row.address for row in held.invitations] == ["b@work.example"]
    assert secret not in str(held)
    end_role(world, BEA)
    forget(world, erasing(BEA))
    with world.database.reading() as session:
        gone = held_to_sign_in(session, BEA)
        assert (gone.addresses, gone.ways, gone.sessions, gone.invitations) == ((), (), (), ())
        assert session.exec(select(Recovery)).all() == []
        assert person(session, BEA).name is None
