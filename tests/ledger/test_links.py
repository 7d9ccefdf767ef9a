"""Links by email: ten minutes, once, in the browser that asked. And whose an address is."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from ledger.credentials.mailboxes import (
    AddressTaken,
    BadAddress,
    Link,
    LinkSpent,
    add_by_link,
    add_mailbox,
    ask_for_link,
    ask_to_add,
    mailboxes_of,
    read_address,
    use_link,
)
from ledger.credentials.tokens import Purpose, digest_of
from ledger.credentials.visits import NotLetIn, bar
from ledger.errors import LedgerError
from tests.ledger.conftest import FINANCE, LEADER, World
from tests.ledger.forgetting import BEA

BEAS = "bea@glodbrook.example"


@pytest.fixture
def known(world: World) -> World:
    """Bea has an address."""
    with world.unit() as unit:
        add_mailbox(unit, person=BEA, address="Bea@Glodbrook.Example ")
        unit.commit()
    return world


def ask(world: World, browser: str = "beas phone", address: str = BEAS) -> str | None:
    with world.unit() as unit:
        token = ask_for_link(unit, address=address, browser=browser)
        unit.commit()
    return token


def use(world: World, token: str | None, browser: str = "beas phone", *, after: timedelta = timedelta()) -> str:
    def clock() -> datetime:
        return world.clock() + after

    with world.database.unit_of_work(clock, appends=False) as unit:
        person = use_link(unit, token=token or "", browser=browser)
        unit.commit()
    return person


def test_a_link_works_once(known: World) -> None:
    token = ask(known)
    assert use(known, token) == BEA
    with pytest.raises(LinkSpent, match="does not work: it was used already"):
        use(known, token)


def test_a_link_works_for_ten_minutes(known: World) -> None:
    token = ask(known)
    with pytest.raises(LinkSpent):
        use(known, token, after=timedelta(minutes=10))
    assert use(known, token, after=timedelta(minutes=9, seconds=59)) == BEA


def test_a_link_works_only_in_the_browser_that_asked_and_another_does_not_spoil_it(known: World) -> None:
    token = ask(known)
    for browser in ("", "a scanner", "beas phone "):
        with pytest.raises(LinkSpent):
            use(known, token, browser)
    assert use(known, token) == BEA


def test_of_several_who_use_a_link_at_once_one_succeeds(known: World) -> None:
    token, start, answers = ask(known), threading.Barrier(6), []

    def one() -> None:
        start.wait(timeout=20)
        try:
            answers.append(use(known, token))
        except LedgerError as fault:
            answers.append(type(fault).__name__)

    crew = [threading.Thread(target=one) for _ in range(6)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(timeout=60)
    assert sorted(answers) == ["LinkSpent"] * 5 + [BEA]


def test_an_address_that_nobody_has_gets_no_link(known: World) -> None:
    assert ask(known, address="nobody@glodbrook.example") is None
    with known.database.reading() as session:
        assert session.exec(select(Link)).all() == []


def test_nobodys_mailbox_is_filled_by_asking_again_and_again(known: World) -> None:
    sent = [ask(known) for _ in range(7)]
    assert [token is not None for token in sent] == [True] * 5 + [False] * 2
    assert use(known, sent[0]) == BEA
    assert ask(known) is not None


def test_whoever_is_barred_gets_no_link_and_cannot_use_one(known: World) -> None:
    token = ask(known)
    with known.unit() as unit:
        bar(unit, person=BEA)
        unit.commit()
    assert ask(known) is None
    with pytest.raises(NotLetIn):
        use(known, token)


def test_only_digests_of_a_link_are_kept(known: World) -> None:
    token = ask(known)
    assert token is not None
    with known.database.reading() as session:
        row = session.exec(select(Link)).one()
    assert (row.digest, row.browser) == (digest_of(Purpose.LINK, token), digest_of(Purpose.BROWSER, "beas phone"))
    assert token not in str(row.model_dump())


def test_an_address_belongs_to_one_person_who_may_have_several(known: World) -> None:
    with known.unit() as unit:
        for address in (BEAS, "b.lindqvist@work.example"):
            add_mailbox(unit, person=BEA, address=address)
        with pytest.raises(AddressTaken):
            add_mailbox(unit, person=FINANCE, address="BEA@glodbrook.example")
        unit.commit()
    with known.database.reading() as session:
        assert [row.address for row in mailboxes_of(session, BEA)] == ["b.lindqvist@work.example", BEAS]


@pytest.mark.parametrize(
    "typed",
    [
        "", "bea", "bea@", "@glodbrook.example", "bea@localhost", "a b@glodbrook.example", "a@b..example", "a@-b.example",
        "bea@glodbrook.example\r\nBcc: everyone@glodbrook.example", "bea@glodbrook.example\n", "\rbea@glodbrook.example",
        "bea@glodbrook.example, other@glodbrook.example", "<bea@glodbrook.example>", "béa@glodbrook.example",
        "x" * 65 + "@glodbrook.example", "a@" + "b" * 60 + ".example" * 30, "a\x00@glodbrook.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress, match=r"like name@example\.com"):
        read_address(typed)


def test_an_address_goes_to_whoever_asked_for_it_and_to_nobody_else_in_that_browser(world: World) -> None:
    with world.unit() as unit:
        token = ask_to_add(unit, person=FINANCE, address="new@marlmoor.example", browser="browser")
        unit.commit()
    assert token is not None
    with pytest.raises(LinkSpent), world.unit() as unit:
        add_by_link(unit, token=token, person=LEADER, browser="browser")
    with world.unit() as unit:
        assert add_by_link(unit, token=token, person=FINANCE, browser="browser").person == FINANCE
        unit.commit()
    with pytest.raises(LinkSpent), world.unit() as unit:
        add_by_link(unit, token=token, person=FINANCE, browser="browser")
