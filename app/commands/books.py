"""`commonpurse ledger`: verify the record, rebuild what is derived from it, take it away and bring it back."""

import json

import click

from app.commands.exporting import export, import_
from app.commands.opening import configured_database
from app.commands.progress import progress
from app.commands.publishing import begin_again, init_key, publish
from ledger.verify import rebuild as derive_again
from ledger.verify import verify as check_everything


@click.group()
def ledger() -> None:
    """The ledger itself."""


for command in (init_key, publish, begin_again):
    ledger.add_command(command)


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.option("--log-only", is_flag=True, help="Leave out rounds and ballots: they do not come with an import.")
def verify(as_json: bool, log_only: bool) -> None:  # noqa: FBT001 - click's flags
    """Derive every hash, the tree, every mandate and every balance again, and name the first entry that is wrong."""
    with configured_database().reading() as session, progress("Verifying") as report:
        verified = check_everything(session, report, log_only=log_only)
    if as_json:
        fields = ("entries", "transfers", "balances", "narratives", "ballots", "root")
        click.echo(json.dumps({name: getattr(verified, name) for name in fields}))
    else:
        click.echo(verified.sentence)


@ledger.command()
def rebuild() -> None:
    """Derive balances and flows again from the entries, and replace what is stored."""
    with configured_database().unit_of_work() as unit:
        entries = derive_again(unit)
        unit.commit()
    click.echo(f"Balances and flows were derived again from {entries:,} entries.")


for command in (export, import_):
    ledger.add_command(command)
