"""Where personal data may stand: every column of every table is classified, and nothing of it is in the log's bytes."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from sqlmodel import SQLModel, col, select

from ledger.credentials.held import TABLES as SIGN_IN
from ledger.database import open_database
from ledger.entries import Entry
from ledger.kinds import PAYLOADS
from ledger.kinds.erasing import _WORDS
from ledger.kinds.payload import Digest, Text
from ledger.narratives import Narrative
from ledger.people import Person
from ledger.personal import Held, held_about, named_in
from ledger.rounds.proposals import Proposal
from tests.house.tree import ROOT
from tests.ledger.conftest import CONNECTOR, FINANCE, REGISTRAR, World, agree_on_terms, devolve_to_glodbrook, open_a_round, vote
from tests.ledger.forgetting import BEA, STORY, digest_of_words, end_role, erasing, forget, tell_a_story, withdrawing

# In the log or derived from it: references and digests, and what everyone may read for ever. Nothing here is erased.
LOG = {
    "entry": (
        "index kind recorded_at effective_on authority place subject mandate person role idempotency_key "
        "written leaf_hash nodes"
    ),
    "transfer": "entry position from_account to_account resource amount",
    "account": "path kind owner",
    "balance": "account resource amount",
    "total": "place resource from_kind to_kind amount",
    "flow": "from_account to_account resource month authority place amount",
    "head": "id size edge root recorded_at decisions",
    "promise": "entry resource left",
    "outcome": "proposal votes points step sentence barred",
    "checkpoint": "origin size root note verifier signed_at",
    "cosignature": "origin size witness cosigned_at line",
    "ending": "origin size kept note reason ended_at",
}
# Beside the log, about places, organisations and ideas, published as they are; they are to name nobody.
PUBLIC = {
    "authority": "slug name currency demonstration source",
    "district": "slug authority name",
    "partnership": "slug authority district name summary source",
    "organisation": "slug name",
    "picture": "place jpeg name width height words",
    "round": "ref partnership title summary ballot electorate opens_on closes_on entry source source_digest joint drafted",
    "proposal": "ref round number code title summary category objections finance_comment cost minutes",
    "ballot": "round choices nonce cast_at",
    "person": "ref invented erasure",
    "attempt": "digest ends many",  # how often, for minutes; under a keyed digest, so of nobody who could be named
    "challenge": "digest kept ends",  # what was asked of a browser, for ten minutes; says nothing of whom
    "narrative": "digest idempotency_key erasure",
    # A secret round: hashes of codes, of whom the site knows nothing; officers by reference, published as in the log.
    "keyring": "round first second third promises length rerun_at backups_end closed",
    "eligible": "round mark",
    "reissue": "round revoked added first second reason made_on",
    "slip": "round",
    "spent": "round credential",
    "idea": (
        "ref round number state theme district cost minutes merged_into feasibility finance made shared commented "
        "idempotency_key"
    ),
    "revision": "idea number at theme district cost minutes",
    "author": "idea credit named",
    "backing": "idea at",
    "question": "ref idea at answered",
    "photo": "idea name width height",
    "interest": "proposal round declared",
    "meeting": "ref round on agenda minutes ended",
    "attendance": "meeting came went",
    "tracker": "round tracker entry choices nonce digits standing paper",
    # Papers by number, and which officers read them, by reference; no number stands beside a code.
    "batch": "round number first papers clerk made_on",
    "copy": "round paper turn clerk choices",
    "ruling": "round paper clerk choices",
    "stub": "round",
    "throw": "round dice wrong clerk",
    "comparison": "round paper agrees clerk",
}
# About a person. The README says of each how it is erased.
PERSONAL = {
    "person": "name story",
    "narrative": "salt text",
    "ballot": "voter",
    "proposal": "proposer",
    "slip": "credential tracker sealed",
    "stub": "credential",
    "visit": "digest person way device made seen ends",
    "barred": "person since",
    "mailbox": "address person since",
    "link": "digest browser person ends address",
    "invitation": "ref digest authority address name person inviter made ends state",
    "authenticator": "person secret confirmed step misses waits_until made",
    "recovery": "digest person",
    "passkey": "id person public_key signs label made",
    "identity": "issuer subject person since",
    "request": "person what name made declined",
    "idea": "title summary east north written_for consent reason officer",
    "revision": "person title summary east north",
    "author": "person",
    "backing": "person",
    "question": "asker asked answer answerer",
    "photo": "jpeg words",
    "interest": "person what",
    "attendance": "person",
}

# The free text that an entry's bytes hold, for ever: whoever types it is told so, and told to name nobody.
FOR_EVER = {
    "constitution": "name",
    "devolution": "title power scope",
    "override": "instead",
    "secondment": "title",
    "round": "title source joint",
    "ratification": "power",
    "commitment": "purpose",
    "payment": "purpose",
    "time_worked": "purpose",
    "virement": "purpose",
    "terms": "voting_rule.name voting_rule.satisfaction voting_rule.completion",  # words of the counting engine
    "prototype": "title power",
    "data_sharing": "title",
    "rules_frozen": "rule.name rule.satisfaction rule.completion",
    "risk_agreement": "title cause event effect first.name",  # what is signed stays as it was signed
    "risk_decision": "harm_of_acting harm_of_not_acting",
}
# Digests of what is no text of a person's own: they need no erasing.
NO_WORDS = {"ballots_sealed": "commitments roll", "terms": "evidence.digest"}  # and of a result its files, by name


def columns(classes: dict[str, str]) -> set[str]:
    return {f"{table}.{column}" for table, names in classes.items() for column in names.split()}


def test_every_column_of_every_table_is_in_the_log_public_or_personal() -> None:
    """A new column fails this until somebody has decided what it is and, if it is about a person, how it is erased."""
    there = {f"{table.name}.{column.name}" for table in SQLModel.metadata.tables.values() for column in table.columns}
    classes = [columns(LOG), columns(PUBLIC), columns(PERSONAL)]
    assert set.union(*classes) == there
    assert sum(len(each) for each in classes) == len(there)


def test_the_readme_says_of_every_personal_column_how_it_is_erased() -> None:
    told = {line.split("|")[1].strip() for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `")}
    named = {name.strip(" `") for cell in told for name in cell.split(",")}
    whole = {name for name in PERSONAL if name in named}  # of these the row itself goes
    assert columns({name: held for name, held in PERSONAL.items() if name not in whole}) <= named
    assert whole == set(PERSONAL) & {*SIGN_IN, "request"} - {"challenge"}


def fields_of(wanted: object) -> set[str]:
    """The payloads' fields of one annotated type, as “kind.field”; also where it is one of several, or repeated."""
    metadata = get_args(wanted)[1:]

    def found(model: type[BaseModel], path: str) -> Iterator[str]:
        for name, field in model.model_fields.items():
            inner = {field.annotation, *get_args(field.annotation)}
            if wanted in inner or tuple(field.metadata)[: len(metadata)] == metadata:
                yield f"{path}.{name}"
            for below in inner:
                if isinstance(below, type) and issubclass(below, BaseModel):
                    yield from found(below, f"{path}.{name}")

    return {path for kind, made in PAYLOADS.items() for path in found(made, kind)}


def test_every_free_text_that_stays_for_ever_is_known() -> None:
    assert fields_of(Text) == columns(FOR_EVER)


def test_every_digest_of_words_is_one_that_can_be_withdrawn() -> None:
    known = {f"{kind}.{field}" for kind, made in PAYLOADS.items() for field in made.model_fields if field in _WORDS}
    assert fields_of(Digest) == known | columns(NO_WORDS)


def test_no_name_and_no_words_of_the_story_are_in_any_entry(told_story: str) -> None:
    database = open_database(told_story)
    with database.reading() as session:
        names = session.exec(select(Person.name)).all()
        words = session.exec(select(Narrative.text)).all()
        lines = [line for line in session.exec(select(Person.story)) if line]
        written = b"\n".join(session.exec(select(Entry.written).order_by(col(Entry.index))).all())
    database.dispose()
    told = [text for text in (*names, *words, *lines) if text]
    assert len(told) > 150
    assert b"Glodbrook" in written
    assert [text for text in told if text.encode() in written] == []


def held(world: World, ref: str) -> Held:
    with world.database.reading() as session:
        return held_about(session, ref)


def test_a_person_reads_everything_that_is_held_about_them(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 3})
    with world.unit() as unit:
        for proposal in unit.session.exec(select(Proposal).where(col(Proposal.number) == 2)):
            proposal.proposer = BEA
        unit.commit()
    about = held(world, BEA)
    assert about.shape == "commonpurse-person-4"
    assert (about.person.name, about.person.erased_in) == ("Bea", None)
    assert [(role.role, role.place, role.change) for role in about.roles] == [("panel member", "glodbrook", "appointed")]
    assert [(entry.kind, entry.link, entry.acted_as) for entry in about.entries] == [("role", "names", None)]
    (ballot,) = about.ballots
    assert (ballot.round, ballot.choices) == (ref, {f"{ref}-1": 1, f"{ref}-3": 1})
    assert [proposal.title for proposal in about.proposals] == ["Warm room"]


def test_what_somebody_recorded_and_where_their_name_stands_are_both_held(decided: World) -> None:
    helped = tell_a_story(decided, words="Finance said no, and Connector found another way.")
    assert [(held.entry, held.link) for held in held(decided, CONNECTOR).words] == [
        (helped.index, "recorded"),
        (helped.index, "names"),
    ]
    officer = held(decided, FINANCE)
    assert {entry.acted_as for entry in officer.entries if entry.link == "made"} == {"finance officer"}
    assert (helped.index, "names") in [(words.entry, words.link) for words in officer.words]
    assert "As voted." in [words.text for words in officer.words]
    assert [entry.kind for entry in held(decided, REGISTRAR).entries][:2] == ["constitution", "role"]


def test_after_an_erasure_hardly_anything_is_held(decided: World) -> None:
    end_role(decided, BEA)
    erased = forget(decided, erasing(BEA))
    about = held(decided, BEA)
    assert (about.person.name, about.person.erased_in, about.person.erased_because) == (
        None, erased.entry.index, "asked_by_the_person",
    )  # fmt: skip
    assert (about.ballots, about.words, about.proposals) == ((), (), ())
    assert [entry.kind for entry in about.entries] == ["role", "role", "erasure"]


def test_a_name_that_is_half_a_pattern_is_looked_for_as_it_is_written(decided: World) -> None:
    tell_a_story(decided, words="100% of it was spent.")
    with decided.database.reading() as session:
        assert named_in(session, "100%") != ()
        assert named_in(session, "1%0") == named_in(session, "_") == named_in(session, None) == ()


def test_withdrawn_words_are_held_as_a_digest_only(decided: World) -> None:
    helped = tell_a_story(decided)
    assert STORY in [words.text for words in held(decided, CONNECTOR).words]
    forget(decided, withdrawing(helped))
    assert [(words.digest, words.text) for words in held(decided, CONNECTOR).words] == [(digest_of_words(helped), None)]
