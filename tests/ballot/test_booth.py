"""The booth: a ballot with a code, without an account; its receipt; where it is in the log; the published files."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from werkzeug.test import TestResponse

from app.limits import BALLOTS_FROM_ONE
from ledger.ballot.codes import credential, new_code, printed
from ledger.ballot.receipts import Receipt, check_promise
from ledger.ballot.recount import read_all, recount
from ledger.credentials.attempts import Attempt
from ledger.rounds.roll import Slip
from tests.ballot.booths import Booth, a_booth
from tests.ballot.living import REF
from tests.databases import SqliteFiles
from tests.ledger.conftest import ratify_result
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient

VOTE, CAST, TRACKER = f"/vote/{REF}", f"/vote/{REF}/cast", f"/vote/{REF}/tracker"
Values = dict[str, str | list[str]]


@pytest.fixture
def booth(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Booth]:
    with a_booth(sqlite_files, tmp_path) as made:
        yield made


@pytest.fixture
def voter(booth: Booth) -> InspectingClient:
    return client_of(booth.site)


def filled(booth: Booth, **other: str | list[str]) -> Values:
    return {"code": printed(booth.living.codes[0]).lower(), "choices": ["1", "3"], "digits": "408 153", **other}


def send(voter: InspectingClient, action: str, values: Values) -> TestResponse:
    return voter.post(action, data={**voter.page(VOTE).form(VOTE).values, **values})


def review(voter: InspectingClient, values: Values) -> Values:
    """What the review page sends on."""
    page = send(voter, VOTE, values)
    assert page.status_code == 200
    assert "Nothing is kept yet" in page.text
    found: Values = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text):
        found[name] = [*found.get(name, []), value]
    return found


def receipt_on(page: TestResponse) -> Receipt:
    assert page.status_code == 200, page.text
    said = re.findall(r"summary-list__value\">\s*([^<]*?)\s*<", page.text)
    return Receipt(*said[:5])


def slips(booth: Booth) -> list[Slip]:
    with database_of(booth.site).reading() as session:
        return list(session.exec(select(Slip)))


def test_a_resident_reviews_casts_and_takes_a_receipt_that_holds(booth: Booth, voter: InspectingClient) -> None:
    values = review(voter, filled(booth))
    assert slips(booth) == []
    receipt = receipt_on(voter.post(CAST, data=values))
    check_promise(bytes(booth.living.key.verify_key).hex(), receipt)
    assert [(slip.credential, slip.tracker) for slip in slips(booth)] == [
        (credential(REF, booth.living.codes[0]), receipt.commitment)
    ]
    assert receipt_on(voter.post(CAST, data=values)) == receipt, "an answer that was lost is asked for again"
    page = voter.post(CAST, data={**values, "choices": ["2"]})
    assert page.status_code == 422
    assert "This code cannot be used" in page.text
    assert len(slips(booth)) == 1


def test_who_changes_their_mind_at_the_review_goes_back_with_all_they_typed(booth: Booth, voter: InspectingClient) -> None:
    values = review(voter, filled(booth))
    page = voter.post(VOTE, data={**values, "change": "yes"})
    assert page.status_code == 200
    assert page.text.count(" checked") == 2
    assert 'value="408153"' in page.text


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"code": "7F3K"}, "24 letters and numbers"),
        ({"choices": []}, "at least one"),
        ({"choices": ["1", "2", "3"]}, "no more than 2"),
        ({"choices": ["9"]}, "choice"),
        ({"choices": ["x"]}, "choice"),
        ({"digits": "12"}, "any six digits"),
    ],
)
def test_what_does_not_keep_to_the_rules_is_said_beside_its_field(
    booth: Booth, voter: InspectingClient, other: Values, words: str
) -> None:
    for action in (VOTE, CAST):
        page = send(voter, action, filled(booth, **other))
        assert page.status_code == 422
        assert words in page.text
    assert slips(booth) == []


def test_a_code_of_no_letter_and_a_used_one_get_the_same_page(booth: Booth, voter: InspectingClient) -> None:
    booth.living.cast(0)
    pages = []
    for code in (booth.living.codes[0], new_code()):
        page = send(voter, CAST, filled(booth, code=code))
        assert page.status_code == 422
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page.text).replace(code, ""))
    assert pages[0] == pages[1]


def test_ballots_from_one_place_are_held_back_whichever_worker_answers(booth: Booth, voter: InspectingClient) -> None:
    values = {**voter.page(VOTE).form(VOTE).values, **filled(booth, code=new_code())}
    answers = [voter.post(CAST, data=values).status_code for _ in range(BALLOTS_FROM_ONE.most + 1)]
    assert answers == [422] * BALLOTS_FROM_ONE.most + [429]
    with database_of(booth.site).reading() as session:
        assert all("127.0.0.1" not in row.digest for row in session.exec(select(Attempt)))


def test_the_booth_knows_no_account_loads_nothing_from_elsewhere_and_writes_no_address_down(
    booth: Booth, voter: InspectingClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    values = review(voter, filled(booth))
    page = voter.post(CAST, data=values)
    for answer in (voter.get(VOTE), page):
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        assert (
            "default-src 'none'" in answer.headers["Content-Security-Policy"]
            or "'self'" in answer.headers["Content-Security-Policy"]
        )
    assert "127.0.0.1" not in caplog.text
    assert booth.living.codes[0] not in caplog.text


def test_the_promises_and_what_is_not_promised_stand_on_the_page(voter: InspectingClient) -> None:
    words = voter.page(VOTE).text
    for said in (
        "stands beside you while you vote",
        "Your receipt shows how you voted to whoever you give it to",
        "Whoever controls this site while you vote",
        "Do not use this for statutory elections",
        "one alone cannot",
        "5 or more people show that their ballots are missing",
        "30 September 2026",
    ):
        assert said in words


def test_the_tracker_says_not_yet_then_where_and_after_the_close_what_a_missing_one_means(
    booth: Booth, voter: InspectingClient
) -> None:
    receipt = booth.living.cast(0)
    assert "not in the log yet" in voter.page(f"{TRACKER}?tracker={receipt.commitment}").text
    for number in range(1, 10):
        booth.living.cast(number)
    (batch,) = booth.living.seal()
    assert f"in the log at entry {batch.index}" in voter.page(f"{TRACKER}?tracker={receipt.commitment}").text
    booth.living.close()
    assert "it proves that your ballot is missing" in voter.page(f"{TRACKER}?tracker={'0' * 64}").text
    for words in ("é", "%00", "' OR 1=1 --", "9" * 400):
        assert voter.get(TRACKER, query_string={"tracker": words}).status_code == 200


def test_the_published_files_are_linked_and_a_recount_of_them_holds(booth: Booth, voter: InspectingClient) -> None:
    living = booth.living
    assert voter.get(f"{VOTE}/files/openings.json").status_code == 404
    for number in range(12):
        living.cast(number)
    living.close()
    living.count()
    ratify_result(living.world, REF)
    page = voter.page(f"/rounds/{REF}")
    links = re.findall(rf'href="({VOTE}/files/[\w.]+)"', page.response.get_data(as_text=True))
    files = {link.rpartition("/")[2]: voter.get(link).get_data() for link in links}
    assert len(files) == 6
    found = recount(read_all(files))
    assert (found.findings, found.result.votes) == ((), 12)


def test_a_round_without_a_secret_ballot_has_no_booth(visitor: InspectingClient) -> None:
    assert visitor.get("/vote/glodbrook-open").status_code == 404
    assert visitor.get("/vote/nowhere").status_code == 404
