"""Everybody reads where an authority stepped in, why, and how often it overrode what was voted."""

from tests.web.inspecting import InspectingClient


def test_each_intervention_stands_there_with_who_when_and_why(visitor: InspectingClient) -> None:
    page = visitor.page("/accountability")
    assert page.heading == "Where the authority stepped in"
    assert "It overrode 1 of 1" in page.text
    for words in (
        "The panel votes again then.", "Councillor Asha Brandt, authority leader",
        "In-year savings: a part not yet allocated is taken back.",
        "An invoice names a company we cannot find. Stopped until we have.",
        "Paid from the wrong bank line; paid again the same day.",
    ):  # fmt: skip
        assert words in page.text, words


def test_an_authority_that_never_stepped_in_is_said_not_to_have(visitor: InspectingClient) -> None:
    assert "It overrode 0 of 1 result counted." in visitor.page("/accountability").text
    assert "It has never stepped in." in visitor.page("/accountability").text


def test_the_foot_of_every_page_leads_there(visitor: InspectingClient) -> None:
    assert 'href="/accountability"' in visitor.get("/").get_data(as_text=True)
