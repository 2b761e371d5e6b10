"""Structured logs: one JSON line per transition, never a PIN, a token or a whole number.

The log holds keys and states only. Digits are left out altogether: nobody needs them to follow a
call, and what is not written cannot leak. A last processor masks anything that looks like a number
or a long run of digits, in case a library or an exception text brings one along.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NUMBER = re.compile(r"(?<![\w.:-])\+?\d[\d ]{6,}\d(?![\w.:-])")


def mask_numbers(text: str) -> str:
    """Every run of eight digits or more keeps its last two."""
    return _NUMBER.sub(lambda match: f"…{match[0][-2:]}", text)


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = mask_numbers(value)
    return event


def configure_logs(level: str = "info", stream: Any = None) -> None:
    """Send everything, the standard library's logs included, as JSON lines to standard error."""
    number = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(sort_keys=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    logging.getLogger("alembic").setLevel(logging.WARNING)
