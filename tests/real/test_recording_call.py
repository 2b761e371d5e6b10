"""Recording by phone on a real Asterisk: an admin dials the extension, speaks, listens and keeps."""

import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.callflow.prompts import Language, PromptKey
from tests.lab.capture import Capture
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, Pause, Press, Sing
from tests.lab.stage import Stage

pytestmark = pytest.mark.asterisk

EXTENSION, TELEPHONE = "*732", "21"
VOICE = 620
SECONDS = 3
KEY, DE = PromptKey.GOODBYE, Language.DE


def pitch(path: Path) -> float:
    """The loudest frequency of a file."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    return float(spectrum.argmax() * 8000 / len(samples))


def test_what_an_admin_speaks_into_an_internal_telephone_is_a_draft(stage: Stage) -> None:
    stage.forget()
    app = stage.app
    inbox = stage.data_dir / "inbox"
    left_by_others = set(inbox.glob("*.wav"))
    code = app.recording_pins.assign("admin", None, app.clock.now())
    number = app.prompt_numbers.fixed()[KEY, DE]
    # Long enough for a busy machine to convert the take; a key that comes too early is another answer.
    steps = (
        *(Pause(2000), Press(f"{code.number}#"), Pause(2000), Press(code.pin)),
        *(Pause(2500), Press(f"{number}#"), Pause(2500), Press("2")),
        *(Pause(2500), Sing(VOICE, SECONDS), Pause(SECONDS * 1000 + 300), Press("#")),
        *(Pause(9000), Press("1"), Pause(SECONDS * 1000 + 1500), Press("3")),
        *(Pause(6000), Press("*#"), AwaitHangUp()),
    )
    phone = stage.caller(TELEPHONE, steps, dials=EXTENSION)
    with Capture([phone.media_port]) as capture:
        phone.start().wait()
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "all channels to be gone")

    entry = app.prompts.entry(KEY, DE)
    (draft,) = entry.versions
    assert (draft.made_by, draft.note, draft.words) == ("Admin", "by phone", entry.entry.text)
    assert not entry.publications
    assert abs(draft.seconds - SECONDS) < 1
    assert abs(pitch(stage.data_dir / "prompts" / f"{draft.sound}.wav") - VOICE) < 5
    assert capture.to(phone.media_port).has_tone(VOICE, SECONDS - 1)
    assert set(inbox.glob("*.wav")) <= left_by_others
    assert not list((stage.data_dir / "sounds" / "takes").glob("*"))
