"""Alembic's entry: runs on the connection that `Database.upgrade` hands over."""

from alembic import context

from bot.records import Record
from bot.records.engine import make_engine


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    with make_engine(context.config.attributes["url"]).begin() as own_connection:
        _migrate(own_connection)


def _migrate(connection: object) -> None:
    context.configure(connection=connection, target_metadata=Record.metadata, user_module_prefix="")  # type: ignore[arg-type]
    context.run_migrations()


run()
