"""The wired application within a Flask request."""

from flask import current_app

from ivr.bootstrap import Application

EXTENSION = "pikett"


def pikett() -> Application:
    """The application this Flask app was created with."""
    application = current_app.extensions[EXTENSION]
    assert isinstance(application, Application)  # noqa: S101
    return application
