"""The FastAGI application within the test's own process, so that a test can stand in for a service."""

import shutil
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application
from ivr.clock import SystemClock
from tests.fakes import MONDAY_TEN
from tests.lab.asterisk import Asterisk
from tests.lab.stage import SPEECH_SECONDS, STAGE_HUNT, Stage, build_quick_sounds
from tests.wiring import quick_application


class MondayClock:
    """Runs like the real one, from Monday at ten, when every plan has its hours."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._shift = MONDAY_TEN - self._real.now()

    def now(self) -> datetime:
        return self._real.now() + self._shift


def open_monday_stage(
    folder: Path, demo: Path, change: Callable[[Application], object], **given: Any
) -> Stage:
    """A PBX on a Monday at ten; `change` makes the demonstration's data those of the test."""
    data_dir = folder / "data"
    shutil.copytree(demo, data_dir)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)
    app = quick_application(
        data_dir, clock=MondayClock(), speech_seconds=SPEECH_SECONDS, hunt=STAGE_HUNT, **given
    )
    build_quick_sounds(app)
    change(app)
    server = ThreadedFastAgi(lambda: app)
    (folder / "asterisk").mkdir()
    asterisk = Asterisk(folder / "asterisk", data_dir, f"agi://127.0.0.1:{server.port}").start()
    return Stage(folder, data_dir, app, asterisk, server)  # type: ignore[arg-type]


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
