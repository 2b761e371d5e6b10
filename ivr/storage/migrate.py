"""Bringing a database to the newest form, and asking whether it is."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ivr.storage.database import file_of, is_missing, reading
from ivr.storage.models import Base

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply all migrations that are missing; harmless when none is."""
    _make_file(engine)
    with engine.connect() as connection, connection.begin():
        command.upgrade(_config(connection), "head")


def new_revision(engine: Engine, message: str) -> None:
    """For developers: write a migration with what the models have and the database lacks."""
    with engine.connect() as connection, connection.begin():
        command.revision(_config(connection), message=message, autogenerate=True)


def is_current(engine: Engine) -> bool:
    """True if no migration is missing; waits for nobody who writes, and makes nothing."""
    if is_missing(engine):
        return False
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(heads())


def heads() -> list[str]:
    """The newest revisions of the scripts; there must be exactly one."""
    return ScriptDirectory(str(_SCRIPTS)).get_heads()


def differences(engine: Engine) -> list[object]:
    """What the models say and the database does not; empty after an upgrade."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = compare_metadata(context, Base.metadata)
        return found


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _make_file(engine: Engine) -> None:
    """Nothing else does; an empty one is a database without tables."""
    if (path := file_of(engine)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
