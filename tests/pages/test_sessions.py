"""Sessions as a browser meets them: the cookie, sign-in, sign-out, copies, the page that lists them."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select, update

from app.devices import device_of
from app.settings import HoursBroken, Settings, from_environment
from app.site import create_app
from ledger.credentials.tokens import Purpose, digest_of
from ledger.credentials.visits import Visit, bar
from ledger.database import system_clock
from tests.pages.conftest import client_of, database_of
from tests.signing_in import COOKIE, carried, carry, let_in
from tests.web.inspecting import InspectingClient

FINANCE, LEADER = "p-demo-finance", "p-demo-leader"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def token_of(client: InspectingClient) -> str:
    token = carried(client)
    assert len(token) == 43
    return token


def rows(site: Flask) -> list[Visit]:
    with database_of(site).reading() as session:
        return list(session.exec(select(Visit)))


def is_in(client: InspectingClient) -> bool:
    return client.get("/me/sessions").status_code == 200


def press(client: InspectingClient, address: str, page: str = "/me/sessions", **values: str) -> None:
    token = next(field.get("value", "") for field in client.page(page).root.iter("input") if field.get("name") == "csrf_token")
    assert client.post(address, data={"csrf_token": token, **values}).status_code == 302


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-session"), (False, "session")])
def test_there_is_one_cookie_and_it_is_kept_from_scripts_and_other_sites(
    site: Flask,
    secure: bool,  # noqa: FBT001 - the table of the test
    name: str,
) -> None:
    other = create_app(Settings(database_url=str(database_of(site).url.render_as_string()), secret_key="-" * 40, secure=secure))
    other.test_client_class = InspectingClient
    client = other.test_client()
    base = "https://localhost" if secure else "http://localhost"
    page = client.get("/sign-in", base_url=base).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "person": FINANCE}, base_url=base, headers={"Referer": f"{base}/sign-in"}
    )
    cookies = {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    parts = [part.strip() for part in cookies[name].split(";")]
    assert list(cookies) == [name]  # one, and it is needed
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert ("Secure" in parts) == secure
    assert not any(part.startswith("Domain") for part in parts)
    assert all(("Secure" in line) == secure and "HttpOnly" in line for line in cookies.values())
    database_of(other).dispose()


def test_the_token_changes_at_sign_in_and_the_old_one_opens_nothing(site: Flask) -> None:
    client = client_of(site, FINANCE)
    before = token_of(client)
    press(client, "/sign-in", person=LEADER)
    assert token_of(client) != before
    assert [row.person for row in rows(site)] == [LEADER]
    thief = client_of(site)
    carry(thief, before)
    assert not is_in(thief)


def test_a_token_that_somebody_planted_is_not_taken_over_at_sign_in(site: Flask) -> None:
    client = client_of(site)
    carry(client, "planted")
    press(client, "/sign-in", page="/sign-in", person=FINANCE)
    assert token_of(client) != "planted"


def test_a_copied_cookie_dies_at_sign_out(site: Flask) -> None:
    client, thief = client_of(site, FINANCE), client_of(site)
    copied = client.get_cookie(COOKIE)
    assert copied is not None
    thief.set_cookie(COOKIE, copied.value)
    assert is_in(thief)
    press(client, "/sign-out")
    assert carried(client) == ""
    assert (is_in(client), is_in(thief)) == (False, False)


def test_whoever_is_barred_is_out_at_once(site: Flask) -> None:
    client = client_of(site, FINANCE)
    assert is_in(client)
    with database_of(site).unit_of_work(appends=False) as unit:
        bar(unit, person=FINANCE)
        unit.commit()
    assert not is_in(client)


def test_who_one_is_does_not_come_from_the_cookie(site: Flask) -> None:
    client = client_of(site)
    with client.session_transaction() as session:
        session["person"] = FINANCE
    assert not is_in(client)


def test_one_lists_ones_sessions_and_ends_one_or_all_others(site: Flask) -> None:
    client = client_of(site, FINANCE)
    others = [client_of(site, FINANCE) for _ in range(3)]
    stranger = client_of(site, LEADER)
    page = client.page("/me/sessions")
    assert page.text.count("Ends at the latest") == 4
    assert page.text.count("(this browser)") == 1
    for row in rows(site):
        if row.person == LEADER:
            press(client, "/me/sessions/end", session=row.digest)
    press(others[0], "/me/sessions/end", session=digest_in(site, others[0]))
    assert [is_in(each) for each in (client, *others, stranger)] == [True] * 5
    press(others[0], "/me/sessions/end", session=digest_in(site, others[1]))
    assert [is_in(each) for each in (client, *others, stranger)] == [True, True, False, True, True]
    press(client, "/me/sessions/end-others")
    assert [is_in(each) for each in (client, *others, stranger)] == [True, False, False, False, True]


def digest_in(site: Flask, client: InspectingClient) -> str:
    digest = digest_of(Purpose.SESSION, token_of(client))
    assert digest in {row.digest for row in rows(site)}
    return digest


@pytest.mark.parametrize("address", ["/me/sessions", "/me/security", "/finance", "/places", "/sign-in/link/abc", "/nowhere"])
def test_nobody_keeps_a_copy_of_what_a_signed_in_person_sees(site: Flask, address: str) -> None:
    assert client_of(site, FINANCE).get(address).headers["Cache-Control"] == "no-store"


def test_only_sending_a_form_is_noted_as_use(site: Flask) -> None:
    client = client_of(site)
    let_in(site, client, FINANCE)
    long_ago = system_clock().replace(microsecond=0) - timedelta(hours=3)
    with database_of(site).unit_of_work(appends=False) as unit:
        unit.session.execute(update(Visit).where(col(Visit.person) == FINANCE).values(seen=long_ago))
        unit.commit()
    client.page("/finance")
    assert [row.seen for row in rows(site)] == [long_ago]
    press(client, "/me/sessions/end-others")
    assert [row.seen > long_ago for row in rows(site)] == [True]


def test_a_session_that_was_left_alone_for_too_long_is_over(site: Flask) -> None:
    client = client_of(site, FINANCE)
    with database_of(site).unit_of_work(appends=False) as unit:
        unit.session.execute(update(Visit).values(seen=system_clock() - timedelta(hours=4)))
        unit.commit()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("", "A browser"),
        ("<script>" * 500, "A browser"),
    ],
)
def test_a_device_is_named_coarsely(said: str, name: str) -> None:
    assert device_of(said) == name


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "x", "721", "٣"])
def test_a_length_of_sessions_that_is_none_is_refused_in_words(given: str) -> None:
    with pytest.raises(HoursBroken, match="SESSION_HOURS is not a number of whole hours from 1 to 720"):
        from_environment({"SECRET_KEY": "-" * 40, "SESSION_HOURS": given})
    assert from_environment({"SECRET_KEY": "-" * 40, "SESSION_IDLE_HOURS": "8"}).session_idle_hours == 8
