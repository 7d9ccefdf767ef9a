"""Mrs Oyelaran withdraws her story and Bea asks to be forgotten: what goes, what stays, and who may not do it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlmodel import Session, col, select

from ledger.door import KeyUsedTwice, post
from ledger.entries import DatabaseBook, Entry, entry_at
from ledger.erasing import NoRegistrar, NoWords, WhichAuthority, authority_of, digest_in, entry_with, registrar_at
from ledger.errors import NotFound
from ledger.journal import follow
from ledger.kinds.authority import Change, RoleChange
from ledger.kinds.erasing import Erasure, Reason, Removed
from ledger.markers import Told, told
from ledger.names import names_of
from ledger.narratives import Narrative
from ledger.people import Person, Role, add_person
from ledger.places import Authority
from ledger.powers import appoint, founding, open_books
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.rounds.ballots import Ballot
from ledger.rounds.proposals import Proposal
from ledger.rounds.reading import round_view
from ledger.verify import verify
from ledger.words import sentence
from tests.ledger.conftest import (
    CHAIR,
    CONNECTOR,
    FINANCE,
    LEADER,
    REGISTRAR,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    open_a_round,
    ratify_result,
    vote,
)
from tests.ledger.forgetting import (
    BEA,
    STORY,
    digest_of_words,
    end_role,
    erasing,
    forget,
    helping,
    tell_a_story,
    withdrawing,
)
from tests.ledger.steps import done, refused


def said(session: Session, index: int) -> str:
    entry = entry_at(session, index)
    return sentence(entry, names_of(session, [entry]))


def the_decision(world: World) -> Recorded:
    with world.database.reading() as session:
        return next(DatabaseBook(session).where(Kind.RATIFICATION))


def test_a_withdrawn_story_leaves_its_digest_and_a_marker_of_when_and_why(decided: World) -> None:
    helped = tell_a_story(decided)
    with decided.database.reading() as session:
        assert follow(session, helped.index).reasons == STORY
    withdrawn = forget(decided, withdrawing(helped))
    assert withdrawn.fresh
    with decided.database.reading() as session:
        row = session.get(Narrative, digest_of_words(helped))
        assert row is not None
        assert (row.text, row.salt, row.erasure) == (None, None, withdrawn.entry.index)
        page = follow(session, helped.index)
        assert (page.reasons, page.withdrawn and page.withdrawn.when_and_why) == (
            None, "on 2 March 2026 because consent was withdrawn",
        )  # fmt: skip
        assert said(session, withdrawn.entry.index) == (
            "A story was withdrawn on 2 March 2026 because consent was withdrawn. Its text and salt are gone; the digest in "
            f"entry {helped.index} stays."
        )
        assert withdrawn.entry.place == helped.place == "glodbrook"
        assert "The ledger is whole" in verify(session).sentence


def test_an_erased_person_keeps_their_reference_and_loses_their_name(decided: World) -> None:
    end_role(decided, BEA)
    erased = forget(decided, erasing(BEA))
    with decided.database.reading() as session:
        row = session.get(Person, BEA)
        assert row is not None
        assert (row.name, row.story, row.erasure) == (None, "", erased.entry.index)
        appointed = next(DatabaseBook(session).where(Kind.ROLE, subject=BEA))
        assert (
            said(session, appointed.index)
            == "someone whose name was erased became panel member of Glodbrook, in a resident’s seat."
        )
        assert said(session, erased.entry.index) == (
            "A person’s name was erased on 2 March 2026 because the person asked. Their entries stay, under a reference that "
            "means nothing by itself."
        )
        assert "The ledger is whole" in verify(session).sentence


def test_an_entry_says_when_and_why_the_name_behind_it_was_erased(decided: World) -> None:
    decision = the_decision(decided)
    end_role(decided, FINANCE, Role.FINANCE_OFFICER, place=None)
    erased = forget(decided, erasing(FINANCE))
    with decided.database.reading() as session:
        page = follow(session, decision.index)
        assert page.names.person(FINANCE) == "someone whose name was erased"
        assert page.nameless is not None
        assert (page.nameless.entry, page.nameless.reason) == (erased.entry.index, Reason.ASKED_BY_THE_PERSON)


def test_erasing_twice_records_once_whatever_the_second_reason(decided: World) -> None:
    helped = tell_a_story(decided)
    end_role(decided, BEA)
    first = [forget(decided, erasing(BEA)), forget(decided, withdrawing(helped))]
    size = decided.size()
    decided.today += timedelta(days=3)
    again = [
        forget(decided, erasing(BEA, reason=Reason.KEPT_TOO_LONG, key="again")),
        forget(decided, withdrawing(helped, reason=Reason.REQUIRED_BY_LAW, key="again, too")),
        forget(decided, erasing(BEA)),
    ]
    assert [done.entry for done in again] == [first[0].entry, first[1].entry, first[0].entry]
    assert not any(done.fresh for done in again)
    assert decided.size() == size


def test_what_came_back_from_a_backup_goes_again_without_a_second_entry(decided: World) -> None:
    """The log went on, and the tables beside it were restored from before the erasure."""
    helped = tell_a_story(decided)
    end_role(decided, BEA)
    digest = digest_of_words(helped)
    with decided.unit() as unit:
        for payload, place in (
            (Erasure(what=Removed.PERSON, erased=BEA, reason=Reason.ASKED_BY_THE_PERSON), None),
            (Erasure(what=Removed.STORY, erased=digest, entry=helped.index, reason=Reason.CONSENT_WITHDRAWN), "glodbrook"),
        ):
            post(unit, drafted(decided, payload, place=place))
        unit.commit()
    assert not forget(decided, erasing(BEA)).fresh
    assert not forget(decided, withdrawing(helped)).fresh
    with decided.database.reading() as session:
        assert told(session, digest).text is None
        assert "The ledger is whole" in verify(session).sentence


def test_a_unit_that_is_not_committed_erases_nothing(decided: World) -> None:
    helped, size = tell_a_story(decided), decided.size()
    with decided.unit() as unit:
        withdrawing(helped)(unit)
    with decided.database.reading() as session:
        assert told(session, digest_of_words(helped)) == Told(STORY, None)
    assert decided.size() == size


def test_a_story_does_not_come_back_when_its_form_is_sent_again(decided: World) -> None:
    helped = tell_a_story(decided)
    forget(decided, withdrawing(helped))
    assert helped.mandate is not None
    with decided.database.reading() as session:
        purse = entry_at(session, helped.mandate)
    with decided.unit() as unit, pytest.raises(KeyUsedTwice):
        helping(purse, key="story", words=STORY)(unit)
    with decided.database.reading() as session:
        assert STORY not in {row.text for row in session.exec(select(Narrative))}
        assert "The ledger is whole" in verify(session).sentence


def test_whoever_holds_a_role_stays_named_until_it_ends(decided: World) -> None:
    refused(decided, erasing(BEA), "still holds the role of panel member at glodbrook", "End the role first")
    refused(decided, erasing(REGISTRAR, registrar="p-second"), "You do not hold the role of registrar")
    appointed = {"authority": "marlmoor", "registrar": REGISTRAR}
    with decided.unit() as unit:
        add_person(unit.session, name="Ines", ref="p-ines")
        appoint(unit, person="p-ines", role=Role.REGISTRAR, idempotency_key="ines", **appointed)  # type: ignore[arg-type]  # as named
        unit.commit()
    refused(decided, erasing(REGISTRAR, registrar="p-ines"), "still holds the role of registrar at marlmoor")


def test_whoever_is_to_take_up_a_role_later_stays_named(decided: World) -> None:
    later = RoleChange(person="p-operator", role=Role.CHAIR, begins=decided.today + timedelta(days=30))
    done(decided, lambda unit: post(unit, drafted(decided, later, place="glodbrook")))
    refused(decided, erasing("p-operator"), "still holds the role of chair at glodbrook")


def test_an_erased_person_takes_up_no_role_again(decided: World) -> None:
    end_role(decided, BEA)
    forget(decided, erasing(BEA))
    refused(
        decided,
        lambda unit: appoint(
            unit, authority="marlmoor", person=BEA, role=Role.AUTHORITY_LEADER, registrar=REGISTRAR, idempotency_key="back"
        ),
        "The name behind this reference was erased",
        "under a new reference",
    )


def test_only_a_registrar_erases_and_only_where_the_person_acted(decided: World) -> None:
    helped = tell_a_story(decided)
    end_role(decided, BEA)
    refused(decided, withdrawing(helped, registrar=LEADER), "You do not hold the role of registrar")
    refused(decided, erasing(BEA, registrar=CHAIR), "You do not hold the role of registrar")
    with decided.unit() as unit:
        add_person(unit.session, name="Olu", ref="p-olu")
        open_books(
            unit,
            authority=Authority(slug="fenmoor", name="Fenmoor", currency="GBP"),
            registrar="p-olu",
            operator="p-operator",
            idempotency_key="fenmoor",
        )
        unit.commit()
    elsewhere = erasing(BEA, registrar="p-olu", authority="fenmoor")
    refused(decided, elsewhere, "held roles at marlmoor and none at fenmoor")


def test_nobody_takes_their_own_words_away_alone(decided: World) -> None:
    helped = tell_a_story(decided)
    done(
        decided,
        lambda unit: appoint(
            unit, authority="marlmoor", person=CONNECTOR, role=Role.REGISTRAR, registrar=REGISTRAR, idempotency_key="both"
        ),
    )
    refused(decided, withdrawing(helped, registrar=CONNECTOR), "cannot take them away alone")


@pytest.mark.parametrize("reason", [Reason.CONSENT_WITHDRAWN, Reason.KEPT_TOO_LONG])
def test_the_reasons_of_a_decision_are_not_hidden_by_consent_or_by_time(decided: World, reason: Reason) -> None:
    refused(decided, withdrawing(the_decision(decided), reason=reason), "public reasons", reason.because)


def test_reasons_that_named_somebody_by_mistake_are_erased_and_the_round_says_so(decided: World) -> None:
    decision = the_decision(decided)
    erased = forget(decided, withdrawing(decision, reason=Reason.RECORDED_BY_MISTAKE))
    with decided.database.reading() as session:
        view = round_view(session, "glodbrook-one", today=decided.today)
        assert view.reasons is None
        assert view.withdrawn is not None
        assert view.withdrawn.entry == erased.entry.index
        assert said(session, erased.entry.index).startswith(
            f"The reasons in entry {decision.index} were erased on 2 March 2026"
        )


def test_a_ballot_stays_in_its_box_under_a_reference_that_is_nobodys(world: World) -> None:
    """Bea votes, leaves the panel and is erased: her vote counts, and nothing says that it was hers."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    end_role(world, BEA)
    forget(world, erasing(BEA))
    with world.database.reading() as session:
        voters = set(session.exec(select(Ballot.voter)))
        assert BEA not in voters
        assert len(voters) == 3
    close(world, ref)
    ratify_result(world, ref)
    with world.database.reading() as session:
        assert round_view(session, ref, today=world.today).turnout == 3
        assert verify(session).ballots == 3


def test_a_sealed_ballot_and_a_proposal_lose_whose_they_were_and_the_log_still_verifies(decided: World) -> None:
    with decided.unit() as unit:
        for proposal in unit.session.exec(select(Proposal).where(col(Proposal.number) == 1)):
            proposal.proposer = BEA
        unit.commit()
    end_role(decided, BEA)
    forget(decided, erasing(BEA))
    with decided.database.reading() as session:
        assert not session.exec(select(Ballot).where(col(Ballot.voter) == BEA)).all()
        assert not session.exec(select(Proposal).where(col(Proposal.proposer) == BEA)).all()
        assert verify(session).ballots == 3


def drafted(world: World, payload: object, *, place: str | None, **changed: object) -> Draft:
    with world.database.reading() as session:
        mandate = founding(session, "marlmoor").index
    made = Draft(
        authority="marlmoor",
        place=place,
        mandate=mandate,
        payload=payload,  # type: ignore[arg-type]  # each test gives a payload
        actor=Actor(REGISTRAR, Role.REGISTRAR),
        effective_on=world.today,
        idempotency_key=world.key(),
    )
    return replace(made, **changed)


@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"entry": 3}, "glodbrook", "Entry 3 does not hold these words"),
        ({"entry": None}, "glodbrook", "does not hold these words"),
        ({"entry": 9_999}, "glodbrook", "Entry 9999 does not hold these words"),
        ({"what": Removed.REASONS}, "glodbrook", "does not hold these words"),
        ({}, "ferrybank", "does not hold these words"),
        ({}, None, "does not hold these words"),
        ({"what": Removed.PERSON, "erased": BEA}, "glodbrook", "erased for the whole authority"),
        ({"what": Removed.PERSON, "erased": BEA, "entry": None}, "glodbrook", "erased for the whole authority"),
    ],
)
def test_a_draft_made_by_hand_names_what_is_erased_rightly(
    decided: World, changed: dict[str, object], place: str | None, words: str
) -> None:
    helped = tell_a_story(decided)
    right = {
        "what": Removed.STORY,
        "erased": digest_of_words(helped),
        "entry": helped.index,
        "reason": Reason.CONSENT_WITHDRAWN,
    }
    payload = Erasure.model_validate(right | changed)
    refused(decided, lambda unit: post(unit, drafted(decided, payload, place=place)), words)


def test_a_second_entry_for_the_same_erasure_is_refused(decided: World) -> None:
    helped = tell_a_story(decided)
    first = forget(decided, withdrawing(helped)).entry
    again = drafted(decided, first.payload, place="glodbrook")
    refused(decided, lambda unit: post(unit, again), f"erased already, in entry {first.index}")


def test_the_entry_of_an_erasure_holds_nothing_but_references_digests_and_a_listed_reason(decided: World) -> None:
    helped = tell_a_story(decided)
    entry = forget(decided, withdrawing(helped)).entry
    assert entry.payload.model_dump(mode="json") == {
        "what": "story",
        "erased": digest_of_words(helped),
        "entry": helped.index,
        "reason": "consent_withdrawn",
    }
    with pytest.raises(ValueError, match="reason"):
        Erasure.model_validate({"what": "person", "erased": BEA, "reason": "Bea Lindqvist has moved to Ferrybank"})


def test_what_is_not_there_is_said_to_be_not_there(decided: World) -> None:
    with decided.unit() as unit:
        with pytest.raises(NotFound, match="no person called"):
            erasing("p-nobody")(unit)
        with pytest.raises(NotFound, match="no kept text called"):
            entry_with(unit.session, "0" * 64)
        with pytest.raises(NoWords, match="Entry 3 has no words beside it"):
            digest_in(unit.session, 3)
        assert digest_in(unit.session, the_decision(decided).index) == digest_of_words(the_decision(decided))


def test_the_authority_and_the_registrar_of_an_erasure_are_found(decided: World) -> None:
    with decided.unit() as unit:
        assert authority_of(unit.session, BEA) == authority_of(unit.session, "p-operator") == "marlmoor"
        unit.session.add(Authority(slug="fenmoor", name="Fenmoor", currency="GBP"))
        add_person(unit.session, name="Olu", ref="p-olu")
        with pytest.raises(WhichAuthority, match="fenmoor, marlmoor"):
            authority_of(unit.session, "p-olu")
        assert registrar_at(unit, "marlmoor", "glodbrook") == REGISTRAR


def test_without_a_registrar_in_office_a_person_has_to_be_named(decided: World) -> None:
    """The first registrar hands over to Ines, whose term then runs out."""
    with decided.unit() as unit:
        add_person(unit.session, name="Ines", ref="p-ines")
        posts = [(REGISTRAR, "p-ines", Change.APPOINTED), ("p-ines", REGISTRAR, Change.ENDED)]
        for number, (registrar, ref, change) in enumerate(posts):
            appoint(
                unit,
                authority="marlmoor",
                person=ref,
                role=Role.REGISTRAR,
                change=change,
                registrar=registrar,
                ends=decided.today + timedelta(days=30) if change is Change.APPOINTED else None,
                idempotency_key=f"handing over {number}",
            )
        unit.commit()
    with decided.unit() as unit:
        assert registrar_at(unit, "marlmoor") == "p-ines"
    decided.today += timedelta(days=31)
    with decided.unit() as unit, pytest.raises(NoRegistrar, match="Nobody holds the role of registrar at marlmoor"):
        registrar_at(unit, "marlmoor")


def test_the_log_was_not_touched_by_an_erasure(decided: World) -> None:
    helped = tell_a_story(decided)
    with decided.database.reading() as session:
        before = session.exec(select(Entry.written).order_by(col(Entry.index))).all()
    forget(decided, withdrawing(helped))
    with decided.database.reading() as session:
        assert session.exec(select(Entry.written).order_by(col(Entry.index))).all()[:-1] == before
