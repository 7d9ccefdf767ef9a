"""How often somebody may ask for what costs others something: letters to an address, room in the database."""

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from app.store import unit_of_work
from ledger.credentials.attempts import Limit, count

# An address gets few letters whoever asks; one visitor asks for few addresses, and a library has many visitors.
LETTERS_TO_ONE = Limit("a letter to one address", most=3, minutes=15)
LETTERS_FROM_ONE = Limit("letters asked for from one place", most=30, minutes=15)
# A code has 120 bits and is not guessed; this keeps room for others. A care home or a library votes from one place.
BALLOTS_FROM_ONE = Limit("ballots sent from one place", most=120, minutes=15)
CHALLENGES_FROM_ONE = Limit("passkeys asked for from one place", most=120, minutes=15)


def hold(limit: Limit, who: str | None = None) -> None:
    """Count this request for `who`, or for the place on the network that it comes from. Raises TooManyRequests."""
    key = str(current_app.config["SECRET_KEY"])
    with unit_of_work(appends=False) as unit:
        wait = count(unit, limit, (who or request.remote_addr or "").casefold(), key=key)
        unit.commit()
    if wait is not None:
        raise TooManyRequests(retry_after=int(wait.total_seconds()))
