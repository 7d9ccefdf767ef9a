"""How often somebody may ask holds for one address and for one place on the network, across workers and restarts."""

from pathlib import Path

import pytest
from flask import Flask, request

from app import store
from app.access import anyone
from app.limits import CHALLENGES_FROM_ONE, LETTERS_FROM_ONE, LETTERS_TO_ONE
from app.settings import ProxiesBroken, Settings, from_environment
from app.site import create_app
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient


def ask(client: InspectingClient, address: str, **headers: str) -> int:
    page = client.page("/sign-in")
    token = next(field.get("value", "") for field in page.root.iter("input") if field.get("name") == "csrf_token")
    return client.post("/sign-in/email", data={"csrf_token": token, "email": address}, headers=headers).status_code


@pytest.fixture
def posting(site: Flask, told_story: str, tmp_path: Path) -> Flask:
    """The same site, with a folder for its letters."""
    assert told_story
    url = str(database_of(site).url)
    made = create_app(Settings(database_url=url, secret_key="-" * 40, outbox=tmp_path))
    made.test_client_class = InspectingClient
    return made


def test_an_address_gets_few_letters_whether_it_is_known_or_not(posting: Flask) -> None:
    for address in ("nobody@example.org", "somebody.else@example.org"):
        client = client_of(posting)
        assert [ask(client, address) for _ in range(LETTERS_TO_ONE.most)] == [302] * LETTERS_TO_ONE.most
        answer = client.post("/sign-in/email", data={"csrf_token": token_of(client), "email": address.upper()})
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
        assert "You asked more often than the site can answer." in answer.text
    database_of(posting).dispose()


def token_of(client: InspectingClient) -> str:
    page = client.page("/sign-in")
    return next(field.get("value", "") for field in page.root.iter("input") if field.get("name") == "csrf_token")


def test_a_header_that_anybody_can_write_changes_no_limit(posting: Flask) -> None:
    client = client_of(posting)
    said = [ask(client, f"n{number}@example.org", **{"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(31)]
    assert said == [302] * LETTERS_FROM_ONE.most + [429]
    database_of(posting).dispose()


def test_passkeys_are_not_asked_for_without_end(site: Flask) -> None:
    client = client_of(site)
    headers = {"X-CSRFToken": token_of(client)}
    said = [client.post("/sign-in/passkey/options", headers=headers).status_code for _ in range(CHALLENGES_FROM_ONE.most + 1)]
    assert (set(said[:-1]), said[-1]) == ({200}, 429)


@pytest.mark.parametrize("given", ["-1", "ten", "10", "²", "1.5"])
def test_a_number_of_proxies_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ProxiesBroken):
        from_environment({"TRUSTED_PROXIES": given, "SECRET_KEY": "-" * 40})


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_only_what_our_own_proxies_add_is_believed(tmp_path: Path, proxies: int, seen: str) -> None:
    site = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x.db", secret_key="-" * 40, trusted_proxies=proxies))
    site.add_url_rule("/where-from", "where", anyone(lambda: str(request.remote_addr)))
    with site.app_context():
        store.database().upgrade()
        said = site.test_client().get("/where-from", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 203.0.113.9"})
        store.database().dispose()
    assert said.text == seen
