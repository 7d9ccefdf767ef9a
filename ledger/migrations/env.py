"""Alembic runs migrations on the connection that `Database.upgrade` hands over."""

from alembic import context
from sqlmodel import SQLModel

import ledger.tables  # noqa: F401 - registers every table

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
