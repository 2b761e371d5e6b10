"""Everything that would be logged, as the program itself logs it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ivr.logs import configure_logs


@contextmanager
def captured_logs() -> Iterator[io.StringIO]:
    """The lines of our own and of all libraries' loggers, debug lines included."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("debug", stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
