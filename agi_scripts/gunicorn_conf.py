"""gunicorn's settings for the FastAGI server, read from ours."""

from typing import Any

from ivr.observers import forget_process
from ivr.settings import load_settings

_settings = load_settings()

bind = _settings.fastagi.bind
workers = _settings.fastagi.workers
worker_class = "agi_scripts.worker.FastAgiWorker"
backlog = 512
# A reload waits for a message of three minutes and what is said around it.
graceful_timeout = 240
timeout = 30
proc_name = "pikett-fastagi"
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """A worker's gauges end with it."""
    forget_process(worker.pid)
