"""gunicorn's worker for FastAGI: accepts connections and gives each a thread.

gunicorn brings prefork, restarts and graceful reload. A full worker refuses at once, because a
connection that is accepted and not served is dead air for the caller; Asterisk then asks once more,
perhaps another worker, and else plays the static fallback. A worker that is told to end stops
accepting and serves its conversations to their end, a three-minute message included.
"""

import os
import selectors
import socket
import threading
import time
from typing import Any

import structlog
from gunicorn.workers.base import Worker
from prometheus_client import Gauge

from agi_scripts.app import FastAgiApp

TICK_SECONDS = 0.5
SECOND_LOOK_SECONDS = 0.02

ACTIVE = Gauge("pikett_agi_active", "Conversations in progress.", multiprocess_mode="livesum")
_log = structlog.get_logger()


class FastAgiWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One process with a bounded number of conversations."""

    def init_process(self) -> None:
        """Set up what threads share, then enter gunicorn's own start."""
        self._lock = threading.Lock()
        self._active = 0
        super().init_process()

    def run(self) -> None:
        """Accept until told to end, then wait for what is in progress."""
        with selectors.DefaultSelector() as selector:
            for listener in self.sockets:
                listener.setblocking(False)
                selector.register(listener, selectors.EVENT_READ)
            while self.alive and self._parent_lives():
                self.notify()
                for key, _ in selector.select(TICK_SECONDS):
                    self._accept(key.fileobj)
        for listener in self.sockets:
            listener.close()
        self._drain()

    def _parent_lives(self) -> bool:
        return bool(self.ppid == os.getppid())

    def _drain(self) -> None:
        """gunicorn's graceful timeout bounds this."""
        while self._active and self._parent_lives():
            self.notify()
            time.sleep(0.1)

    def _accept(self, listener: Any) -> None:
        if self._is_full():
            # Another worker may be free: give it a moment before refusing.
            time.sleep(SECOND_LOOK_SECONDS)
        try:
            connection, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        if self._is_full() or not self._allowed(address):
            _log.warning("agi_refused", full=self._is_full())
            connection.close()
            return
        self._start(connection)

    def _allowed(self, address: tuple[str, int]) -> bool:
        return address[0] in self._app.application.settings.fastagi.allowed_peers

    def _is_full(self) -> bool:
        return self._active >= self._app.application.settings.fastagi.calls_per_worker

    @property
    def _app(self) -> FastAgiApp:
        app = self.wsgi
        assert isinstance(app, FastAgiApp)  # noqa: S101
        return app

    def _start(self, connection: socket.socket) -> None:
        with self._lock:
            self._active += 1
        ACTIVE.inc()
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._app.serve(connection)
        finally:
            with self._lock:
                self._active -= 1
            ACTIVE.dec()
