"""An idea from a doorstep to the ballot: who may do what to it and when, what is kept of it, and what goes with a person."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import select

from ledger.errors import LedgerError
from ledger.kinds.deciding import Counted, RulesAreFrozen, RulesFrozen
from ledger.kinds.round_rules import Cap
from ledger.records import Recorded
from ledger.rounds.freezing import Drafted, draft_rules
from ledger.rounds.ideas import (
    Author,
    Credit,
    Idea,
    NotInThisState,
    Photo,
    Revision,
    State,
    Step,
    after,
    authors_of,
    questions_of,
    revisions_of,
    seconded,
    shared_ideas,
    waited,
)
from ledger.rounds.proposals import proposals_of
from ledger.rounds.shaping import (
    Incomplete,
    NotInThisStage,
    NotYours,
    OnBehalf,
    Words,
    add_co_author,
    answer,
    ask_about,
    change,
    comment,
    merge,
    name_me,
    second,
    share,
    show_photo,
    withdraw_idea,
    write,
)
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CHAIR, CONNECTOR, FINANCE, MONDAY, PAYER, REGISTRAR, World, close, vote
from tests.ledger.spring import (
    BENCHES,
    IMRAN,
    MABEL,
    REF,
    ROSA,
    SPRING,
    WARM_ROOM,
    announce_to_residents,
    do,
    freeze,
    has_idea,
    kept,
    weeks,
)
from tests.ledger.steps import Step as Work


@pytest.fixture
def spring(world: World) -> World:
    announce_to_residents(world)
    return world


def refused(world: World, why: type[LedgerError], words: str, work: Work) -> None:
    """Refused with these words, and every idea is as it was."""
    before = as_kept(world)
    with world.unit() as unit, pytest.raises(why, match=words) as refusal:
        work(unit)
        unit.commit()
    assert "{" not in refusal.value.sentence
    assert as_kept(world) == before


def as_kept(world: World) -> list[str]:
    with world.database.reading() as session:
        tables = (Idea, Revision, Author)
        return [repr(row) for table in tables for row in session.exec(select(table)).all()]


def test_a_draft_is_its_authors_own_until_they_share_it(spring: World) -> None:
    ref = has_idea(spring, shared=False)
    with spring.database.reading() as session:
        assert shared_ideas(session, REF) == []
    do(spring, lambda unit: share(unit, ref=ref, by=ROSA))
    do(spring, lambda unit: share(unit, ref=ref, by=ROSA))
    with spring.database.reading() as session:
        assert [idea.title for idea in shared_ideas(session, REF)] == ["Benches"]
    refused(spring, NotYours, "Only an author of this idea", lambda unit: share(unit, ref=ref, by=IMRAN))


def test_the_same_draft_sent_twice_is_one_idea(spring: World) -> None:
    for _ in range(2):
        do(spring, lambda unit: write(unit, round_ref=REF, words=BENCHES, by=ROSA, idempotency_key="once"))
    with spring.database.reading() as session:
        assert session.exec(select(Idea.ref)).all() == [f"{REF}-1"]


@pytest.mark.parametrize("who", [FINANCE, CHAIR, "p-bea", REGISTRAR])
def test_ideas_are_written_by_residents_and_the_connector(spring: World, who: str) -> None:
    refused(
        spring, NotYours, "a resident or community connector of Glodbrook",
        lambda unit: write(unit, round_ref=REF, words=BENCHES, by=who, idempotency_key="x"),
    )  # fmt: skip


def test_a_connector_writes_for_a_resident_who_agreed_and_nobody_else_does(spring: World) -> None:
    agreed = OnBehalf(resident=MABEL, consent="On her doorstep, 3 March; read back to her.")
    do(spring, lambda unit: write(unit, round_ref=REF, words=BENCHES, by=CONNECTOR, idempotency_key="m", for_=agreed))
    with spring.database.reading() as session:
        parts = [(row.person, row.credit, row.named) for row in authors_of(session, f"{REF}-1")]
    assert parts == [(MABEL, Credit.AUTHOR, False), (CONNECTOR, Credit.WRITER, False)]
    assert kept(spring, f"{REF}-1").consent.startswith("On her doorstep")
    silent = OnBehalf(resident=MABEL, consent="  ")
    refused(
        spring, Incomplete, "how the resident agreed",
        lambda unit: write(unit, round_ref=REF, words=BENCHES, by=CONNECTOR, idempotency_key="n", for_=silent),
    )  # fmt: skip
    refused(
        spring, NotYours, "a community connector",
        lambda unit: write(unit, round_ref=REF, words=BENCHES, by=ROSA, idempotency_key="o", for_=agreed),
    )  # fmt: skip


def test_every_change_is_kept_with_what_it_changed_and_the_same_words_are_no_change(spring: World) -> None:
    ref = has_idea(spring)
    dearer = replace(BENCHES, summary="Four benches by the brook.", cost=500_000, spot=(201, 700))
    for words in (BENCHES, dearer, dearer):
        do(spring, lambda unit, words=words: change(unit, ref=ref, words=words, by=ROSA))  # type: ignore[misc]  # bound
    with spring.database.reading() as session:
        rows = [(row.number, row.summary, told) for row, told in revisions_of(session, ref)]
    assert rows == [
        (1, "Three benches by the brook.", ()),
        (2, "Four benches by the brook.", ("the words", "the cost", "the place")),
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (Words(title=" ", summary="x", cost=1), "a title and a few words"),
        (Words(title="x", summary="x", cost=0), "what the idea would cost"),
        (Words(title="x", summary="x", cost=1, spot=(0, 1_001)), "A place on the map"),
    ],
)
def test_an_idea_that_is_not_whole_is_refused(spring: World, words: Words, problem: str) -> None:
    refused(spring, Incomplete, problem, lambda unit: write(unit, round_ref=REF, words=words, by=ROSA, idempotency_key="x"))


def test_a_co_author_changes_the_idea_and_is_named_only_when_they_say_so(spring: World) -> None:
    ref = has_idea(spring)
    do(spring, lambda unit: add_co_author(unit, ref=ref, other=IMRAN, by=ROSA))
    do(spring, lambda unit: add_co_author(unit, ref=ref, other=IMRAN, by=ROSA))
    do(spring, lambda unit: change(unit, ref=ref, words=WARM_ROOM, by=IMRAN))
    do(spring, lambda unit: name_me(unit, ref=ref, by=IMRAN, named=True))
    with spring.database.reading() as session:
        assert [(row.person, row.named) for row in authors_of(session, ref)] == [(ROSA, False), (IMRAN, True)]
    refused(spring, NotYours, "Only an author", lambda unit: add_co_author(unit, ref=ref, other=MABEL, by=MABEL))
    refused(spring, NotYours, "a resident or community", lambda unit: add_co_author(unit, ref=ref, other=PAYER, by=ROSA))


def test_seconding_twice_is_seconding_once_and_authors_do_not_second_themselves(spring: World) -> None:
    ref = has_idea(spring)
    for who in (IMRAN, IMRAN, MABEL):
        do(spring, lambda unit, who=who: second(unit, ref=ref, by=who))  # type: ignore[misc]  # bound
    with spring.database.reading() as session:
        assert seconded(session, [ref]) == {ref: 2}
    refused(spring, NotYours, "did not write this idea", lambda unit: second(unit, ref=ref, by=ROSA))
    draft = has_idea(spring, shared=False)
    refused(spring, Incomplete, "everybody can read", lambda unit: second(unit, ref=draft, by=IMRAN))


def test_a_merged_idea_credits_its_authors_and_brings_its_seconders_and_questions(spring: World) -> None:
    one, other = has_idea(spring), has_idea(spring, by=IMRAN, words=WARM_ROOM)
    for ref, who in ((one, MABEL), (other, MABEL), (one, CONNECTOR)):
        do(spring, lambda unit, ref=ref, who=who: second(unit, ref=ref, by=who))  # type: ignore[misc]  # bound
    do(spring, lambda unit: ask_about(unit, ref=one, asked="Of oak?", by=MABEL, idempotency_key="q"))
    refused(spring, NotYours, "a community connector", lambda unit: merge(unit, ref=one, into=other, by=ROSA))
    for _ in range(2):
        do(spring, lambda unit: merge(unit, ref=one, into=other, by=CONNECTOR))
    with spring.database.reading() as session:
        assert [(row.person, row.credit) for row in authors_of(session, other)] == [
            (IMRAN, Credit.AUTHOR),
            (ROSA, Credit.MERGED),
        ]
        assert seconded(session, [other]) == {other: 2}
        assert [row.asked for row in questions_of(session, other)] == ["Of oak?"]
    assert (kept(spring, one).state, kept(spring, one).merged_into) == (State.MERGED, other)
    refused(spring, Incomplete, "another one of its round", lambda unit: merge(unit, ref=other, into=one, by=CONNECTOR))
    refused(spring, NotInThisState, "merged into another, so", lambda unit: change(unit, ref=one, words=BENCHES, by=ROSA))


def test_a_withdrawn_idea_says_why_and_stands_on_no_ballot(spring: World) -> None:
    ref = has_idea(spring)
    has_idea(spring, by=IMRAN, words=WARM_ROOM)
    refused(spring, Incomplete, "Say why", lambda unit: withdraw_idea(unit, ref=ref, reason=" ", by=ROSA))
    do(spring, lambda unit: withdraw_idea(unit, ref=ref, reason="The council has ordered benches.", by=ROSA))
    freeze(spring)
    with spring.database.reading() as session:
        assert [proposal.ref for proposal in proposals_of(session, REF)] == [f"{REF}-2"]
    assert kept(spring, ref).reason == "The council has ordered benches."


def test_a_question_stays_with_its_answer_which_its_authors_and_the_connector_give(spring: World) -> None:
    ref = has_idea(spring)
    for _ in range(2):
        do(spring, lambda unit: ask_about(unit, ref=ref, asked="Of oak?", by=IMRAN, idempotency_key="q"))
    refused(spring, NotYours, "a community connector", lambda unit: answer(unit, question="q", said="Yes", by=MABEL))
    do(spring, lambda unit: answer(unit, question="q", said="Yes", by=ROSA))
    do(spring, lambda unit: answer(unit, question="q", said="Of larch.", by=CONNECTOR))
    with spring.database.reading() as session:
        assert [(row.asked, row.answer) for row in questions_of(session, ref)] == [("Of oak?", "Of larch.")]


def test_an_ideas_clock_runs_from_its_sharing_to_the_first_comment(spring: World) -> None:
    ref = has_idea(spring)
    draft = has_idea(spring, shared=False)
    spring.today = MONDAY + weeks(2)
    assert waited(kept(spring, draft), spring.today) is None
    assert waited(kept(spring, ref), spring.today) == 14
    do(spring, lambda unit: comment(unit, ref=ref, feasibility="It can.", finance="No VAT.", by=FINANCE))
    spring.today = MONDAY + weeks(3)
    do(spring, lambda unit: comment(unit, ref=ref, feasibility="It can.", finance="VAT is due.", by=PAYER))
    assert (waited(kept(spring, ref), spring.today), kept(spring, ref).finance) == (14, "VAT is due.")
    refused(spring, NotYours, "a finance officer", lambda unit: comment(unit, ref=ref, feasibility="x", finance="y", by=CHAIR))
    refused(spring, Incomplete, "both whether", lambda unit: comment(unit, ref=ref, feasibility="x", finance=" ", by=FINANCE))


def test_an_idea_shows_at_most_four_pictures_and_the_same_one_once(spring: World) -> None:
    ref = has_idea(spring)

    def put(number: int) -> None:
        photo = Photo(idea=ref, name=f"{number:016}", jpeg=b"-", width=1, height=1, words="The brook")
        do(spring, lambda unit: show_photo(unit, ref=ref, photo=photo, by=ROSA))

    for number in (1, 1, 2, 3, 4):
        put(number)
    with pytest.raises(Incomplete, match="at most 4"):
        put(5)


STEPS: dict[str, Callable[[UnitOfWork, str], object]] = {
    "write": lambda unit, _: write(unit, round_ref=REF, words=BENCHES, by=ROSA, idempotency_key="late"),
    "change": lambda unit, ref: change(unit, ref=ref, words=WARM_ROOM, by=ROSA),
    "withdraw": lambda unit, ref: withdraw_idea(unit, ref=ref, reason="No.", by=ROSA),
    "second": lambda unit, ref: second(unit, ref=ref, by=IMRAN),
    "comment": lambda unit, ref: comment(unit, ref=ref, feasibility="x", finance="y", by=FINANCE),
    "ask": lambda unit, ref: ask_about(unit, ref=ref, asked="Why?", by=IMRAN, idempotency_key="q"),
}
ALLOWED = {
    0: "write change withdraw second comment ask", 2: "write change withdraw second comment ask",
    4: "withdraw second comment ask", 6: "ask", 9: "",
}  # fmt: skip


@pytest.mark.parametrize("week", ALLOWED)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_its_stages(spring: World, step: str, week: int) -> None:
    """The rules are frozen before the vote opens in its sixth week."""
    ref = has_idea(spring)
    if week >= 6:
        spring.today = MONDAY + weeks(5)
        freeze(spring)
    spring.today = MONDAY + weeks(week)

    def work(unit: UnitOfWork) -> None:
        STEPS[step](unit, ref)

    if step in ALLOWED[week].split():
        do(spring, work)
    else:
        refused(spring, NotInThisStage, "This round is", work)


def test_once_the_rules_are_frozen_what_stands_on_the_ballot_stays_as_it_is(spring: World) -> None:
    ref = has_idea(spring)
    frozen = freeze(spring)
    assert isinstance(frozen.payload, RulesFrozen)
    assert [(ask.project, ask.cost, ask.minutes, ask.theme) for ask in frozen.payload.asks] == [(ref, 400_000, 600, "parks")]
    with spring.database.reading() as session:
        proposal = proposals_of(session, REF)[0]
        assert (proposal.title, proposal.proposer, proposal.category) == ("Benches", ROSA, "parks")
    assert kept(spring, ref).state == State.STANDING
    refused(spring, RulesAreFrozen, "frozen already", lambda unit: change(unit, ref=ref, words=WARM_ROOM, by=ROSA))
    refused(spring, RulesAreFrozen, "frozen already", lambda unit: second(unit, ref=ref, by=IMRAN))


def result_of(world: World) -> Recorded:
    vote(world, REF, bea={1, 2}, owen={1, 2}, nasreen={2})
    return close(world, REF)


def test_ideas_are_voted_on_within_the_limits_of_their_round(spring: World) -> None:
    has_idea(spring)
    has_idea(spring, by=IMRAN, words=WARM_ROOM)
    caps = (Cap(on="theme", name="care", at_most=899_999),)
    do(spring, lambda unit: draft_rules(unit, round_ref=REF, drafted=Drafted(caps=caps)))
    freeze(spring)
    spring.today = SPRING.opens_on
    result = result_of(spring)
    assert isinstance(result.payload, Counted)
    assert result.payload.winners == (f"{REF}-1",)


def test_a_result_over_a_limit_is_refused_whoever_counts_it(spring: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's own rule asks again: here the count has forgotten the limit."""
    has_idea(spring)
    has_idea(spring, by=IMRAN, words=WARM_ROOM)
    caps = (Cap(on="theme", name="care", at_most=899_999),)
    do(spring, lambda unit: draft_rules(unit, round_ref=REF, drafted=Drafted(caps=caps)))
    freeze(spring)
    spring.today = SPRING.opens_on
    monkeypatch.setattr("ledger.rounds.counting.limits_of", lambda *_: ())
    size = spring.size()
    with pytest.raises(LedgerError, match="exceed the limit for the theme “care”"):
        result_of(spring)
    assert spring.size() == size


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_an_idea_goes_only_where_its_lifecycle_leads(state: State, step: Step) -> None:
    leads = {
        (State.DRAFT, Step.SHARE), (State.DRAFT, Step.WITHDRAW), (State.SHARED, Step.MERGE), (State.SHARED, Step.WITHDRAW),
        (State.SHARED, Step.STAND),
    }  # fmt: skip
    if (state, step) in leads:
        assert after(state, step) is not state
    else:
        with pytest.raises(NotInThisState):
            after(state, step)
