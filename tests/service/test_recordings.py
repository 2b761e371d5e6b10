"""Messages on their way into our own folder: measured, kept whole, never removed before they are ours."""

import struct
import wave
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.services.recordings import (
    MAX_ATTEMPTS,
    Recordings,
    RecordingUnavailableError,
    measure_seconds,
    mended,
)
from ivr.services.records import NewRecording, RecordingView
from ivr.services.rehearsal import NO_RECORDING
from ivr.storage.database import reading
from ivr.storage.models import Recording
from tests.fakes import FrozenClock, Notebook, write_silence
from tests.service.conftest import Telephone

CARRIER = "https://carrier.example/recordings/1"


class Carrier:
    """Keeps one message; may be away, may give something else, may refuse to delete."""

    def __init__(self, sound: bytes) -> None:
        self.sound: bytes | None = sound
        self.deleted = 0
        self.refuses_to_delete = False

    def owns(self, source: str) -> bool:
        return source == CARRIER

    def fetch(self, source: str, target: Path) -> None:
        if self.sound is None:
            raise RecordingUnavailableError("away")
        target.write_bytes(self.sound)

    def delete(self, source: str) -> None:
        if self.refuses_to_delete:
            raise RecordingUnavailableError("not now")
        self.deleted += 1


def wav(seconds: float, rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    sound = BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(b"\1" * (int(seconds * rate) * channels * width))
    return sound.getvalue()


@pytest.fixture
def inbox(app: Application) -> Path:
    folder = app.settings.path("inbox")
    folder.mkdir()
    return folder


@pytest.fixture
def ticket(app: Application) -> int:
    """A ticket that waits for its message."""
    Telephone(app).ring()
    with reading(app.storage.engine) as connection:
        return int(connection.exec_driver_sql("SELECT number FROM ticket").scalar_one())


def promise(app: Application, ticket: int, source: str) -> None:
    with app.storage.writing() as uow:
        uow.tickets.add_recording(NewRecording(ticket, source, 1.0, app.clock.now()))


def stored(app: Application, ticket: int) -> RecordingView:
    with app.storage.reading() as uow:
        (recording,) = uow.tickets.view(ticket).recordings
    return recording


def with_carrier(app: Application, notebook: Notebook, carrier: Carrier) -> Recordings:
    path = app.settings.path
    return Recordings(app.storage, notebook, path("inbox"), path("recordings"), carrier)


def attempts(app: Application) -> int:
    with reading(app.storage.engine) as connection:
        return connection.execute(select(Recording.attempts)).scalar_one()


# Measuring ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "channels", "width"), [(8000, 1, 2), (16000, 1, 2), (44100, 2, 2), (8000, 1, 1)]
)
def test_the_length_is_that_of_the_sound_whatever_its_form(
    tmp_path: Path, rate: int, channels: int, width: int
) -> None:
    path = tmp_path / "message.wav16"
    path.write_bytes(wav(2.5, rate, channels, width))
    assert measure_seconds(path) == pytest.approx(2.5, abs=0.001)


def test_an_empty_message_has_no_length() -> None:
    assert measure_seconds(wav(0)) == 0


def test_a_rate_of_zero_is_no_sound() -> None:
    sound = bytearray(wav(1))
    sound[24:28] = struct.pack("<I", 0)
    with pytest.raises(RecordingUnavailableError, match="not a WAV file"):
        measure_seconds(bytes(sound))


def test_a_compressed_file_is_refused_rather_than_measured_wrongly() -> None:
    sound = bytearray(wav(1))
    sound[20:22] = struct.pack("<H", 7)
    with pytest.raises(RecordingUnavailableError, match="not a WAV file"):
        measure_seconds(bytes(sound))


DAMAGES = st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=4)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(DAMAGES, st.integers(0, 100))
def test_a_damaged_file_is_measured_or_refused_but_nothing_else(
    damages: list[tuple[int, bytes]], length: int
) -> None:
    sound = wav(0.003)
    for at, damage in damages:
        sound = sound[:at] + damage + sound[at + len(damage) :]
    whole = mended(sound[:length])
    assert len(whole) == len(sound[:length])
    try:
        assert measure_seconds(whole) >= 0
    except RecordingUnavailableError:
        pass


def test_an_intact_file_is_not_touched_by_mending() -> None:
    sound = wav(0.5)
    trailer = b"LIST" + struct.pack("<I", 4) + b"INFO"
    for intact in (sound, sound + trailer, b"no sound", b""):
        assert mended(intact) == intact


def test_a_chunk_before_the_samples_does_not_mislead_the_mending() -> None:
    sound = wav(0.5)
    odd = b"note" + struct.pack("<I", 5) + b"data!" + b"\0"
    longer = sound[:12] + odd + sound[12:40] + b"\0\0\0\0" + sound[44:]
    assert measure_seconds(longer) == 0
    assert measure_seconds(mended(longer)) == pytest.approx(0.5)


# From the inbox -----------------------------------------------------------------------------------


def test_a_message_moves_from_the_inbox_into_our_folder(
    app: Application, ticket: int, inbox: Path
) -> None:
    write_silence(inbox / "a1.wav", 3.0)
    promise(app, ticket, "file:a1.wav")
    assert app.recordings.collect(app.clock.now()) == 1
    found = stored(app, ticket)
    assert (found.state, found.seconds) == ("stored", pytest.approx(3.0))
    assert not (inbox / "a1.wav").exists()
    assert [path.name for path in app.settings.path("recordings").iterdir()] == [found.file]
    assert app.recordings.collect(app.clock.now()) == 0


def test_a_message_that_is_not_there_yet_comes_later(
    app: Application, clock: FrozenClock, ticket: int, inbox: Path, notebook: Notebook
) -> None:
    promise(app, ticket, "file:a1.wav")
    assert app.recordings.collect(clock.now()) == 0
    write_silence(inbox / "a1.wav", 3.0)
    clock.advance(1.9)
    assert app.recordings.collect(clock.now()) == 0
    clock.advance(0.1)
    assert app.recordings.collect(clock.now()) == 1
    assert notebook.troubles == []


def test_the_pauses_grow_for_hours_and_then_an_operator_is_told(
    app: Application, clock: FrozenClock, ticket: int, notebook: Notebook
) -> None:
    promise(app, ticket, "file:a1.wav")
    start = clock.now()
    while not notebook.troubles:
        app.recordings.collect(clock.now())
        clock.advance(1800)
    assert attempts(app) == MAX_ATTEMPTS
    assert clock.now() - start > timedelta(hours=8)
    ((what, facts),) = notebook.troubles
    assert (what, facts["ticket"]) == ("recording_lost", ticket)
    assert stored(app, ticket).state == "failed"
    clock.advance(24 * 3600)
    assert app.recordings.collect(clock.now()) == 0
    assert len(notebook.troubles) == 1


def test_a_crash_after_the_copy_costs_a_second_look_never_the_message(
    app: Application, ticket: int, inbox: Path
) -> None:
    """The copy is there, the original is gone, the database does not know yet."""
    promise(app, ticket, "file:a1.wav")
    folder = app.settings.path("recordings")
    folder.mkdir()
    write_silence(folder / "00000001.wav", 3.0)
    assert app.recordings.collect(app.clock.now()) == 1
    assert stored(app, ticket).seconds == pytest.approx(3.0)


def test_half_a_copy_of_a_crash_is_made_anew(app: Application, ticket: int, inbox: Path) -> None:
    write_silence(inbox / "a1.wav", 3.0)
    promise(app, ticket, "file:a1.wav")
    folder = app.settings.path("recordings")
    folder.mkdir()
    (folder / "00000001.part").write_bytes(b"RIFF")
    assert app.recordings.collect(app.clock.now()) == 1
    assert [path.name for path in folder.iterdir()] == ["00000001.wav"]


@pytest.mark.parametrize(
    "name", ["../secrets/link.wav", "/etc/passwd", "A.wav", ".wav", "a.txt", ""]
)
def test_only_names_of_ours_are_read_from_the_inbox(
    app: Application, ticket: int, inbox: Path, name: str
) -> None:
    secret = app.settings.path("secrets", "link.wav")
    write_silence(secret, 1.0)
    promise(app, ticket, f"file:{name}")
    assert app.recordings.collect(app.clock.now()) == 0
    assert stored(app, ticket).state == "pending"
    assert secret.exists()


def test_one_that_cannot_be_had_does_not_stop_the_others(
    app: Application, ticket: int, inbox: Path
) -> None:
    (inbox / "a1.wav").write_bytes(b"no sound at all")
    (inbox / "a2.wav").mkdir()
    write_silence(inbox / "a3.wav", 3.0)
    for name in ("a1", "a2", "a3"):
        promise(app, ticket, f"file:{name}.wav")
    assert app.recordings.collect(app.clock.now()) == 1
    assert (inbox / "a1.wav").exists(), "what was not understood is not thrown away"


def test_a_message_of_somebody_unknown_is_never_fetched(app: Application, ticket: int) -> None:
    promise(app, ticket, "https://evil.example/recording")
    assert app.recordings.collect(app.clock.now()) == 0


# From a carrier -----------------------------------------------------------------------------------


def test_a_carriers_message_is_deleted_there_once_it_is_ours(
    app: Application, ticket: int, notebook: Notebook
) -> None:
    carrier = Carrier(wav(2))
    promise(app, ticket, CARRIER)
    assert with_carrier(app, notebook, carrier).collect(app.clock.now()) == 1
    assert carrier.deleted == 1
    assert stored(app, ticket).seconds == pytest.approx(2)


def test_what_the_carrier_gave_instead_of_a_sound_is_asked_for_again(
    app: Application, clock: FrozenClock, ticket: int, notebook: Notebook
) -> None:
    carrier = Carrier(b"<html>Not now</html>")
    recordings = with_carrier(app, notebook, carrier)
    promise(app, ticket, CARRIER)
    assert recordings.collect(clock.now()) == 0
    assert carrier.deleted == 0, "it is the only copy"
    carrier.sound = wav(2)
    clock.advance(60)
    assert recordings.collect(clock.now()) == 1
    assert stored(app, ticket).seconds == pytest.approx(2)


def test_a_message_that_cannot_be_deleted_there_is_tried_again_without_a_second_fetch(
    app: Application, clock: FrozenClock, ticket: int, notebook: Notebook
) -> None:
    carrier = Carrier(wav(2))
    carrier.refuses_to_delete = True
    recordings = with_carrier(app, notebook, carrier)
    promise(app, ticket, CARRIER)
    assert recordings.collect(clock.now()) == 0
    carrier.refuses_to_delete, carrier.sound = False, None
    clock.advance(60)
    assert recordings.collect(clock.now()) == 1
    assert carrier.deleted == 1


# Rehearsals ---------------------------------------------------------------------------------------


def test_a_message_nobody_spoke_is_not_looked_for_and_alarms_nobody(
    app: Application, clock: FrozenClock, ticket: int, notebook: Notebook
) -> None:
    """`pikett call` has no microphone."""
    promise(app, ticket, NO_RECORDING)
    for _ in range(MAX_ATTEMPTS + 1):
        app.recordings.collect(clock.now())
        clock.advance(3600)
    assert stored(app, ticket).state == "failed"
    assert attempts(app) == 1
    assert notebook.troubles == []


def test_a_message_of_another_time_is_brought_in_alone(
    app: Application, clock: FrozenClock, ticket: int, inbox: Path
) -> None:
    """A rehearsal in the year after next must not put real messages off until then."""
    promise(app, ticket, "file:late.wav")
    write_silence(inbox / "a1.wav", 3.0)
    promise(app, ticket, "file:a1.wav")
    assert app.recordings.collect_from("file:a1.wav", clock.now() + timedelta(days=700))
    write_silence(inbox / "late.wav", 3.0)
    assert app.recordings.collect(clock.now()) == 1
    assert not app.recordings.collect_from("file:unheard-of.wav", clock.now())
