"""The clerk's commands by which people come to sign in, and by which they are kept out."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.commands import main
from tests.mail_server import Letters, mail_server
from tests.pages.by_mail import path_in, press, settle
from tests.pages.conftest import client_of, database_of

LEADER, ADDRESS = "p-demo-leader", "asha.brandt@marlmoor.example"


@pytest.fixture
def clerk(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A clerk at the command line of the site's database."""
    monkeypatch.setenv("DATABASE_URL", database_of(site).url.render_as_string(hide_password=False))
    monkeypatch.setenv("SECRET_KEY", "-" * 40)
    return site


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_first_registrar_of_a_site_comes_in_by_the_command_line(
    clerk: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with mail_server() as (url, letters):
        monkeypatch.setenv("SMTP_URL", url)
        monkeypatch.setenv("SITE_ADDRESS", "http://localhost")
        said = run("person", "invite", LEADER, ADDRESS)
        assert (said.exit_code, said.stdout) == (
            0, f"An invitation is on its way to {ADDRESS}. It works once, for 7 days.\n",
        )  # fmt: skip
        again = run("person", "invite", LEADER, ADDRESS)
        assert (again.exit_code, len(letters)) == (2, 1)
        assert "There is an open invitation to this address" in again.stderr
        client = client_of(clerk)
        press(client, client.page(path_in(letters)), "/invitation")
        settle(clerk)
    (file,) = (tmp_path / "outbox").iterdir()  # the site itself has no mail server in this test
    sent = Letters([message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=default)])
    page = press(client, client.page(path_in(sent)), "/sign-in/link")
    assert "Councillor Asha Brandt" in page.text


def test_an_invitation_that_cannot_be_sent_is_not_made(clerk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURE", "1")
    said = run("person", "invite", LEADER, ADDRESS)
    assert (said.exit_code, "SMTP_URL is not set" in said.stderr) == (2, True)
    assert run("person", "invite", "p-nobody", ADDRESS).exit_code == 2
    assert client_of(clerk).get("/me/sessions").status_code == 302


def test_the_doctor_says_when_nobody_can_sign_in_by_email(clerk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ok    SMTP_URL: not set; letters are files in" in run("doctor").stdout
    monkeypatch.setenv("SECURE", "1")
    said = run("doctor")
    assert said.exit_code == 1
    assert "MEND  SMTP_URL: not set, so nobody can sign in by email." in said.stdout
    assert "MEND  SITE_ADDRESS: not set" in said.stdout
    monkeypatch.setenv("SMTP_URL", "smtps://us:our%20word@mail.example")
    monkeypatch.setenv("SITE_ADDRESS", "https://partnership.example")
    mended = run("doctor").stdout
    assert "ok    SMTP_URL: letters go through mail.example." in mended
    assert "our%20word" not in mended
    assert client_of(clerk).get("/sign-in").status_code == 200


def test_a_clerk_bars_somebody_at_once_and_admits_them_again(clerk: Flask) -> None:
    client = client_of(clerk, LEADER)
    assert client.get("/authority").status_code == 200
    assert "signed out everywhere" in run("person", "bar", LEADER).stdout
    assert client.get("/authority").status_code == 302
    token = client.page("/sign-in").form("/sign-in/email").values["csrf_token"][0]
    refused = client.post("/sign-in", data={"csrf_token": token, "person": LEADER})
    assert (refused.status_code, "cannot sign in here any more" in refused.text) == (409, True)
    assert run("person", "admit", LEADER).stdout == f"{LEADER} can sign in again.\n"
    assert client_of(clerk, LEADER).get("/authority").status_code == 200
    assert run("person", "bar", "p-nobody").exit_code == 2
