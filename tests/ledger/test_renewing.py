"""Terms are renewed on an evidence pack that the ledger works out for itself, and on no other."""

import hashlib
import json
from datetime import date

import msgspec
import pytest

from ledger.entries import DatabaseBook, entry_at, tree_size
from ledger.errors import LedgerError
from ledger.kinds.devolving import EvidenceDiffers, EvidenceNotNewest, RenewalWithoutEvidence, Terms, VotingRule
from ledger.kinds.evidence import Evidence, Gathered, evidence_of
from ledger.mandates import check
from ledger.money import TIME
from ledger.powers import agree_terms, devolve
from ledger.records import Actor, Kind, Recorded
from ledger.renewing import evidence_at
from ledger.replay import ReplayedBook
from ledger.roles import Role
from tests.ledger.conftest import LEADER, MONDAY, SUNSET, World, devolve_to_glodbrook, newest_evidence


def _renew(world: World, evidence: Evidence | None) -> Recorded:
    with world.database.reading() as session:
        devolution = next(iter(DatabaseBook(session).where(Kind.DEVOLUTION, place="glodbrook")))
    with world.unit() as unit:
        entry = agree_terms(
            unit,
            devolution=devolution.index,
            begins=MONDAY,
            review_on=date(2026, 9, 30),
            sunset=SUNSET,
            panel=5,
            quorum=3,
            limits={"GBP": 1_000_000, TIME: 6_000},
            voting_rule=VotingRule(minimum_votes=1),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            evidence=evidence,
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


def _refused(world: World, evidence: Evidence | None, fault: type[LedgerError]) -> None:
    size = world.size()
    with pytest.raises(fault):
        _renew(world, evidence)
    assert world.size() == size


def test_terms_are_not_renewed_without_an_evidence_pack(decided: World) -> None:
    _refused(decided, None, RenewalWithoutEvidence)


def test_terms_are_renewed_on_the_newest_pack_and_their_entry_holds_its_digest(decided: World) -> None:
    evidence = newest_evidence(decided)
    entry = _renew(decided, evidence)
    assert isinstance(entry.payload, Terms)
    assert (entry.payload.version, entry.payload.evidence) == (2, evidence)


def test_a_pack_with_another_digest_is_refused(decided: World) -> None:
    evidence = newest_evidence(decided)
    _refused(decided, evidence.model_copy(update={"digest": "0" * 64}), EvidenceDiffers)


def test_a_pack_of_another_tree_size_does_not_pass_for_this_one(decided: World) -> None:
    evidence = newest_evidence(decided)
    _refused(decided, evidence.model_copy(update={"tree_size": evidence.tree_size - 1}), EvidenceNotNewest)
    _refused(decided, evidence.model_copy(update={"tree_size": evidence.tree_size + 1}), EvidenceNotNewest)


def test_a_pack_read_before_the_partnerships_newest_entry_is_refused(decided: World) -> None:
    evidence = newest_evidence(decided)
    devolve_to_glodbrook(decided)
    _refused(decided, evidence, EvidenceNotNewest)
    assert _renew(decided, newest_evidence(decided)).payload.kind.value == "terms"


def test_what_is_recorded_elsewhere_meanwhile_does_not_stand_in_the_way(decided: World) -> None:
    evidence = newest_evidence(decided)
    with decided.unit() as unit:
        devolve(
            unit,
            authority="marlmoor",
            partnership="ferrybank",
            title="T",
            power="P",
            money=100,
            minutes=0,
            limits={"GBP": 100},
            begins=MONDAY,
            ends=MONDAY,
            leader=LEADER,
            idempotency_key=decided.key(),
        )
        unit.commit()
    assert _renew(decided, evidence).index == evidence.tree_size + 1


def test_the_pack_says_what_was_decided_spent_learned_and_promised(decided: World) -> None:
    """£50,000 and 1,000 hours came; benches (£4,000, 10 h) and the warm room (£9,000, 50 h) were chosen by three votes."""
    with decided.database.reading() as session:
        written, evidence = evidence_at(session, "glodbrook", tree_size=tree_size(session))
    assert hashlib.sha256(written).hexdigest() == evidence.digest
    said = json.loads(written)
    assert [line["kind"] for line in said["decided"]] == ["devolution", "terms", "result", "ratification"]
    assert said["decided"][2]["votes"] == 3
    assert said["spent"]["GBP"]["handed_over"] == 5_000_000
    assert (said["spent"]["GBP"]["allocated"], said["spent"]["TIME"]["allocated"]) == (1_300_000, 3_600)
    assert said["promised"] == {"GBP": 0, "TIME": 0}
    assert said["learned"] == {"ratification": 1}


def test_an_older_pack_reads_the_same_however_much_is_recorded_since(decided: World) -> None:
    with decided.database.reading() as session:
        size = tree_size(session)
        before = evidence_at(session, "glodbrook", tree_size=size)
    _renew(decided, newest_evidence(decided))
    with decided.database.reading() as session:
        assert evidence_at(session, "glodbrook", tree_size=size) == before


def test_whoever_replays_the_log_works_out_the_same_pack_and_refuses_a_forged_one(decided: World) -> None:
    renewed = _renew(decided, newest_evidence(decided))
    with decided.database.reading() as session:
        entries = [entry_at(session, index) for index in range(renewed.index)]
    book, gathered = ReplayedBook(lambda index: entries[index]), Gathered()
    for entry in entries:
        book.add(entry)
        if entry.place == "glodbrook":
            gathered.add(entry)
    check(renewed, book, recorded=renewed.recorded_at)
    assert isinstance(renewed.payload, Terms)
    assert renewed.payload.evidence == evidence_of(gathered, place="glodbrook", tree_size=renewed.index)
    forged = renewed.payload.model_copy(update={"evidence": Evidence(tree_size=renewed.index, digest="f" * 64)})
    with pytest.raises(EvidenceDiffers):
        check(_with(renewed, forged), book, recorded=renewed.recorded_at)


def _with(entry: Recorded, payload: Terms) -> Recorded:
    return msgspec.structs.replace(entry, payload=payload)
