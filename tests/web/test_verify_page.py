"""The page `/verify` as it is sent: the log's public key where there is one, and never half of one."""

import dataclasses

import pytest

from app.settings import Settings
from tests.proving import LOG
from tests.web.inspecting import InspectingClient

WHOLE = str(LOG.verifier)


class TestWithAKey:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, log_verifier_key=WHOLE)

    def test_the_key_is_shown_and_stands_in_the_command(self, client: InspectingClient) -> None:
        page = client.page("/verify")
        assert page.heading == "Check the record yourself"
        assert page.text.count(WHOLE) == 3  # shown, filled in, and in the command
        assert client.get("/verify").headers["Cache-Control"] == "public, max-age=0, must-revalidate"


class TestWithHalfAKey:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, log_verifier_key=WHOLE[:-4])

    def test_it_says_that_there_is_none(self, client: InspectingClient) -> None:
        page = client.page("/verify")
        assert "This site has not published a key yet" in page.text
        assert WHOLE[:-4] not in page.text
        assert "--key KEY" in page.text


def test_every_page_leads_to_the_check(client: InspectingClient) -> None:
    assert client.page("/accessibility").links["Check the record yourself"] == "/verify"
