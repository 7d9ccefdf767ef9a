"""What a person reads when something cannot be done: one sentence, and never a trace."""

import pytest
from flask import Flask

from app import store
from app.errors import SENTENCES
from tests.web.inspecting import InspectingClient, Page

pytestmark = pytest.mark.usefixtures("asked")


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500])
def test_each_refusal_has_a_page_with_its_sentence(code: int, client: InspectingClient) -> None:
    title, sentence = SENTENCES[code]  # type: ignore[index]  # an HTTPStatus is an int
    page = client.page(f"/rehearsal/abort/{code}", status=code)
    assert page.heading == title
    assert sentence in page.text
    assert page.links["Go to the home page"] == "/"


@pytest.mark.parametrize(("code", "like"), [(418, 400), (410, 400), (503, 500), (501, 500)])
def test_a_refusal_without_words_of_its_own_borrows_them(code: int, like: int, client: InspectingClient) -> None:
    assert SENTENCES[like][1] in client.page(f"/rehearsal/abort/{code}", status=code).text  # type: ignore[index]  # as above


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("full", 409, "The hall is full: 90 seats are taken. Nothing was recorded."),
        ("invalid", 422, "The date is past. Nothing was recorded."),
        ("missing", 404, "There is no hall called “h9”."),
    ],
)
def test_a_refusal_of_the_ledger_shows_the_ledgers_own_sentence(
    kind: str, status: int, words: str, client: InspectingClient
) -> None:
    assert words in client.page(f"/rehearsal/refused/{kind}", status=status).text


def test_a_fault_of_ours_shows_no_trace_and_is_written_to_the_log(
    client: InspectingClient, caplog: pytest.LogCaptureFixture
) -> None:
    page = client.page("/rehearsal/refused/unthought-of", status=500)
    assert "The fault is ours" in page.text
    assert "unthought-of" not in page.response.get_data(as_text=True)
    assert "KeyError" in caplog.text


def test_a_database_that_is_down_does_not_break_the_page_that_says_so(app: Flask, client: InspectingClient) -> None:
    with app.app_context():
        store.database().dispose()
    app.extensions["commonpurse.database"] = None
    page = client.page("/places", status=500)
    assert page.heading == "Something went wrong"
    assert "Content-Security-Policy" in page.response.headers


def test_a_page_asked_in_the_wrong_way_says_which_ways_there_are(client: InspectingClient) -> None:
    answer = client.delete("/accessibility")
    assert answer.status_code in {400, 405}
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused_and_says_why(client: InspectingClient, asked: list[dict[str, object]]) -> None:
    form = client.page("/rehearsal").form()
    answer = client.post("/rehearsal", data={"amount": "5", "way": "card", "idempotency_key": form.values["idempotency_key"]})
    assert answer.status_code == 400
    assert Page(answer).heading == "This page was open for too long"
    assert asked == []


def test_a_token_of_another_visitor_is_refused(app: Flask, client: InspectingClient, asked: list[dict[str, object]]) -> None:
    form = client.page("/rehearsal").form()
    stranger = app.test_client()
    assert isinstance(stranger, InspectingClient)
    assert stranger.submit(form, amount="5", way="card").status_code == 400
    assert asked == []


def test_what_is_too_large_is_refused(client: InspectingClient) -> None:
    form = client.page("/rehearsal").form()
    answer = client.submit(form, amount="5" * 1_100_000)
    assert answer.status_code == 413
    assert "Send less" in Page(answer).text
