"""Codes, hashes, choices and promises: published vectors, and a slow twin in plain hashlib that agrees with each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from ledger.ballot.codes import ALPHABET, NotACode, credential, new_code, printed, read_code, roll_mark
from ledger.ballot.digests import tagged_hash
from ledger.ballot.marking import BallotRefused, FormNotOffered, longest, marked, padded, read_choices
from ledger.ballot.receipts import (
    NotOurPromise,
    NotSixDigits,
    Receipt,
    check_promise,
    commitment,
    new_nonce,
    promise,
    six_digits,
)
from tests.ballot.plain import LETTERS, plain_code, plain_h

ROUND, CODE = "glodbrook-residents", "7F3K9QWA2BCD4EGH5JMN6PRS"
NONCE, DIGITS = "00112233445566778899aabbccddeeff", "408153"
VECTORS = {
    "credential": "384a4b14a74004471385c0103a75963cd1b867bf3ec699b7fbf341b02f6c7262",
    "roll": "87e6ec5a5549fae6834c0acf4d88061188c69cd2b5806c866ecf51b4823c9c8e",
    "ballot": "f34c3a96005b04157c2beb118f9133db34463cadb1ad86fb2eea8a9a1fbb5734",
}
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


def test_the_published_vectors_hold() -> None:
    """Whoever writes the protocol in another language starts here."""
    used = credential(ROUND, CODE)
    assert used == VECTORS["credential"]
    assert roll_mark(ROUND, used) == VECTORS["roll"]
    choices = padded({3: 1, 1: 1}, 20)
    assert choices == "[[1,1],[3,1]]       "
    assert commitment(ROUND, nonce=NONCE, digits=DIGITS, choices=choices) == VECTORS["ballot"]


def test_the_plain_twin_gives_the_same_vectors() -> None:
    assert plain_h("credential", ROUND, CODE) == VECTORS["credential"]
    assert plain_h("roll", ROUND, VECTORS["credential"]) == VECTORS["roll"]
    assert plain_h("ballot", ROUND, NONCE, DIGITS, "[[1,1],[3,1]]       ") == VECTORS["ballot"]


@given(TEXT, st.lists(TEXT, max_size=4))
def test_the_hash_is_that_of_its_plain_twin(tag: str, parts: list[str]) -> None:
    assert tagged_hash(tag, *parts) == plain_h(tag, *parts)


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=1, max_size=4))
def test_no_two_uses_of_the_hash_can_be_confused(one: list[str], other: list[str]) -> None:
    """Also where the parts run together to the same letters: ("a", "bc") is not ("ab", "c")."""
    assert (tagged_hash(*one) == tagged_hash(*other)) == (one == other)
    assert tagged_hash("roll", "ab", "c") != tagged_hash("roll", "a", "bc")


def test_a_code_has_120_bits_and_no_letter_that_looks_like_another() -> None:
    assert list(ALPHABET) == LETTERS
    assert len(ALPHABET) ** 24 == 2**120
    many = {new_code() for _ in range(500)}
    assert len(many) == 500
    assert {len(code) for code in many} == {24}
    assert set("".join(many)) == set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "7F3K-9QWA-2BCD-4EGH-5JMN-6PRS",
        "7f3k 9qwa 2bcd 4egh 5jmn 6prs",
        "  7f3K9qwA2bcd4eGH5jmn6prs\r\n",
        "7F3K\N{EN DASH}9QWA\N{NO-BREAK SPACE}2BCD-4EGH--5JMN-6PRS",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == CODE
    assert read_code(printed(CODE)) == CODE


def test_letters_that_look_like_a_number_are_read_as_the_number() -> None:
    assert read_code("OoIiLl" + "A" * 18) == "001111" + "A" * 18


@pytest.mark.parametrize(
    "typed", ["", "7F3K", CODE + "A", CODE[:-1] + "U", CODE[:-1] + "é", CODE[:-1] + "\N{FULLWIDTH DIGIT ONE}"]
)
def test_what_is_no_code_is_refused_in_words(typed: str) -> None:
    with pytest.raises(NotACode, match=r"24 letters and numbers.*nothing was recorded"):
        read_code(typed)


@given(st.text(alphabet=ALPHABET + ALPHABET.lower() + "oOiIlLuU- ", max_size=30))
def test_reading_a_code_is_that_of_its_plain_twin(typed: str) -> None:
    try:
        found = read_code(typed)
    except NotACode:
        found = None
    assert found == plain_code(typed)


@given(st.sets(st.integers(1, 120)), st.integers(0, 12), st.integers(1, 120))
def test_every_ballot_that_the_rules_allow_has_the_rounds_length(chosen: set[int], most: int, proposals: int) -> None:
    numbers = frozenset(range(1, proposals + 1))
    length = longest("approval", most, numbers)
    try:
        choices = marked(frozenset(chosen), form="approval", most_choices=most, numbers=numbers)
    except BallotRefused:
        assert not chosen or not chosen <= numbers or (most and len(chosen) > most)
    else:
        text = padded(choices, length)
        assert len(text) == length
        assert set(read_choices(text)) == chosen


def test_one_choice_is_one_choice_and_other_forms_are_not_offered() -> None:
    numbers = frozenset({1, 2, 3})
    with pytest.raises(BallotRefused, match=r"no more than 1 proposal; you chose 2.*your code is not used"):
        marked(frozenset({1, 2}), form="choose-1", most_choices=0, numbers=numbers)
    with pytest.raises(FormNotOffered, match="this round's is “ordinal”"):
        marked(frozenset({1}), form="ordinal", most_choices=0, numbers=numbers)


def test_digits_are_six() -> None:
    assert six_digits(" 408 153 ") == DIGITS
    for typed in ("40815", "4081533", "40815a", "٤٠٨١٥٣"):
        with pytest.raises(NotSixDigits, match="any six digits"):
            six_digits(typed)


def test_two_nonces_differ_so_two_equal_ballots_do() -> None:
    first, second = (commitment(ROUND, nonce=new_nonce(), digits=DIGITS, choices="[[1,1]]") for _ in range(2))
    assert first != second


def test_a_promise_is_the_rounds_own_and_about_one_ballot() -> None:
    key = SigningKey(bytes(range(32)))
    public = bytes(key.verify_key).hex()
    receipt = Receipt(ROUND, VECTORS["ballot"], NONCE, DIGITS, promise(key, ROUND, VECTORS["ballot"]))
    check_promise(public, receipt)
    others = (
        Receipt("ferrybank", receipt.commitment, NONCE, DIGITS, receipt.promise),
        Receipt(ROUND, VECTORS["roll"], NONCE, DIGITS, receipt.promise),
        Receipt(ROUND, receipt.commitment, NONCE, DIGITS, "00" * 64),
        Receipt(ROUND, receipt.commitment, NONCE, DIGITS, "not hexadecimal"),
    )
    for other in others:
        with pytest.raises(NotOurPromise):
            check_promise(public, other)
