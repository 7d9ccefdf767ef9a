"""The command `commonpurse`: 0 when it worked, 1 when a check failed, 2 when it was used wrongly. Errors are one sentence."""

import sys
from importlib import import_module
from typing import Any

import click

from ledger.errors import CheckFailed, LedgerError

# Where each command is. Only the one that was asked for is loaded: an auditor's needs no site and no database.
_COMMANDS = {
    "audit": "audit:audit_command", "db": "databases:db", "doctor": "doctor:doctor", "keys": "keys:keys",
    "ledger": "books:ledger", "person": "people:person", "retention": "retention:retention", "round": "rounds:round_",
    "seed": "running:seed", "serve": "running:serve", "story": "people:story", "tally": "tally:tally",
    "verify-proof": "proofs:verify_proof", "witness": "witness:witness",
}  # fmt: skip


class OneSentence(click.Group):
    """A group that loads a command when it is asked for, and whose refusals are one sentence on stderr, never a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        """The command of this name, if there is one."""
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        command = getattr(import_module(f"{__name__}.{module}"), name) if module else None
        return command if isinstance(command, click.Command) else None

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
        except CheckFailed as fault:
            click.echo(fault.sentence, err=True)
            sys.exit(1)
        except LedgerError as fault:
            click.echo(fault.sentence, err=True)
            sys.exit(2)
        except Exception as fault:
            sentence = _of_the_database(fault)
            if sentence is None:
                raise
            click.echo(sentence, err=True)
            sys.exit(2)


def _of_the_database(fault: Exception) -> str | None:
    """What a person reads of a fault of the database; nothing for any other fault."""
    if "sqlalchemy.exc" not in sys.modules:  # no database was asked for
        return None
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - loaded already

    from ledger.faults import DatabaseFault, in_words  # noqa: PLC0415 - as above

    return (in_words(fault) or DatabaseFault()).sentence if isinstance(fault, DBAPIError) else None


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Commonpurse: share public money and staff time, in a ledger nobody can quietly rewrite."""
