"""Signing in by email, with a real mail server: what is sent, to whom, and that nobody learns who is known here."""

import re
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from sqlmodel import col, select, update

from app.addressing import NoSiteAddress
from app.hiding import hidden
from app.mail import Letter, PostOffice, post_office
from app.settings import AddressBroken, MailServerBroken, SenderBroken, Settings, from_environment
from app.site import create_app
from ledger.credentials.mailboxes import BadAddress, Link
from ledger.credentials.visits import Visit
from ledger.database import system_clock
from ledger.errors import LedgerError
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.mail_server import Letters, mail_server
from tests.pages.by_mail import ask, give_address, path_in, press, settle, sign_in_by_mail
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient, Page

PANEL, ADDRESS = "p-demo-glodbrook-2", "bea@glodbrook.example"


@pytest.fixture
def letters() -> Iterator[Letters]:
    with mail_server() as (url, kept):
        kept.url = url  # type: ignore[attr-defined]  # one thing more, for the fixture below
        yield kept


@pytest.fixture
def posting(told_story: str, sqlite_files: SqliteFiles, letters: Letters) -> Iterator[Flask]:
    """The site with the demonstration and a mail server; Bea has an address."""
    url = sqlite_files.copy_of(told_story)
    smtp: str = letters.url  # type: ignore[attr-defined]  # as above
    made = create_app(Settings(database_url=url, secret_key="-" * 40, smtp_url=smtp, site_name="Our Purse"))
    made.test_client_class = InspectingClient
    give_address(made, PANEL, ADDRESS)
    yield made
    settle(made)
    database_of(made).dispose()
    sqlite_files.drop(url)


def links(site: Flask) -> list[Link]:
    with database_of(site).reading() as session:
        return list(session.exec(select(Link)))


def visits(site: Flask) -> list[str]:
    with database_of(site).reading() as session:
        return [f"{row.person} by {row.way}" for row in session.exec(select(Visit))]


def test_a_link_signs_in_the_browser_that_asked(posting: Flask, letters: Letters) -> None:
    client = client_of(posting)
    answer = sign_in_by_mail(client, letters, " Bea@Glodbrook.example ")
    assert answer.request.path == "/panel"
    assert visits(posting) == [f"{PANEL} by email link"]
    (letter,) = letters
    assert (letter["To"], letter["X-Envelope"]) == (ADDRESS, ADDRESS)
    assert letter["From"] == "Our Purse <no-reply@localhost>"
    assert letter["Subject"] == "Your link to sign in to Our Purse"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_after_a_link_one_is_where_one_was_going(posting: Flask, letters: Letters) -> None:
    client = client_of(posting)
    page = client.page("/panel/rounds/glodbrook-open/vote")
    press(client, page, "/sign-in/email", email=ADDRESS)
    settle(posting)
    answer = press(client, client.page(path_in(letters)), "/sign-in/link")
    assert answer.request.path == "/panel/rounds/glodbrook-open/vote"


def test_programs_that_open_links_do_not_use_them_up(posting: Flask, letters: Letters) -> None:
    client, scanner = client_of(posting), client_of(posting)
    ask(client, ADDRESS)
    for _ in range(3):
        scanner.page(path_in(letters))
        assert scanner.head(path_in(letters)).status_code == 200
    refused = press(scanner, scanner.page(path_in(letters)), "/sign-in/link")
    assert refused.status_code == 409
    assert "was asked for in another browser" in refused.text
    assert press(client, client.page(path_in(letters)), "/sign-in/link").request.path == "/panel"


def test_a_link_is_used_once_and_the_second_time_is_answered_in_words(posting: Flask, letters: Letters) -> None:
    client = client_of(posting)
    sign_in_by_mail(client, letters, ADDRESS)
    again = press(client, client.page(path_in(letters)), "/sign-in/link")
    assert again.status_code == 409
    assert "This link does not work: it was used already" in again.text


def test_a_link_is_over_after_ten_minutes(posting: Flask, letters: Letters) -> None:
    client = client_of(posting)
    ask(client, ADDRESS)
    (link,) = links(posting)
    assert timedelta(minutes=9) < link.ends - system_clock() <= timedelta(minutes=10)
    with database_of(posting).unit_of_work(appends=False) as unit:
        unit.session.execute(update(Link).where(col(Link.digest) == link.digest).values(ends=system_clock()))
        unit.commit()
    assert press(client, client.page(path_in(letters)), "/sign-in/link").status_code == 409


def _wait(go_on: threading.Event) -> None:
    assert go_on.wait(timeout=60)


def test_known_and_unknown_addresses_get_the_same_answer_before_anybody_has_looked(posting: Flask, letters: Letters) -> None:
    """The one thread that looks is held back: so what was answered cannot depend on who is known."""
    go_on = threading.Event()
    with posting.app_context():
        post_office().later(lambda: _wait(go_on))
    seen = []
    for address in (ADDRESS, "nobody@glodbrook.example"):
        client = client_of(posting)
        answer = client.submit(client.page("/sign-in").form("/sign-in/email"), email=address)
        body = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", answer.text)
        seen.append((answer.status_code, answer.request.path, body, sorted(answer.headers.keys()), len(client._cookies or {})))
    assert (letters, links(posting)) == ([], [])
    go_on.set()
    settle(posting)
    assert seen[0] == seen[1]
    assert [letter["To"] for letter in letters] == [ADDRESS]


@pytest.mark.parametrize("typed", ["", "bea", f"{ADDRESS}\r\nBcc: everyone@glodbrook.example", "<script>alert(1)</script>"])
def test_what_is_no_address_is_answered_in_words_and_nothing_is_sent(posting: Flask, letters: Letters, typed: str) -> None:
    answer = ask(client_of(posting), typed)
    assert answer.status_code == 422
    assert Page(answer).errors == ["Enter an email address in the correct form, like name@example.com. Nothing was sent."]
    assert letters == []


@pytest.mark.parametrize(
    "letter",
    [
        Letter(f"{ADDRESS}\r\nBcc: all@glodbrook.example", "Hello", "Hello"),
        Letter(ADDRESS, "Hello\r\nBcc: all@glodbrook.example", "Hello"),
        Letter(ADDRESS, "Hello\nBcc: all@glodbrook.example", "Hello"),
    ],
)
def test_no_line_break_reaches_the_head_of_a_letter(letters: Letters, letter: Letter) -> None:
    office = PostOffice(Settings(smtp_url=letters.url))  # type: ignore[attr-defined]  # as in the fixture
    with pytest.raises((BadAddress, ValueError)):
        office.send(letter)
    assert letters == []


def test_on_ones_own_machine_a_letter_is_a_file_that_its_owner_reads(site: Flask, tmp_path: Path) -> None:
    give_address(site, PANEL, ADDRESS)
    client = client_of(site)
    ask(client, ADDRESS)
    assert "the letter is a file in" in client.page("/sign-in/sent").text
    (file,) = (tmp_path / "outbox").iterdir()
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    assert "http://localhost/sign-in/link/" in file.read_text()


def test_in_public_without_a_mail_server_nobody_is_asked_for_an_address(site: Flask, tmp_path: Path) -> None:
    url = database_of(site).url.render_as_string(hide_password=False)
    public = create_app(Settings(database_url=url, secret_key="-" * 40, secure=True, outbox=tmp_path / "outbox"))
    public.test_client_class = InspectingClient
    assert "Nobody can sign in by email here" in client_of(public).page("/sign-in").text
    database_of(public).dispose()


def test_a_letter_never_names_the_host_that_a_browser_claims(posting: Flask, letters: Letters) -> None:
    client = client_of(posting)
    base = "http://evil.example"
    token = client.get("/sign-in", base_url=base).text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/sign-in/email", data={"csrf_token": token, "email": ADDRESS}, base_url=base)
    settle(posting)
    assert answer.status_code == 409
    assert "does not know its own address" in answer.text
    assert letters == []
    assert "SITE_ADDRESS" in NoSiteAddress().sentence


def test_a_mail_server_that_is_gone_is_noted_without_an_address_and_the_next_letter_goes(
    posting: Flask, letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    with posting.app_context():
        post_office().later(lambda: PostOffice(Settings(smtp_url="smtp://127.0.0.1:1")).send(Letter(ADDRESS, "Lost", "Lost")))
    ask(client_of(posting), ADDRESS)
    assert "a letter was not sent: ConnectionRefusedError" in caplog.text
    assert ADDRESS not in caplog.text
    assert len(letters) == 1


def test_no_secret_of_a_link_is_in_any_log(
    told_story: str, sqlite_files: SqliteFiles, tmp_path: Path, letters: Letters
) -> None:
    url, log = sqlite_files.copy_of(told_story), tmp_path / "gunicorn.log"
    smtp: str = letters.url  # type: ignore[attr-defined]  # as in the fixture
    format_ = '%(r)s %(U)s %(q)s %(f)s "%({raw_uri}e)s" %({path_info}e)s'
    secret = "half-of-a-secret-0123456789"  # noqa: S105 - what is looked for
    asked = f"--access-logfile - --log-level info --access-logformat '{format_}'"
    with served(url, log, SMTP_URL=smtp, GUNICORN_CMD_ARGS=asked) as address:
        for path in (f"/sign-in/link/{secret}", f"/sign-in/link/{secret}?a=b"):
            request = Request(address + path, headers={"Referer": f"{address}/sign-in/link/{secret}"})  # noqa: S310 - ours
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
                assert answer.status == 200
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] == "no-store"
        with pytest.raises(HTTPError, match="409"), urlopen(f"{address}/invitation/{secret}", timeout=30):  # noqa: S310 - ours
            pass
    written = log.read_text()
    assert "/sign-in/link/..." in written
    assert "/invitation/..." in written
    assert secret not in written
    sqlite_files.drop(url)


def test_only_the_secret_of_an_address_is_hidden() -> None:
    assert hidden("/sign-in/link/abc?x=1") == "/sign-in/link/..."
    assert hidden("/sign-in/work/back?code=abc&state=def") == "/sign-in/work/back?..."
    assert hidden("https://a.example/invitation/abc") == "https://a.example/invitation/..."
    assert hidden("/sign-in/link") == "/sign-in/link"
    assert hidden("/places/link/abc") == "/places/link/abc"


@pytest.mark.parametrize(
    ("setting", "given", "refusal"),
    [
        ("SITE_ADDRESS", "http://partnership.example", AddressBroken),
        ("SITE_ADDRESS", "partnership.example", AddressBroken),
        ("SITE_ADDRESS", "https://partnership.example/path", AddressBroken),
        ("SITE_ADDRESS", "https://me@partnership.example", AddressBroken),
        ("SMTP_URL", "mail.example", MailServerBroken),
        ("SMTP_URL", "https://mail.example", MailServerBroken),
        ("SMTP_URL", "smtp://mail.example:99999", MailServerBroken),
        ("MAIL_FROM", "a@b.example\nBcc: c@d.example", SenderBroken),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(setting: str, given: str, refusal: type[LedgerError]) -> None:
    with pytest.raises(refusal, match=f"{setting} is not"):
        from_environment({"SECRET_KEY": "-" * 40, setting: given})


def test_settings_of_mail_are_taken_as_they_are_and_never_shown() -> None:
    settings = from_environment(
        {
            "SECRET_KEY": "-" * 40,
            "SITE_ADDRESS": "https://partnership.example/",
            "SMTP_URL": "smtps://us:our%20word@mail.example",
            "MAIL_FROM": "Purse@Partnership.example",
        }
    )
    assert (settings.site_address, settings.mail_from) == ("https://partnership.example", "purse@partnership.example")
    assert "our%20word" not in repr(settings)
