"""What everybody reads in the place of what was erased, and the commands by which a clerk finds, exports and erases."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.commands import main
from ledger.credentials.tokens import Purpose, digest_of
from ledger.credentials.visits import NotLetIn, Visit
from ledger.door import reverse
from ledger.entries import DatabaseBook, tree_size
from ledger.erasing import withdraw
from ledger.kinds.erasing import Erasure, Reason, Removed
from ledger.people import Role
from ledger.records import Actor, Kind, Recorded
from tests.ledger.forgetting import digest_of_words
from tests.pages.conftest import client_of, database_of
from tests.signing_in import carry, let_in
from tests.web.inspecting import InspectingClient

GONE, OPERATOR, LEADER, REGISTRAR = "p-demo-upper-weir-5", "p-demo-operator", "p-demo-leader", "p-demo-registrar"
NOW, A_DAY = datetime.now(UTC), timedelta(days=1)
ASKED = ("--reason", "asked_by_the_person", "--yes")


def entries_of(site: Flask, kind: Kind) -> list[Recorded]:
    with database_of(site).reading() as session:
        return list(DatabaseBook(session).where(kind))


def erasure(site: Flask, what: Removed) -> tuple[Recorded, Erasure]:
    """The demonstration's own erasure of that sort."""
    found = [(entry, entry.payload) for entry in entries_of(site, Kind.ERASURE) if isinstance(entry.payload, Erasure)]
    return next((entry, payload) for entry, payload in found if payload.what is what)


def test_an_entry_shows_when_and_why_its_story_was_withdrawn(site: Flask, visitor: InspectingClient) -> None:
    withdrawn, payload = erasure(site, Removed.STORY)
    page = visitor.page(f"/ledger/{payload.entry}")
    assert "In their words Withdrawn on " in page.text
    assert f"because consent was withdrawn (entry {withdrawn.index})" in page.text
    assert f"/ledger/{withdrawn.index}" in page.links.values()
    marker = visitor.page(f"/ledger/{withdrawn.index}")
    assert "A story was withdrawn on " in marker.text
    assert "Its text and salt are gone" in marker.text
    assert marker.links[f"Entry {payload.entry}"] == f"/ledger/{payload.entry}"


def test_an_erased_person_is_nameless_wherever_they_acted(site: Flask, visitor: InspectingClient) -> None:
    erased, _ = erasure(site, Removed.PERSON)
    listed = visitor.page("/ledger?kind=role&place=upper-weir").text
    assert "someone whose name was erased became panel member of Upper Weir" in listed
    assert "Eli Strand" not in listed
    assert "because the person asked. Their entries stay" in visitor.page(f"/ledger/{erased.index}").text


def test_an_erased_person_is_neither_listed_nor_let_in(site: Flask, visitor: InspectingClient) -> None:
    page = visitor.page("/sign-in")
    assert "Joyce Umeh" in page.text
    offered = {button.get("value") for button in page.root.iter("button")}
    assert "p-demo-upper-weir-6" in offered
    assert GONE not in offered
    with pytest.raises(NotLetIn):
        let_in(site, visitor, GONE)
    with database_of(site).unit_of_work(appends=False) as unit:
        opens = digest_of(Purpose.SESSION, "left over")
        unit.session.add(Visit(digest=opens, person=GONE, way="passkey", device="", made=NOW, seen=NOW, ends=NOW + A_DAY))
        unit.commit()
    client = client_of(site)
    carry(client, "left over")
    answer = client.get("/panel")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in")


def test_a_round_says_when_and_why_the_reasons_of_its_decision_were_erased(site: Flask, visitor: InspectingClient) -> None:
    decision = next(entry for entry in entries_of(site, Kind.RATIFICATION) if entry.place == "millrace")
    with database_of(site).unit_of_work() as unit:
        withdraw(
            unit,
            digest=digest_of_words(decision),
            reason=Reason.RECORDED_BY_MISTAKE,
            registrar=REGISTRAR,
            idempotency_key="a mistake",
        )
        unit.commit()
    assert "the reasons were erased on" in visitor.page("/rounds/millrace-first").text
    assert "because it was recorded by mistake" in visitor.page("/rounds/millrace-first").text


@pytest.fixture
def clerk(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A clerk at the command line of the site's database."""
    monkeypatch.setenv("DATABASE_URL", database_of(site).url.render_as_string(hide_password=False))
    monkeypatch.setenv("SECRET_KEY", "-" * 40)
    return site


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, words, input=typed)


def recorded_as(index: int) -> str:
    """The line that says which entry it became, on a log that nobody has signed."""
    return f"Recorded as entry {index:,}. Nothing of this log is signed yet; “commonpurse doctor” says what is missing.\n"


def size(site: Flask) -> int:
    with database_of(site).reading() as session:
        return tree_size(session)


def test_a_clerk_finds_somebody_by_a_part_of_their_name(clerk: Flask) -> None:
    assert run("person", "find", "PENHALE").stdout == f"{OPERATOR}  Jo Penhale\n"
    assert run("person", "find", "Eli Strand").stdout == "Nobody here has “Eli Strand” in their name.\n"
    assert size(clerk) > 0


def test_a_clerk_exports_all_that_is_held_into_a_file_of_their_own(clerk: Flask, tmp_path: Path) -> None:
    file = tmp_path / "femi.json"
    said = run("person", "export", "p-demo-glodbrook-1", "--output", str(file))
    assert (said.exit_code, said.stdout) == (0, f"All that is held about p-demo-glodbrook-1 is in {file}.\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = json.loads(file.read_text())
    assert set(held) == {
        "shape", "person", "roles", "entries", "words", "ballots", "proposals", "ideas", "seconded", "questions", "interests",
        "meetings", "sign_in", "requests",
    }  # fmt: skip
    assert held["person"]["name"] == "Femi Ashworth"
    assert {words["link"] for words in held["words"]} == {"recorded"}
    again = run("person", "export", "p-demo-glodbrook-1", "--output", str(file))
    assert again.exit_code == 2
    assert "File exists" in again.stderr
    assert json.loads(run("person", "export", "p-demo-glodbrook-1").stdout) == held
    ballots = json.loads(run("person", "export", "p-demo-glodbrook-2").stdout)["ballots"]
    assert {ballot["round"] for ballot in ballots} == {"glodbrook-first", "glodbrook-second", "glodbrook-open"}
    assert size(clerk) > 0


def test_a_clerk_erases_a_name_once_and_it_is_not_said_again(clerk: Flask) -> None:
    before = size(clerk)
    first, again = run("person", "erase", OPERATOR, *ASKED), run("person", "erase", OPERATOR, *ASKED)
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == f"The name behind {OPERATOR}: erased.\n{recorded_as(before)}"
    assert again.exit_code == 0
    assert again.stdout.startswith(f"The name behind {OPERATOR}: erased before, on ")
    assert again.stdout.endswith(f"because the person asked; nothing was recorded twice.\n{recorded_as(before)}")
    assert "Penhale" not in first.stdout + again.stdout
    assert size(clerk) == before + 1
    assert run("ledger", "verify").exit_code == 0


def test_a_clerk_withdraws_words_by_the_number_of_their_entry_and_by_their_digest(clerk: Flask) -> None:
    told = [entry for entry in entries_of(clerk, Kind.HELP_GIVEN) if entry.place == "ferrybank"]
    before = size(clerk)
    for number, which in enumerate((str(told[0].index), digest_of_words(told[1]))):
        said = run("story", "withdraw", which, "--reason", "consent_withdrawn", "--yes")
        expected = f"The text and salt beside entry {told[number].index}: erased.\n{recorded_as(before + number)}"
        assert (said.exit_code, said.stdout, said.stderr) == (0, expected, "")
    assert run("ledger", "verify").exit_code == 0


def test_where_the_name_still_stands_in_somebodys_words_is_said(clerk: Flask) -> None:
    with database_of(clerk).unit_of_work() as unit:
        payment = next(DatabaseBook(unit.session).where(Kind.PAYMENT, place="millrace"))
        actor = Actor("p-demo-chief-finance", Role.CHIEF_FINANCE_OFFICER)
        entry = reverse(unit, index=payment.index, actor=actor, reasons="Jo Penhale saw the slip.", idempotency_key="slip")
        unit.commit()
    said = run("person", "erase", OPERATOR, *ASKED)
    assert f"still stands in the words beside entry {entry.index}: see whether to withdraw those too" in said.stdout


def test_nothing_is_erased_before_the_clerk_says_yes(clerk: Flask) -> None:
    before = size(clerk)
    story = str(entries_of(clerk, Kind.HELP_GIVEN)[0].index)
    for words in (("person", "erase", OPERATOR), ("story", "withdraw", story)):
        said = run(*words, "--reason", "recorded_by_mistake", typed="n\n")
        assert said.exit_code == 1
        assert "It cannot be undone." in said.stdout
        assert "what was not finished is not recorded" in said.stderr
    assert size(clerk) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "erase", LEADER, *ASKED), "still holds the role of authority leader at marlmoor"),
        (("person", "erase", OPERATOR, "--reason", "she moved to 3 Mill Lane"), "is not one of"),
        (("person", "erase", "p-nobody", *ASKED), "There is no person called “p-nobody”"),
        (("person", "erase", OPERATOR, *ASKED, "--as", LEADER), "You do not hold the role of registrar"),
        (("person", "export", "p-nobody"), "There is no person called “p-nobody”"),
        (("story", "withdraw", "0", *ASKED), "Entry 0 has no words beside it"),
        (("story", "withdraw", "99999", *ASKED), "There is no entry 99999"),
        (("story", "withdraw", "0" * 64, *ASKED), "There is no kept text called"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_is_recorded(clerk: Flask, words: tuple[str, ...], said: str) -> None:
    before = size(clerk)
    answer = run(*words)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert size(clerk) == before
