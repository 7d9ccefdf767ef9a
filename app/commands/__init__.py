"""The command `commonpurse`: 0 when it worked, 1 when a check failed, 2 when it was used wrongly. Errors are one sentence."""

import sys
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.commands.books import ledger
from app.commands.databases import db
from app.commands.doctor import doctor
from app.commands.rounds import round_
from app.commands.running import seed, serve
from app.commands.tally import tally
from ledger.errors import LedgerError
from ledger.verify import LedgerWrong


class OneSentence(click.Group):
    """A group whose refusals are one sentence on stderr, never a trace."""

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run the whole command line; wrong use is one sentence too."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except click.ClickException as fault:
            sentence = " ".join(fault.format_message().split()).rstrip(".")
            click.echo(f"{sentence}. Add --help to see how it is used; nothing was recorded.", err=True)
            sys.exit(2)
        except click.Abort:
            click.echo("Stopped; what was not finished is not recorded.", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; a refusal of the ledger ends it with its sentence."""
        try:
            return super().invoke(ctx)
        except LedgerWrong as fault:
            click.echo(fault.sentence, err=True)
            sys.exit(1)
        except LedgerError as fault:
            click.echo(fault.sentence, err=True)
            sys.exit(2)
        except (OperationalError, ProgrammingError):
            click.echo(
                "The database cannot be reached or is not set up. Run “commonpurse db upgrade”, then “commonpurse doctor”; "
                "nothing was recorded.",
                err=True,
            )
            sys.exit(2)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Commonpurse: share public money and staff time, in a ledger nobody can quietly rewrite."""


for command in (serve, seed, doctor, tally, round_, ledger, db):
    main.add_command(command)
