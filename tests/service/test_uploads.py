"""Uploads: every format that admins have becomes the line's sound; what is no recording is refused."""

import io
import os
import resource
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ivr.voice import decode, intake
from ivr.voice.intake import TakenIn, UploadLimits, UploadRefusedError, take_in
from ivr.voice.mastering import RefusedError
from tests.service.sound_files import (
    Samples,
    encoded,
    float_wav,
    silent_film,
    ten_hours,
    tone,
    wav,
)

LIMITS = UploadLimits()
SILENCE = np.zeros(48_000)
PLAYLIST = b"#EXTM3U\n#EXTINF:5,\nfile:///%s\n"
CONCAT = b"ffconcat version 1.0\nfile good.wav\n"


@dataclass(frozen=True)
class Converted:
    """What the child makes of an upload."""

    wide: Samples
    narrow: Samples
    warnings: list[str]
    peaks: list[int]


def converted(upload: bytes) -> Converted:
    """As the child does it, without its limits."""
    wide, narrow = io.BytesIO(), io.BytesIO()
    report = decode.convert(io.BytesIO(upload), wide, narrow, LIMITS.seconds)
    return Converted(_samples(wide.getvalue()), _samples(narrow.getvalue()), **report)


def refusal(upload: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        converted(upload)
    return caught.value.code


def _samples(file: bytes) -> Samples:
    return np.frombuffer(file[44:], "<i2") / 32768


def heard_at(hertz: float, sound: Samples, rate: int) -> float:
    """The level of one frequency in dB below full scale, by correlation."""
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / rate)
    return float(20 * np.log10(abs(np.mean(sound * turns)) * 2 + 1e-9))


def active_level(sound: Samples) -> float:
    """Of those fiftieths of a second that are no pauses, in dB below full scale."""
    power = np.mean(sound[: len(sound) // 320 * 320].reshape(-1, 320) ** 2, axis=1)
    return float(10 * np.log10(np.mean(power[power > 1e-4])))


@pytest.fixture
def upload(tmp_path: Path) -> Callable[[bytes, UploadLimits], TakenIn]:
    """Take a file in through the child, into the folder `taken`; its name says something else."""

    def take(content: bytes, limits: UploadLimits = LIMITS) -> TakenIn:
        source = tmp_path / "upload.pdf"
        source.write_bytes(content)
        return take_in(source, tmp_path / "taken", limits)

    return take


def code_of(take: Callable[[], TakenIn]) -> str:
    with pytest.raises(UploadRefusedError) as caught:
        take()
    return caught.value.code


def kept(tmp_path: Path) -> list[str]:
    """Everything in the folder of recordings, hidden or not."""
    return sorted(each.name for each in (tmp_path / "taken").rglob("*"))


# Good files ---------------------------------------------------------------------------------------

TONE = tone(1000)
FORMATS = {
    "wav": wav(TONE),
    "wav of two channels at 44.1 kHz": wav(np.stack([tone(1000, rate=44_100)] * 2), 44_100),
    "wav of floats": float_wav(TONE),
    "wav of 24 bits": encoded("wav", "pcm_s24le", TONE),
    "wav of 8 bits": encoded("wav", "pcm_u8", TONE),
    "wav of a telephone": encoded("wav", "pcm_alaw", tone(1000, rate=8_000), 8_000),
    "mp3": encoded("mp3", "mp3", TONE),
    "ogg vorbis": encoded("ogg", "vorbis", np.stack([TONE] * 2)),
    "ogg opus": encoded("ogg", "libopus", TONE),
    "flac": encoded("flac", "flac", TONE),
    "m4a": encoded("ipod", "aac", TONE),
    "m4a of apple": encoded("ipod", "alac", TONE),
    "mp4 of a browser": encoded("mp4", "aac", TONE, movflags="empty_moov+frag_every_frame"),
    "webm": encoded("webm", "libopus", TONE),
    "5.1 at 96 kHz": encoded("flac", "flac", np.stack([tone(1000, rate=96_000)] * 6), 96_000),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_the_sound_of_the_line(name: str) -> None:
    made = converted(FORMATS[name])
    assert made.warnings == []
    for sound, rate in ((made.wide, 16_000), (made.narrow, 8_000)):
        assert len(sound) / rate == pytest.approx(1.15, abs=0.06)
        tone_only = sound[int(0.2 * rate) : int(0.9 * rate)]
        assert heard_at(1000, tone_only, rate) == pytest.approx(-17, abs=0.5)  # its RMS is -20
        assert heard_at(1500, tone_only, rate) < -45


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_what_a_telephone_cannot_carry_is_gone_and_not_folded_back(rate: int) -> None:
    """5 kHz would come back at 3 kHz, 13 kHz in the wide file as well."""
    made = converted(wav(sum(tone(hertz, 0.2, rate) for hertz in (1000, 5000, 13_000)), rate))
    wide, narrow = made.wide[3200:14_400], made.narrow[1600:7200]
    for hertz, sound, sampled in ((3000, wide, 16_000), (3000, narrow, 8_000)):
        assert heard_at(hertz, sound, sampled) < heard_at(1000, sound, sampled) - 70
    assert heard_at(5000, wide, 16_000) == pytest.approx(heard_at(1000, wide, 16_000), abs=0.2)


def test_loud_and_soft_speakers_are_heard_alike_and_no_peak_stands_out() -> None:
    """Speech is mostly soft, with few high peaks."""
    chance = np.random.default_rng(7)
    speech = chance.laplace(0, 0.05, 96_000) * np.abs(np.sin(np.arange(96_000) / 5000))
    for loudness in (0.5, 1, 2.5):
        made = converted(wav(np.clip(speech * loudness, -0.98, 0.98)))
        assert active_level(made.wide) == pytest.approx(-20, abs=1.5)
        assert np.max(np.abs(made.wide)) <= 10 ** (-3 / 20)
        assert np.max(np.abs(made.narrow)) <= 10 ** (-3 / 20)


def test_silence_around_the_words_is_cut_and_an_offset_goes_without_a_click() -> None:
    around = np.concatenate([SILENCE, SILENCE, TONE, SILENCE])
    made = converted(wav(np.clip(around * 0.5 + 0.4, -1, 1)))
    assert made.warnings == []
    assert len(made.wide) / 16_000 == pytest.approx(1.35, abs=0.02)
    assert abs(np.mean(made.wide)) < 1e-4
    assert np.max(np.abs(made.wide[:1200])) < 0.01
    assert heard_at(1000, made.wide[3200:16_000], 16_000) == pytest.approx(-17, abs=0.3)


def test_an_upload_is_kept_as_a_pair_beside_what_was_sent(
    upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    """Through the child; the same sound has the same name."""
    taken = upload(FORMATS["m4a"])
    again = upload(FORMATS["m4a"])
    assert again == taken
    names = [f"{taken.digest}.{each}" for each in ("original", "wav", "wav16")]
    assert kept(tmp_path) == names
    original, narrow, wide = (tmp_path / "taken" / name for name in names)
    assert original.read_bytes() == FORMATS["m4a"]
    assert stat.S_IMODE(original.stat().st_mode) == 0o600
    assert taken.seconds == pytest.approx(1.15, abs=0.06)
    expected = converted(FORMATS["m4a"])
    assert (_samples(narrow.read_bytes()) == expected.narrow).all()
    assert (_samples(wide.read_bytes()) == expected.wide).all()
    assert taken.peaks == tuple(expected.peaks)
    assert len(taken.peaks) == intake.PEAKS


# Warnings -----------------------------------------------------------------------------------------


def test_a_recording_that_is_clipped_throughout_is_marked_everywhere() -> None:
    made = converted(wav(tone(300, 5)))
    assert made.warnings == ["clipped"]
    assert made.peaks.count(100) > 190


def test_what_was_clipped_before_it_was_compressed_is_found_too() -> None:
    made = converted(encoded("mp3", "mp3", np.clip(tone(300, 5), -1, 1)))
    assert made.warnings == ["clipped"]
    assert made.peaks.count(100) > 50


def test_a_single_peak_at_full_scale_is_no_harm() -> None:
    sound = tone(1000)
    sound[24_000] = 1
    made = converted(wav(sound))
    assert made.warnings == []
    assert max(made.peaks) < 100


def test_a_quiet_recording_and_a_long_pause_are_told() -> None:
    assert converted(wav(tone(1000, 0.006))).warnings == ["quiet"]
    assert converted(wav(np.concatenate([TONE, *[SILENCE] * 3, TONE]))).warnings == ["long_pause"]


@pytest.mark.parametrize(
    "whole",
    [
        FORMATS["mp3"],
        encoded("mp3", "mp3", TONE, write_xing="0"),
        FORMATS["flac"],
        FORMATS["wav"],
        encoded("ogg", "libopus", tone(1000, seconds=3)),
        FORMATS["webm"],
    ],
    ids=["mp3", "mp3 without a length", "flac", "wav", "ogg", "webm"],
)
def test_a_file_that_is_cut_off_is_taken_with_a_warning(whole: bytes) -> None:
    assert converted(whole).warnings == []
    made = converted(whole[: len(whole) * 2 // 3])
    assert made.warnings == ["damaged_or_truncated"]
    assert heard_at(1000, made.wide[3200:8000], 16_000) == pytest.approx(-17, abs=1)


def test_a_wav_that_was_written_into_a_pipe_gives_no_length_and_is_whole() -> None:
    whole = FORMATS["wav"]
    endless = whole[:4] + b"\xff" * 4 + whole[8:40] + b"\xff" * 4 + whole[44:]
    assert converted(endless).warnings == []


# What is refused ----------------------------------------------------------------------------------


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("prompt.wav", FORMATS["wav"])
    return file.getvalue()


def random_after(head: bytes) -> bytes:
    return head + np.random.default_rng(3).bytes(20_000)


REFUSED = {
    "a zip": (zipped(), "not_sound"),
    "a playlist": (PLAYLIST, "not_sound"),
    "a concatenation": (CONCAT, "not_sound"),
    "a concatenation after a blank line": (b"\n" + CONCAT, "not_sound"),
    "a concatenation with a tag": (b"ID3\x04\0\0\0\0\0\0" + CONCAT, "broken"),
    "a concatenation that says RIFF": (b"RIFF\0\0\0\0WAVE" + CONCAT, "broken"),
    "a page": (b"<!doctype html><title>404</title>", "not_sound"),
    "one byte": (b"R", "not_sound"),
    "a telephone's old codec": (encoded("wav", "adpcm_ima_wav", TONE), "not_sound"),
    "a film without sound": (silent_film(), "no_sound_stream"),
    "random bytes": (random_after(b"\0\0\0\0"), "not_sound"),
    "no FLAC": (random_after(b"fLaC"), "broken"),
    "no OGG": (random_after(b"OggS"), "broken"),
    "no WebM": (random_after(b"\x1aE\xdf\xa3"), "broken"),
    "no M4A": (random_after(b"\0\0\0\x1cftypM4A "), "broken"),
    "no MP3": (random_after(b"\xff\xfb\x90\x64"), "broken"),
    "an M4A without its end": (FORMATS["m4a"][:-3000], "broken"),
    "only silence": (wav(SILENCE), "silent"),
    "only an offset": (wav(SILENCE + 0.5), "silent"),
    "only the noise of a sound card": (wav(SILENCE + tone(1000, 0.001)), "silent"),
    "a fifth of a second": (wav(TONE[:9600]), "too_short"),
    "a click": (wav(np.concatenate([SILENCE, TONE[:4800], SILENCE])), "too_short"),
    "a sample that is no number": (float_wav(np.append(TONE, np.nan)), "broken"),
    "an infinite sample": (float_wav(np.append(TONE, -np.inf)), "broken"),
    "samples beyond all measure": (float_wav(TONE * 1e30), "broken"),
    "a sample a second": (float_wav(TONE, rate=1), "broken"),
    "no samples a second": (float_wav(TONE, rate=0), "broken"),
    "65535 channels": (float_wav(TONE, channels=65_535), "broken"),
    "255 channels": (float_wav(TONE, channels=255), "broken"),
    "no channel": (float_wav(TONE, channels=0), "broken"),
    "four minutes": (wav(np.zeros(240 * 8000), 8000), "too_long"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_is_refused(name: str) -> None:
    content, code = REFUSED[name]
    assert refusal(content) == code


def test_ten_hours_of_silence_are_refused_and_nothing_stays(
    upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    content = ten_hours()
    assert len(content) < 100_000
    with pytest.raises(UploadRefusedError) as caught:
        upload(content)
    assert (caught.value.code, caught.value.values) == ("too_long", {"seconds": "180"})
    assert kept(tmp_path) == []


def test_an_empty_and_a_large_file_are_refused_before_anybody_reads_them(
    upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    assert code_of(lambda: upload(b"")) == "empty"
    with pytest.raises(UploadRefusedError) as caught:
        upload(bytes(1_000_001), replace(LIMITS, megabytes=1))
    assert (caught.value.code, caught.value.values) == ("too_large", {"megabytes": "1"})
    assert kept(tmp_path) == []


@pytest.mark.parametrize("name", ["prompt.wav", "prompt.m3u8"])
def test_a_list_of_files_plays_none_of_them_whatever_its_name(name: str, tmp_path: Path) -> None:
    """FFmpeg would play the good file beside it."""
    good = tmp_path / "good.wav"
    good.write_bytes(FORMATS["wav"])
    source = tmp_path / name
    source.write_bytes(CONCAT if name.endswith("wav") else PLAYLIST % str(good).encode())
    assert code_of(lambda: take_in(source, tmp_path / "taken")) == "not_sound"
    assert kept(tmp_path) == []


def test_the_child_can_open_no_file_and_no_connection_and_knows_no_secret() -> None:
    program = """if True:
        import os, socket
        from ivr.voice import decode
        decode._confine(180, 20, 2 << 30)
        for attempt in (lambda: open("/etc/hostname"), socket.socket, os.pipe):
            try:
                attempt()
            except OSError as error:
                print(error.errno)
        print(sorted(set(os.environ) - {"LC_CTYPE"}))
    """
    command = [sys.executable, "-P", "-s", "-c", program]
    done = subprocess.run(
        command, env=intake._environment(), cwd="/", capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["24"] * 3 + [
        "['OPENBLAS_NUM_THREADS', 'PATH', 'PYTHONPATH']"
    ]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (replace(LIMITS, wall_seconds=0.001), "took_too_long"),
        (replace(LIMITS, cpu_seconds=0), "took_too_long"),
        (replace(LIMITS, memory_bytes=1), "broken"),
    ],
    ids=["time", "processor", "memory"],
)
def test_a_child_that_is_stopped_leaves_no_half_file(
    limits: UploadLimits, code: str, upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    assert code_of(lambda: upload(FORMATS["m4a"], limits)) == code
    assert kept(tmp_path) == []


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What is written beyond fails, as it does on a full disk; in child processes too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [4_000, 30_000], ids=["for the copy", "for the sound"])
def test_a_full_disk_is_told_and_leaves_nothing(
    room: int, upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    """The copy of the upload has 10 kB, the sound 37 kB."""
    (tmp_path / "upload.pdf").write_bytes(FORMATS["m4a"])
    with files_of_at_most(room):
        taking = lambda: take_in(tmp_path / "upload.pdf", tmp_path / "taken")  # noqa: E731
        assert code_of(taking) == "no_space"
    assert kept(tmp_path) == []


def test_without_the_extra_an_upload_is_refused(
    upload: Callable[..., TakenIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "NEEDED", ("av", "no_such_library"))
    assert code_of(lambda: upload(FORMATS["wav"])) == "engine_missing"


def test_what_a_power_cut_left_is_cleared_away_and_work_of_others_is_not(
    upload: Callable[..., TakenIn], tmp_path: Path
) -> None:
    for name, age in (("old", 7200), ("new", 60)):
        place = tmp_path / "taken" / f".upload-{name}"
        place.mkdir(parents=True)
        (place / "wide").write_bytes(b"half")
        os.utime(place, (time.time() - age,) * 2)
    vanished = tmp_path / "taken" / ".upload-vanished"
    vanished.symlink_to("what another upload has just taken away")
    upload(FORMATS["wav"])
    vanished.unlink()
    assert [name for name in kept(tmp_path) if name.startswith(".")] == [".upload-new"]


@pytest.mark.parametrize(
    "report",
    ["", "nonsense", "[]", "5", "{}", '{"peaks": [1, 2]}', '{"peaks": ["x"]}', '{"refused": 5}'],
)
def test_a_child_that_says_nonsense_is_not_believed(report: str) -> None:
    with pytest.raises(UploadRefusedError) as caught:
        intake._checked(report, LIMITS)
    assert caught.value.code == "broken"
