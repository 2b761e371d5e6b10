"""Files that nobody promised, and trouble on our side: no message is lost and none stops the others."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.services.recordings import measure_seconds
from ivr.storage.database import writing
from ivr.storage.models import Call, Ticket
from tests.fakes import FrozenClock, Notebook
from tests.service.conftest import Telephone
from tests.service.spooled import (
    SECONDS,
    collect,
    count,
    left,
    name,
    settled,
    settled_text,
    spool,
    the_call,
    the_ticket,
)

FIXTURES = (spool,)


@pytest.mark.parametrize(
    "file",
    [
        "x.wav",
        "_+41440001009_1795341600.wav",
        "1795341600.7_+41440001009_.wav",
        "1795341600.7_+41440001009_17953416001795341600.wav",
        "1795341600.7_+4144000';DROP TABLE call;--_1795341600.wav",
        "1795341600.7_+41440001009_1795341600.wav.wav",
        "1795341600.7 _+41440001009_1795341600.wav",
        "1795341600.7\n_+41440001009_1795341600.wav",
        "ünïque_+41440001009_1795341600.wav",
        "..._$(reboot)_1795341600.wav",
        "1795341600.7_+41440001009_١٧٩٥٣٤١٦٠٠.wav",
        f"{'9' * 65}_+41440001009_1795341600.wav",
    ],
)
def test_a_name_of_another_form_is_set_aside_for_a_person(
    app: Application, clock: FrozenClock, spool: Path, notebook: Notebook, file: str
) -> None:
    path = left(spool, clock, file)
    sound = path.read_bytes()
    assert collect(app) == 0
    assert [each.read_bytes() for each in spool.iterdir()] == [sound]
    assert notebook.troubles == [("spool_unreadable", {"reason": "name"})]
    assert collect(app) == 0
    assert len(notebook.troubles) == 1
    assert count(app, Ticket) == 0


@pytest.mark.parametrize("suffix", [".wav", ".ended"])
def test_a_name_that_is_no_text_stops_nothing(
    app: Application, clock: FrozenClock, spool: Path, suffix: str
) -> None:
    raw = os.fsencode(spool) + b"/\xff\xfe" + suffix.encode()
    Path(os.fsdecode(raw)).touch()
    settled(Path(os.fsdecode(raw)), clock)
    left(spool, clock)
    collect(app)
    assert count(app, Ticket) == 1


@pytest.mark.parametrize("suffix", ["_+41440001009_1795341600.wav", ".ended"])
def test_a_folder_with_such_a_name_stops_nothing(
    app: Application, clock: FrozenClock, spool: Path, suffix: str
) -> None:
    folder = spool / f"0{suffix}"
    folder.mkdir()
    settled(folder, clock)
    left(spool, clock)
    collect(app)
    assert count(app, Ticket) == 1


def test_a_link_is_not_followed(
    app: Application, clock: FrozenClock, spool: Path, tmp_path: Path
) -> None:
    """Whoever may write into the spool must not be able to read our files through a ticket."""
    outside = left(tmp_path, clock, "private.wav")
    (spool / name()).symlink_to(outside)
    assert collect(app) == 0
    assert count(app, Ticket) == 0
    assert outside.exists()


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("", None),
        ("+41440001009", "+41440001009"),
        ("0440001009", "+41440001009"),
        ("266696687", None),
        ("112", None),
        ("4" * 150, None),
        ("+++41", None),
    ],
)
def test_whatever_the_caller_showed_his_message_counts(
    app: Application, clock: FrozenClock, spool: Path, caller: str, number: str | None
) -> None:
    left(spool, clock, name(caller=caller))
    assert collect(app) == 1
    assert the_ticket(app).caller_number == number


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all", b"RIFF\x24\0\0\0WAVEfmt "])
def test_what_is_no_sound_is_set_aside_for_a_person(
    app: Application, clock: FrozenClock, spool: Path, notebook: Notebook, content: bytes
) -> None:
    path = spool / name()
    path.write_bytes(content)
    settled(path, clock)
    assert collect(app) == 0
    assert path.with_suffix(".unreadable").read_bytes() == content
    assert notebook.troubles == [("spool_unreadable", {"reason": "sound"})]
    assert count(app, Ticket) == 0


def test_a_file_no_recorder_of_ours_writes_is_set_aside(
    app: Application, clock: FrozenClock, spool: Path, notebook: Notebook
) -> None:
    path = spool / name()
    with path.open("wb") as file:
        file.truncate(2**31)
    settled(path, clock)
    assert collect(app) == 0
    assert notebook.troubles == [("spool_unreadable", {"reason": "size"})]


@pytest.mark.parametrize("told", [0, 2**31, 2**32 - 1])
def test_a_recorder_that_was_killed_leaves_a_message_that_can_be_heard(
    app: Application, clock: FrozenClock, spool: Path, told: int
) -> None:
    """It writes the length into the header at the end; Asterisk refuses one that is too long."""
    path = left(spool, clock)
    sound = bytearray(path.read_bytes())
    sound[40:44] = told.to_bytes(4, "little")
    path.write_bytes(sound)
    settled(path, clock)
    collect(app)
    app.recordings.collect(clock.now())
    (recording,) = the_ticket(app).recordings
    assert recording.file is not None
    assert recording.seconds == pytest.approx(SECONDS)
    assert measure_seconds(app.settings.path("recordings", recording.file)) == recording.seconds


def test_a_clock_that_is_ahead_delays_neither_mail_nor_sound(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    left(spool, clock, name(at=clock.now() + timedelta(days=400)))
    collect(app)
    assert the_ticket(app).opened_at == clock.now()
    with app.storage.reading() as uow:
        assert len(uow.outbox.list_waiting(clock.now(), 10)) == 2
        assert len(uow.tickets.list_pending_recordings(clock.now(), 10)) == 1


# Trouble on our side ------------------------------------------------------------------------------


def test_while_the_database_refuses_the_message_waits_and_then_is_taken(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = left(spool, clock)
    sound = path.read_bytes()
    _execute(app, "ALTER TABLE ticket RENAME TO gone")
    with pytest.raises(OperationalError):
        collect(app)
    assert path.read_bytes() == sound
    assert count(app, Call) == 0, "nothing is half stored"
    _execute(app, "ALTER TABLE gone RENAME TO ticket")
    assert collect(app) == 1
    app.recordings.collect(clock.now())
    (recording,) = the_ticket(app).recordings
    assert recording.file is not None
    assert app.settings.path("recordings", recording.file).read_bytes() == sound


def test_a_hang_up_that_cannot_be_stored_is_kept(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    telephone = Telephone(app, "1795341600.7")
    telephone.wait_for(State.CONFIRMING)
    path = settled_text(spool / "1795341600.7.ended", clock)
    _execute(app, "ALTER TABLE turn RENAME TO gone")
    with pytest.raises(OperationalError):
        collect(app)
    assert path.exists()
    _execute(app, "ALTER TABLE gone RENAME TO turn")
    collect(app)
    assert the_call(app).ended_at is not None


def test_while_our_own_folder_is_full_the_message_waits(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = left(spool, clock)
    inbox = app.settings.path("inbox")
    inbox.write_text("in the way, as a full disk would be")
    with pytest.raises(OSError, match="inbox"):
        collect(app)
    assert path.exists()
    assert count(app, Ticket) == 0
    inbox.unlink()
    assert collect(app) == 1


def _execute(app: Application, statement: str) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(text(statement))
