"""gunicorn's settings for the web application, read from ours."""

from typing import Any

from ivr.observers import forget_process
from ivr.settings import load_settings

_settings = load_settings()

bind = _settings.web.bind
workers = _settings.web.workers
worker_class = "gthread"
threads = _settings.web.threads
graceful_timeout = 20
timeout = 60
keepalive = 5
proc_name = "pikett-web"
control_socket_disable = True
logger_class = "webhooks.access_log.RedactingLogger"


def child_exit(_server: Any, worker: Any) -> None:
    """A worker's gauges end with it."""
    forget_process(worker.pid)
