"""The FastAGI application within the test's own process, so that a test can stand in for a service."""

import socket
import threading
from collections.abc import Callable

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application


class ThreadedFastAgi:
    """One thread per conversation, on a port of its own; serves what `app` gives."""

    def __init__(self, app: Callable[[], Application]) -> None:
        self._app = app
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        FastAgiApp(self._app()).serve(connection)
