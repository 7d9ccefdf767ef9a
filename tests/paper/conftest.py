"""Marlmoor, with the secret round of Glodbrook's residents under way."""

import pytest

from tests.ballot.conftest import secret_round
from tests.ballot.living import SecretRound
from tests.ledger.conftest import founded_url, world
from tests.pages.conftest import site, visitor
from tests.paper.hall import Hall, a_hall

__all__ = ["founded_url", "secret_round", "site", "visitor", "world"]


@pytest.fixture
def hall(secret_round: SecretRound) -> Hall:
    """The counting hall on a day of voting."""
    return a_hall(secret_round)
