"""What an address says never becomes a header: found by wapiti, which got a fault of the server for a line break."""

import pytest

from tests.web.inspecting import InspectingClient


@pytest.mark.parametrize(
    "place",
    [
        "glodbrook%0D%0ASet-Cookie:%20a=b",
        "glodbrook%0A",
        "%22;filename=%22run.exe",
        "..%2F..%2Fetc%2Fpasswd",
        "%F0%9F%92%B7" * 300,
    ],
)
def test_a_place_in_an_address_stays_inside_the_name_of_the_file(visitor: InspectingClient, place: str) -> None:
    answer = visitor.get(f"/flows.csv?place={place}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    name = answer.headers["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('.csv"')
    assert name.replace("-", "").isalnum()
    assert len(name) <= 100


def test_the_name_of_a_file_says_what_is_in_it(visitor: InspectingClient) -> None:
    answer = visitor.get("/flows.csv?authority=marlmoor&place=glodbrook&resource=TIME")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flows-marlmoor-glodbrook-TIME.csv"'
