"""A stage for calls on real Asterisk: PBX, our servers, telephones, and a way to play a story."""

import itertools
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.storage.models import Call, RingAttempt
from ivr.voice.sounds import write_tone
from tests.lab.asterisk import Asterisk
from tests.lab.processes import free_port, wait_until
from tests.lab.servers import FastAgiServer
from tests.lab.sipp import Caller, Line, Step
from tests.wiring import quick_application

CALLER_TONE, CALLED_TONE = 1000, 1700
"""Far from the 425 Hz of the ringing tone."""
SPEECH_SECONDS = 0.3
STAGE_HUNT = {"ring_seconds": 4, "second_ring_at_night": False, "lost_bridge_seconds": 2}
STAGE_SETTINGS = {
    "PIKETT_HUNT__RING_SECONDS": "4",
    "PIKETT_HUNT__SECOND_RING_AT_NIGHT": "false",
    "PIKETT_HUNT__LOST_BRIDGE_SECONDS": "2",
    "PIKETT_REPEAT__HOURS": "0",
    "PIKETT_REPEAT__CODE_MINUTES": "0",
}
"""Short prompts and short ringing, so that a call takes seconds; the rules stay as they are, but
that one stage sees many stories of the same few callers, who are new in each."""

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.count(30000 + 1000 * (_WORKER % 6), 4)


@dataclass
class Stage:
    """One PBX with our servers. `app` reads the same database from outside."""

    folder: Path
    data_dir: Path
    app: Application
    asterisk: Asterisk
    fastagi: FastAgiServer
    calls: int = field(default=0, init=False)
    _known: int = field(default=0, init=False)

    def scene(self) -> Path:
        """A folder for the telephones of one call."""
        self.calls += 1
        scene = self.folder / f"call{self.calls}"
        scene.mkdir()
        return scene

    def caller(self, number: str, steps: tuple[Step, ...], **more: Any) -> Caller:
        given = {"server_port": self.asterisk.sip_port} | more
        return Caller(
            self.scene(),
            number=number,
            steps=steps,
            port=free_port(socket.SOCK_DGRAM),
            media_port=next(_ports),
            **given,
        )

    def line(self, line: str, scene: Path, **more: Any) -> Line:
        """The telephone of a demo technician or of the desk, by the end of its number."""
        given = {"port": self.asterisk.line_ports[line]} | more
        return Line(scene, f"line{line}", media_port=next(_ports), **given)

    def wait_closed(self, call_id: str, seconds: float = 20) -> None:
        """The record of the call is complete and no channel is left."""

        def closed() -> bool:
            with self.app.storage.reading() as uow:
                return uow.calls.get(call_id).ended_at is not None

        wait_until(closed, seconds, "the call record to be closed")
        wait_until(lambda: self.asterisk.channels() == 0, seconds, "all channels to be gone")

    def state_of(self, leg_id: str) -> str:
        with self.app.storage.reading() as uow:
            turn = uow.calls.latest_turn(leg_id)
        return str(turn.session.state) if turn is not None else ""

    def real_calls(self) -> list[str]:
        """Ids of all calls that came through Asterisk, oldest first."""
        query = select(Call.id).where(Call.channel == "asterisk").order_by(Call.received_at)
        with self.app.storage.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def wait_new_call(self, seconds: float = 10) -> str:
        """The call that came in since `forget`; returns its id."""
        wait_until(lambda: len(self.real_calls()) > self._known, seconds, "a call in the database")
        return self.real_calls()[self._known]

    def wait_state(self, state: str, seconds: float = 30) -> str:
        """Wait until the call that came in since `forget` is in this state; returns its id."""
        call_id = self.wait_new_call(seconds)
        wait_until(lambda: self.state_of(call_id) == state, seconds, f"state {state}")
        return call_id

    def forget(self) -> None:
        """Calls until now are not meant by what follows, and nobody is engaged by them."""
        try:
            wait_until(self._is_silent, 100, "all channels to be gone")
        except AssertionError as failure:
            raise AssertionError(f"{failure}: {self.asterisk.situation()}") from None
        wait_until(self._nobody_engaged, 100, "all technicians to be free")
        self._known = len(self.real_calls())

    def _is_silent(self) -> bool:
        """What rings again after a hang-up is hung up again."""
        if self.asterisk.channels() == 0:
            return True
        self.asterisk.console("channel request hangup all")
        return False

    def _nobody_engaged(self) -> bool:
        query = select(RingAttempt.id).where(
            RingAttempt.ended_at.is_(None), RingAttempt.engaged_until > self.app.clock.now()
        )
        with self.app.storage.engine.connect() as connection:
            return connection.execute(query).first() is None

    def stop(self) -> None:
        self.fastagi.stop()
        self.asterisk.stop()
        self.app.storage.engine.dispose()


def open_stage(
    folder: Path, demo: Path, settings: Mapping[str, str] | None = None, **given: Any
) -> Stage:
    """Everything started; `demo` is a migrated data folder with the demo data."""
    data_dir = folder / "data"
    shutil.copytree(demo, data_dir)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)
    given["repeat"] = {"hours": 0, "code_minutes": 0} | given.get("repeat", {})
    given["hunt"] = STAGE_HUNT | given.get("hunt", {})
    app = quick_application(data_dir, speech_seconds=SPEECH_SECONDS, **given)
    build_quick_sounds(app)
    environment = STAGE_SETTINGS | dict(settings or {})
    fastagi = FastAgiServer(data_dir, folder, environment).start()
    (folder / "asterisk").mkdir()
    asterisk = Asterisk(folder / "asterisk", data_dir, f"agi://127.0.0.1:{fastagi.port}").start()
    return Stage(folder, data_dir, app, asterisk, fastagi)


def build_quick_sounds(app: Application) -> None:
    """All sounds of the line at once, a fraction of a second each."""
    from ivr.cli.line_pieces import all_pieces
    from ivr.cli.prompts import link_fallback

    for _ in app.sounds.build(all_pieces(app)):
        pass
    link_fallback(app)
    write_tone(app.settings.path("sounds", "tone.wav"))
