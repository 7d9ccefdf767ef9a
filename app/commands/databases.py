"""`commonpurse db`: the tables and who may write them."""

import click
from sqlalchemy import text

from app.commands.opening import configured_database
from ledger.tables import grants


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@click.option("--app-role", help="A PostgreSQL role to grant just what the site needs: no UPDATE or DELETE on the log.")
def upgrade(app_role: str | None) -> None:
    """Bring the tables to this release's form; safe to run again."""
    database = configured_database()
    database.upgrade()
    if app_role:
        if database.url.get_backend_name() != "postgresql":
            raise click.UsageError("Only PostgreSQL has roles; leave out --app-role.")
        if not app_role.replace("_", "").isalnum():
            raise click.UsageError("A role's name has letters, numbers and underscores only.")
        with database.writer.begin() as connection:
            for statement in grants(app_role):
                connection.execute(text(statement))
    click.echo("The database is ready.")
