"""A sealed ballot: any two of three keyholders open it, one cannot, and its length says nothing."""

from itertools import combinations, permutations

import pytest
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from ledger.ballot.marking import padded
from ledger.ballot.sealing import (
    PAIRS,
    WRAPPED,
    Holder,
    KeyholderBroken,
    NotOpened,
    Plain,
    holder_from,
    new_holder,
    public_keys,
    public_part,
    seal,
    unseal,
)

HOLDERS = tuple(new_holder(place) for place in range(3))
KEYS = public_keys(tuple(public_part(holder) for holder in HOLDERS))
PLAIN = Plain(padded({1: 1, 3: 1}, 20), "00112233445566778899aabbccddeeff", "408153")


@pytest.mark.parametrize("pair", list(permutations(range(3), 2)))
def test_any_two_keyholders_open_it_whoever_comes_first(pair: tuple[int, int]) -> None:
    assert unseal(seal(PLAIN, KEYS), HOLDERS[pair[0]], HOLDERS[pair[1]]) == PLAIN


@pytest.mark.parametrize("holder", HOLDERS)
def test_one_keyholder_opens_nothing(holder: Holder) -> None:
    """Neither as two, nor in another's place, nor by any single unwrapping: what is inside is sealed for somebody else."""
    sealed = seal(PLAIN, KEYS)
    for place in range(3):
        with pytest.raises(NotOpened):
            unseal(sealed, holder, Holder(place, holder.key))
    for start, (outer, inner) in enumerate(PAIRS):
        wrapped = sealed[start * WRAPPED : (start + 1) * WRAPPED]
        if holder.place != outer:
            with pytest.raises(CryptoError):
                SealedBox(holder.key).decrypt(wrapped)
        else:
            half = SealedBox(holder.key).decrypt(wrapped)
            assert holder.place != inner
            with pytest.raises(CryptoError):
                SealedBox(holder.key).decrypt(half)


def test_the_keyholders_of_another_round_open_nothing() -> None:
    others = tuple(new_holder(place) for place in range(3))
    for pair in combinations(others, 2):
        with pytest.raises(NotOpened, match="two of this round's keyholders"):
            unseal(seal(PLAIN, KEYS), *pair)


def test_every_sealed_ballot_has_one_length_and_none_is_like_another() -> None:
    said = [{1: 1}, {1: 1, 3: 1}, {2: 1}, {1: 1}]
    sealed = [seal(Plain(padded(choices, 20), PLAIN.nonce, PLAIN.digits), KEYS) for choices in said]
    assert len({len(each) for each in sealed}) == 1
    assert len(set(sealed)) == len(said)


def test_a_changed_seal_opens_for_nobody() -> None:
    sealed = bytearray(seal(PLAIN, KEYS))
    sealed[-1] ^= 1
    with pytest.raises(NotOpened):
        unseal(bytes(sealed), HOLDERS[0], HOLDERS[1])
    with pytest.raises(NotOpened):
        unseal(b"", HOLDERS[0], HOLDERS[1])


def test_a_keyholders_key_is_read_from_its_text_or_refused() -> None:
    again = holder_from(1, bytes(HOLDERS[1].key).hex())
    assert public_part(again) == public_part(HOLDERS[1])
    for place, text in ((3, "00" * 32), (0, "00" * 31), (0, "zz" * 32), (0, " 0" * 32)):
        with pytest.raises(KeyholderBroken, match="no keyholder's key"):
            holder_from(place, text)
    same = public_part(HOLDERS[0])
    with pytest.raises(KeyholderBroken, match="three keyholders"):
        public_keys((same, same, public_part(HOLDERS[1])))
