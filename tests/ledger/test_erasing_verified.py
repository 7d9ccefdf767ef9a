"""Verification after an erasure: what was erased rightly is whole, and each way of pretending is named."""

import pytest

from ledger.verify import LedgerWrong
from tests.ledger.conftest import World
from tests.ledger.forgetting import BEA, digest_of_words, end_role, erasing, forget, tell_a_story, withdrawing
from tests.ledger.test_verify import attack, checked

KEPT, GONE = "Somebody else's words, still kept.", "Words that are gone."


@pytest.fixture
def forgetful(decided: World) -> tuple[World, dict[str, str]]:
    """One story is withdrawn and one is kept; Bea is erased and Owen is not. The facts of it, to write lies with."""
    gone, kept = tell_a_story(decided, key="one", words=GONE), tell_a_story(decided, key="two", words=KEPT)
    end_role(decided, BEA)
    withdrawn, erased = forget(decided, withdrawing(gone)), forget(decided, erasing(BEA))
    facts = {
        "gone": digest_of_words(gone), "kept": digest_of_words(kept), "gone_in": str(gone.index), "kept_in": str(kept.index),
        "withdrawn": str(withdrawn.entry.index), "erased": str(erased.entry.index),
    }  # fmt: skip
    assert "The ledger is whole" in checked(decided)
    return decided, facts


# Each lie: what somebody with the file in their hands changes, and the words by which it is named.
LIES = {
    "a text deleted without an entry": (
        "DELETE FROM narrative WHERE digest = '{kept}'", "entry {kept_in} is wrong: its words, which no entry erased,",
    ),
    "a text emptied without an entry": (
        "UPDATE narrative SET text = NULL, salt = NULL WHERE digest = '{kept}'", "its words are not those",
    ),
    "a text marked as erased by an entry that erased another": (
        "UPDATE narrative SET text = NULL, salt = NULL, erasure = {withdrawn} WHERE digest = '{kept}'",
        "of entry {kept_in} is wrong: no entry erased it, and it is marked as erased by entry {withdrawn}",
    ),
    "an erased text that is still there": (
        "UPDATE narrative SET text = 'Words that are gone.', salt = '00', erasure = NULL WHERE digest = '{gone}'",
        "entry {withdrawn} erased it, and it is still kept",
    ),
    "an erased text that is there beside its marker": (
        "UPDATE narrative SET text = 'Words that are gone.' WHERE digest = '{gone}'", "some of it is still there",
    ),
    "a salt that stayed": ("UPDATE narrative SET salt = '00' WHERE digest = '{gone}'", "some of it is still there"),
    "a marker that names another entry": (
        "UPDATE narrative SET erasure = 0 WHERE digest = '{gone}'",
        "entry {withdrawn} erased it, and it is marked as erased by entry 0",
    ),
    "a marker removed": ("DELETE FROM narrative WHERE digest = '{gone}'", "the marker of its erased words cannot be found"),
    "a text that nobody answers for": (
        "INSERT INTO narrative (digest, idempotency_key, salt, text) VALUES ('00', 'stray', '00', 'Gossip')",
        "no entry answers for it",
    ),
    "a name deleted": ("DELETE FROM person WHERE ref = 'p-owen'", "the person p-owen is wrong: neither a name nor the marker"),
    "a name emptied": ("UPDATE person SET name = '' WHERE ref = 'p-owen'", "there is no name, and no entry erased it"),
    "a name marked as erased without an entry": (
        "UPDATE person SET name = NULL, erasure = {erased} WHERE ref = 'p-owen'",
        "the person p-owen is wrong: the name is marked as erased by entry {erased}, and no entry erased it",
    ),
    "an erased name that is still there": (
        "UPDATE person SET name = 'Bea', erasure = NULL WHERE ref = 'p-bea'",
        "the name is still kept, and entry {erased} erased it",
    ),
    "an erased name beside its marker": ("UPDATE person SET name = 'Bea' WHERE ref = 'p-bea'", "some of it is still there"),
    "a line about an erased person": ("UPDATE person SET story = 'Sits.' WHERE ref = 'p-bea'", "some of it is still there"),
    "the marker of a person removed": ("DELETE FROM person WHERE ref = 'p-bea'", "the person p-bea is wrong: neither a name"),
    "a ballot given back to an erased person": (
        "UPDATE ballot SET voter = 'p-bea' WHERE voter NOT IN ('p-owen', 'p-nasreen')",
        "the person p-bea is wrong: the name was erased, and a ballot still says whose it is",
    ),
    "a proposal given back to an erased person": (
        "UPDATE proposal SET proposer = 'p-bea' WHERE number = 1", "and a proposal still says whose it is",
    ),
    "an erasure removed from the log": (
        'DELETE FROM entry WHERE "index" = {erased}', "is wrong",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_every_pretence_about_an_erasure_is_named(forgetful: tuple[World, dict[str, str]], lie: str) -> None:
    world, facts = forgetful
    statement, named = LIES[lie]
    attack(world, statement.format_map(facts))
    with pytest.raises(LedgerWrong) as found:
        checked(world)
    assert named.format_map(facts) in found.value.sentence
