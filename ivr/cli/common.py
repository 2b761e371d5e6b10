"""What the commands share."""

from functools import cache

from ivr.bootstrap import Application, build
from ivr.errors import ConfigurationError
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
