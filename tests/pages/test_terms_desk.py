"""The authority leader renews terms with the evidence on the page, and overrides only in public; everyone reads both."""

import hashlib
from datetime import timedelta

from flask import Flask
from sqlmodel import select

from ledger.entries import DatabaseBook, Entry, tree_size
from ledger.kinds.devolving import Terms
from ledger.records import Kind
from ledger.renewing import reminder
from tests.pages.conftest import client_of, database_of
from tests.people.filled import day
from tests.web.inspecting import InspectingClient, Page

LEADER = "p-demo-leader"
ADDRESS = "/authority/places/glodbrook/terms"


def _values(site: Flask) -> dict[str, str | list[str]]:
    with database_of(site).reading() as session:
        query = select(Entry.index).where(Entry.kind == "devolution", Entry.place == "glodbrook")
        instrument = max(session.exec(query).all())
    return {
        "instrument": str(instrument),
        "begins": day(0),
        "review_on": day(60),
        "sunset": day(90),
        "panel": "6",
        "resident_majority": "y",
        "quorum": "3",
        "award_money": "500",
        "award_hours": "10",
        "rule": "greedy",
    }


def _newest(site: Flask) -> Terms:
    with database_of(site).reading() as session:
        payload = list(DatabaseBook(session).where(Kind.TERMS, place="glodbrook"))[-1].payload
        assert isinstance(payload, Terms)
        return payload


def _index(site: Flask) -> int:
    with database_of(site).reading() as session:
        return list(DatabaseBook(session).where(Kind.TERMS, place="glodbrook"))[-1].index


def test_the_leader_renews_on_the_pack_that_stood_on_the_page_and_everyone_can_check_it(site: Flask) -> None:
    leader, visitor = client_of(site, LEADER), client_of(site)
    form = leader.page(ADDRESS).form(ADDRESS)
    leader.submit(
        form, **_values(site), conditions="Half of the hours go to the warm room.", signatories=["p-demo-chief-finance"]
    )
    terms = _newest(site)
    assert terms.to_sign == ("p-demo-chief-finance",)
    assert terms.version == 2
    assert terms.evidence is not None
    answer = visitor.get(f"/places/glodbrook/evidence/{terms.evidence.tree_size}.json")
    assert hashlib.sha256(answer.data).hexdigest() == terms.evidence.digest
    entry = visitor.page(f"/ledger/{_index(site)}").text
    assert all(said in entry for said in ("Half of the hours go to the warm room.", "Tomasz Vane", terms.evidence.digest[:16]))
    page = visitor.page(f"/places/glodbrook/evidence/{terms.evidence.tree_size}")
    assert terms.evidence.digest in page.text


def test_a_digest_that_is_not_the_packs_is_refused_in_one_sentence(site: Flask) -> None:
    leader = client_of(site, LEADER)
    form = leader.page(ADDRESS).form(ADDRESS)
    page = Page(leader.submit(form, **_values(site), digest="0" * 64))
    assert "has another SHA-256. Read the pack again; nothing was recorded." in page.text
    assert _newest(site).version == 1


def test_terms_whose_days_do_not_follow_each_other_are_refused_beside_the_field(site: Flask) -> None:
    leader = client_of(site, LEADER)
    form = leader.page(ADDRESS).form(ADDRESS)
    page = Page(leader.submit(form, **{**_values(site), "review_on": day(95)}))
    assert "First day, review and sunset have to follow each other." in page.text
    page = Page(leader.submit(form, **{**_values(site), "panel": "five"}))
    assert "Enter a whole number of people, such as 5." in page.text
    assert _newest(site).version == 1


def test_an_override_stands_on_the_round_and_on_the_place_with_its_reasons(site: Flask) -> None:
    leader, visitor = client_of(site, LEADER), client_of(site)
    address = "/authority/rounds/glodbrook-first/override"
    why = "The site is to be sold, which the panel could not know."
    leader.submit(leader.page(address).form(address), effect="set aside", instead="", reasons=why)
    for shown in ("/rounds/glodbrook-first", "/places/glodbrook"):
        assert why in visitor.page(shown).text
    assert "Override this decision" not in leader.page("/rounds/glodbrook-first").text


def test_to_replace_a_decision_is_to_say_what_holds_instead(site: Flask) -> None:
    leader = client_of(site, LEADER)
    address = "/authority/rounds/glodbrook-first/override"
    form = leader.page(address).form(address)
    page = Page(leader.submit(form, effect="replaced", instead="", reasons="Because."))
    assert "Say what holds instead when you replace a decision, and only then. Nothing was recorded." in page.text


def test_the_review_reminds_sixty_days_before_and_until_the_terms_are_renewed(site: Flask) -> None:
    review, sunset = _newest(site).review_on, _newest(site).sunset
    with database_of(site).reading() as session:
        said = {days: reminder(session, "glodbrook", on=review + timedelta(days=days)) for days in (-61, -60, 0, 1)}
        after = reminder(session, "glodbrook", on=sunset + timedelta(days=1))
    assert said[-61] is None
    assert "are to be reviewed by" in (said[-60] or "")
    assert "are to be reviewed by" in (said[0] or "")
    assert "was due on" in (said[1] or "")
    assert "Nothing new is allocated until they are renewed" in (after or "")


def test_the_reminder_stands_on_the_place_the_panels_and_the_authoritys_desk_until_the_renewal(site: Flask) -> None:
    """The demonstration's terms are past their review."""
    leader = client_of(site, LEADER)
    with database_of(site).reading() as session:
        member = session.exec(
            select(Entry.subject).where(Entry.kind == "role", Entry.place == "glodbrook", Entry.role == "registrar")
        ).first()
    pages = [
        (client_of(site), "/places/glodbrook"),
        (client_of(site, member or ""), "/panel"),
        (leader, "/authority"),
    ]
    assert all("was due on" in _of_glodbrook(client, address) for client, address in pages)
    leader.submit(leader.page(ADDRESS).form(ADDRESS), **{**_values(site), "review_on": day(80)})
    assert not any("was due on" in _of_glodbrook(client, address) for client, address in pages)


def _of_glodbrook(client: InspectingClient, address: str) -> str:
    """What the page says of Glodbrook alone: the desks list other places too."""
    insets = [p for p in client.page(address).root.iter("p") if "govuk-inset-text" in (p.get("class") or "")]
    texts = ["".join(map(str, inset.itertext())) for inset in insets]
    return " ".join(text for text in texts if address != "/authority" or "Glodbrook" in text)


def test_an_evidence_pack_of_a_tree_that_is_not_there_is_not_found(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        size = tree_size(session)
    for wrong in (0, size + 1):
        visitor.page(f"/places/glodbrook/evidence/{wrong}", status=404)


def test_a_round_that_is_not_counted_has_no_decision_to_override(site: Flask) -> None:
    page = client_of(site, LEADER).page("/authority/rounds/glodbrook-open/override")
    assert "there is no decision to override" in page.text
    assert not [form for form in page.root.iter("form") if "override" in (form.get("action") or "")]
