"""What a command that recorded something says of it: which entry it is, and where its proof will be."""

import click

from app.promises import place_of
from ledger.database import Database


def say_recorded(database: Database, index: int) -> None:
    """One line: the entry, and what is promised of it. Said again for what was recorded before: it is the same entry."""
    with database.reading() as session:
        place = place_of(session, index)
    if place.signed:
        promise = f"It is in a signed checkpoint; its proof is at /ledger/{index}."
    elif place.promised:
        promise = f"It will be in the log's next signed checkpoint; its proof is then at /ledger/{index}."
    else:
        promise = "Nothing of this log is signed yet; “commonpurse doctor” says what is missing."
    click.echo(f"Recorded as entry {index:,}. {promise}")
