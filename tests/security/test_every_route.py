"""What holds for every route, from the URL map: its headers, its token, that reading changes nothing, who may keep it."""

from flask import Flask

from app.security import POLICY
from tests.people.test_matrix import ask
from tests.security.everywhere import ENDING, addresses, dump, private, some, whoever
from tests.signing_in import COOKIE, carried

WRITTEN = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": None,  # there, and stricter where a secret stands in the address
    "X-Frame-Options": "DENY",
}
WITNESSES = "/log/cosignatures"  # a witness's program has no session that another site could abuse: its signature lets it in


def missing(headers: object) -> list[str]:
    """The headers that an answer lacks, or has otherwise."""
    return [
        name
        for name, value in WRITTEN.items()
        if name not in headers or (value is not None and headers[name] != value)  # type: ignore[operator,index]  # werkzeug's
    ]


def test_every_answer_of_every_route_has_its_headers_also_when_it_refuses(site: Flask) -> None:
    for who, client in some(site):
        for method in ("GET", "POST", "PUT", "DELETE"):
            for path in addresses(site, "GET" if method != "POST" else "POST"):
                answer = ask(client, path, method)
                assert missing(answer.headers) == [], (who, method, path, answer.status_code)
        for path in ("/nothing/here", "/static/none.js", "/log/tile/99/000", "/rounds/%00", "/%2e%2e/etc"):
            assert missing(ask(client, path, "GET").headers) == []


def test_no_unsafe_route_takes_anything_without_its_token(site: Flask) -> None:
    paths = [*addresses(site, "POST"), *ENDING]
    before = dump(site)
    for who, client in whoever(site):
        for path in paths:
            if path != WITNESSES:
                assert ask(client, path, "POST").status_code == 400, (who, path)
    assert dump(site) == before


def test_a_token_of_another_browser_is_none(site: Flask) -> None:
    people = dict(some(site))
    chair, leader = list(people)[1:3]
    fields = people[leader].page("/me/data").root.iter("input")
    token = next(field.get("value", "") for field in fields if field.get("name") == "csrf_token")
    for path in addresses(site, "POST"):
        if path != WITNESSES:
            assert people[chair].post(path, data={"csrf_token": token}).status_code == 400, path


def test_reading_any_route_as_anybody_changes_nothing(site: Flask) -> None:
    people, paths = list(whoever(site)), addresses(site, "GET")
    before = dump(site, but=set())
    for _, client in people:
        for path in paths:
            ask(client, path, "GET")
            ask(client, path, "HEAD")
    assert dump(site, but=set()) == before


def test_nobody_keeps_what_is_not_for_everybody(site: Flask) -> None:
    closed = private(site)
    for who, client in whoever(site):
        for path in addresses(site, "GET"):
            answer = ask(client, path, "GET")
            if path in closed:
                assert answer.headers["Cache-Control"] == "no-store", (who, path, answer.status_code)
    assert len(closed) > 20


def test_a_secret_stands_in_no_address_and_on_no_page(site: Flask) -> None:
    key = str(site.config["SECRET_KEY"])
    for who, client in some(site):
        cookie = client.get_cookie(COOKIE)
        cookies = [secret for secret in (carried(client), cookie.value if cookie is not None else "") if secret]
        for path in addresses(site, "GET"):
            answer = ask(client, path, "GET")
            said = answer.get_data() + answer.headers.get("Location", "").encode()
            assert not any(secret.encode() in said for secret in [key, *cookies]), (who, path)
