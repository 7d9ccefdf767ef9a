"""The chair shows what a place looks like; nobody else does, and nothing of the file that was sent is shown."""

from io import BytesIO
from random import Random

import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from ledger.pictures import Picture, picture_of
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient
from tests.web.test_uploads import PLACE_TAKEN, located, photo

CHAIR, MEMBER, ELSEWHERE = "p-demo-millrace-0", "p-demo-millrace-1", "p-demo-glodbrook-0"
FORM = "/panel/places/millrace/picture"


def token(client: InspectingClient, address: str = "/privacy") -> str:
    return next(
        field.get("value", "") for field in client.page(address).root.iter("input") if field.get("name") == "csrf_token"
    )


def send(client: InspectingClient, sent: bytes, words: str = "The old mill", name: str = "mill.jpg") -> TestResponse:
    form = {"csrf_token": token(client), "words": words, "photo": FileStorage(BytesIO(sent), name)}
    boundary, body = encode_multipart(form)  # the client's own way leaves a file open where the body is large
    return client.post(FORM, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def kept(site: Flask) -> Picture | None:
    with database_of(site).reading() as session:
        return picture_of(session, "millrace")


def test_a_chair_shows_a_picture_and_everyone_sees_it_and_hears_what_it_shows(site: Flask, visitor: InspectingClient) -> None:
    chair = client_of(site, CHAIR)
    assert send(chair, located(), name="../../etc/<script>.svg").headers["Location"] == "/places/millrace"
    image = next(image for image in visitor.page("/places/millrace").root.iter("img") if image.get("alt") == "The old mill")
    assert (image.get("width"), image.get("height")) == ("64", "48")
    answer = visitor.get(str(image.get("src")))
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"] == "attachment; filename=millrace.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert PLACE_TAKEN.encode() not in answer.data
    assert "immutable" in answer.headers["Cache-Control"]


def test_another_picture_takes_its_place_and_the_old_address_is_gone(site: Flask, visitor: InspectingClient) -> None:
    chair = client_of(site, CHAIR)
    send(chair, photo())
    before = kept(site)
    send(chair, photo("PNG", size=(30, 40)), words="The new footbridge")
    after = kept(site)
    assert before is not None
    assert after is not None
    assert (after.words, after.width, after.height) == ("The new footbridge", 30, 40)
    assert visitor.get(f"/places/millrace/picture/{before.name}.jpg").status_code == 404
    assert visitor.get(f"/places/millrace/picture/{after.name}.jpg").status_code == 200
    assert visitor.get(f"/places/glodbrook/picture/{after.name}.jpg").status_code == 404


def test_what_is_no_photo_is_refused_beside_the_field_and_the_picture_stays(site: Flask) -> None:
    chair = client_of(site, CHAIR)
    send(chair, photo())
    before = kept(site)
    answer = send(chair, b"<svg onload=alert(1)>")
    assert answer.status_code == 422
    assert "This file is not a picture that can be shown: what it holds is no photo." in answer.text
    nothing = chair.post(FORM, data={"csrf_token": token(chair), "words": "Nothing"})
    assert nothing.status_code == 422
    assert send(chair, photo(), words="  ").status_code == 422
    after = kept(site)
    assert before is not None
    assert after is not None
    assert (after.name, after.words) == (before.name, before.words)


def test_a_photo_of_some_megabytes_is_taken_as_a_phone_makes_them(site: Flask) -> None:
    grain = Image.frombytes("RGB", (1_100, 900), Random(4).randbytes(1_100 * 900 * 3))  # noqa: S311 - noise that no PNG makes small
    noisy = BytesIO()
    grain.save(noisy, "PNG")
    assert len(noisy.getvalue()) > 2_000_000
    assert send(client_of(site, CHAIR), noisy.getvalue()).headers["Location"] == "/places/millrace"


def test_what_is_far_too_large_is_not_even_read(site: Flask) -> None:
    chair = client_of(site, CHAIR)
    said = {"CONTENT_LENGTH": "8000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    assert chair.post(FORM, data=b"--x", environ_overrides=said).status_code == 413
    assert kept(site) is None


@pytest.mark.parametrize(("person", "status"), [(MEMBER, 403), (ELSEWHERE, 403), ("", 302)])
def test_nobody_but_the_chair_of_the_place_changes_it(site: Flask, person: str, status: int) -> None:
    client = client_of(site, person)
    assert client.get(FORM).status_code == status
    if person:
        assert send(client, photo()).status_code == status
        assert client.post(f"{FORM}/remove", data={"csrf_token": token(client)}).status_code == status
    assert kept(site) is None


def test_a_chair_takes_the_picture_down(site: Flask, visitor: InspectingClient) -> None:
    chair = client_of(site, CHAIR)
    send(chair, photo())
    page = chair.page(FORM)
    chair.submit(page.form(f"{FORM}/remove"))
    assert kept(site) is None
    assert "The old mill" not in visitor.get("/places/millrace").text
