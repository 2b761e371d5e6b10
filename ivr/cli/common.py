"""What the commands share."""

from datetime import datetime
from functools import cache

from ivr.bootstrap import Application, build
from ivr.contracts.windows import parse_moment
from ivr.errors import ConfigurationError, MalformedRequestError
from ivr.logs import configure_logs
from ivr.settings import load_settings
from ivr.storage import migrate


@cache
def application(log_level: str | None = None) -> Application:
    """The application for the settings of this process."""
    settings = load_settings()
    configure_logs(log_level or settings.log_level)
    return build(settings)


def migrated_application(log_level: str | None = None) -> Application:
    """The application, if its database is in the newest form; else says how to get there."""
    app = application(log_level)
    if not migrate.is_current(app.storage.engine):
        raise ConfigurationError(
            f"the database {app.storage.engine.url.render_as_string()} is not set up; run "
            "`pikett migrate`, or `pikett demo` for a demonstration"
        )
    return app


def moment_at(text: str | None, now: datetime) -> datetime:
    """What `--at` says as a UTC instant, `now` without it; a moment that cannot be is refused."""
    try:
        return parse_moment(text) if text is not None else now
    except ValueError as error:
        raise MalformedRequestError(f"--at {error}") from error
