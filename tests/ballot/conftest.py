"""Marlmoor, for the secret round of Glodbrook's residents."""

import pytest

from tests.ballot.living import SecretRound, a_secret_round
from tests.ledger.conftest import World, founded_url, world
from tests.pages.conftest import site, visitor

__all__ = ["founded_url", "secret_round", "site", "visitor", "world"]


@pytest.fixture
def secret_round(world: World) -> SecretRound:
    """A residents' round under way: its keyholders are known, forty codes are on the roll, nobody has voted."""
    return a_secret_round(world)
