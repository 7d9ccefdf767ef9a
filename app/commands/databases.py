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
@click.option(
    "--publisher-role", help="With --app-role: a PostgreSQL role that signs the log's head, which the site's then cannot."
)
def upgrade(app_role: str | None, publisher_role: str | None) -> None:
    """Bring the tables to this release's form; safe to run again."""
    database = configured_database()
    roles = [role for role in (app_role, publisher_role) if role]
    if roles and database.url.get_backend_name() != "postgresql":
        raise click.UsageError("Only PostgreSQL has roles; leave out --app-role and --publisher-role")
    if not all(role.isascii() and role.replace("_", "").isalnum() for role in roles):
        raise click.UsageError("A role's name has letters, numbers and underscores only")
    if publisher_role and (not app_role or app_role == publisher_role):
        raise click.UsageError("With --publisher-role, give another role with --app-role")
    database.upgrade()
    if app_role:
        with database.writer.begin() as connection:
            for statement in grants(app_role, publisher_role):
                connection.execute(text(statement))
    database.dispose()
    click.echo("The database is ready.")
