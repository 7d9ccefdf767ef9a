"""What names somebody waits at a page of theirs until they sign it; everybody reads who has and who has not."""

from flask import Flask
from sqlmodel import select

from ledger.entries import Entry
from ledger.powers import devolve
from seeds.cast import LEADER
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import Page

CHAIR, CONNECTOR = "p-demo-glodbrook-0", "p-demo-glodbrook-1"


def an_instrument(site: Flask) -> int:
    """£10 for Glodbrook, to be signed by its chair and its connector."""
    with database_of(site).unit_of_work() as unit:
        day = unit.today()
        entry = devolve(
            unit, authority="marlmoor", partnership="glodbrook", title="A key to the hall", power="Minute 20", money=1_000,
            minutes=0, limits={"GBP": 1_000}, begins=day, ends=day, leader=LEADER, idempotency_key="hall",
            signatories=(CHAIR, CONNECTOR),
        )  # fmt: skip
        unit.commit()
    return entry.index


def test_the_chair_finds_what_waits_signs_it_once_and_everybody_reads_who_has(site: Flask) -> None:
    index = an_instrument(site)
    chair, visitor = client_of(site, CHAIR), client_of(site)
    assert "To sign" in chair.get("/panel").get_data(as_text=True)
    assert "devolved £10" in chair.page("/me/signatures").text
    address = f"/me/signatures/{index}"
    form = chair.page(address).form(address)
    for _ in range(2):
        answer = chair.post(form.action, data=form.values)
        assert answer.status_code == 302
    page = visitor.page(f"/ledger/{index}").text
    assert page.count("Not signed yet") == 1
    with database_of(site).reading() as session:
        assert len(session.exec(select(Entry.index).where(Entry.kind == "signature", Entry.mandate == index)).all()) == 1
    assert "Nothing waits for your signature." in chair.page("/me/signatures").text
    assert "To sign" not in chair.get("/panel").get_data(as_text=True)
    assert "nothing for you to sign" in chair.page(address).text


def test_a_member_who_is_not_named_is_told_so(site: Flask) -> None:
    index = an_instrument(site)
    member = client_of(site, "p-demo-glodbrook-2")
    address = f"/me/signatures/{index}"
    assert "nothing for you to sign" in member.page(address).text
    key = client_of(site, CHAIR).page(address).form(address).values
    site.config["WTF_CSRF_ENABLED"] = False
    page = Page(member.post(address, data={"idempotency_key": key["idempotency_key"]}))
    assert "does not name you" in page.text
