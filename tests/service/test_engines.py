"""Speech engines: a program of somebody else, the order, and what happens when one fails."""

import os
import stat
import struct
import subprocess
import sys
import textwrap
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ivr import resources
from ivr.callflow.prompts import Language, Name, PromptKey, prompt
from ivr.errors import EngineDownError, SoundsUnwritableError, SpeechError
from ivr.voice import speech
from ivr.voice.catalogue import Catalogue, Piece
from ivr.voice.command import CommandSpeaker, espeak, from_template
from ivr.voice.engines import Engines, UnspokenError, open_engines
from ivr.voice.foreign import read_wav
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker, Speaker, Utterance
from ivr.voice_settings import VoiceSettings
from tests.fakes import QuickSpeaker
from tests.lab.processes import wait_until

DE, FR = Language.DE, Language.FR
GREETING = prompt(PromptKey.GREETING, DE)
TEXT = "Willkommen beim Pikett-Dienst."

SPEAKS = """
import math, struct, sys
text = sys.stdin.read()
rate, seconds = {rate}, {seconds}
frames = [int(9000 * math.sin(n * 0.2)) for n in range(int(rate * seconds))]
body = struct.pack(f"<{{len(frames)}}h", *frames)
told = {told}
head = b"RIFF" + struct.pack("<I", told) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
sys.stdout.buffer.write(head + b"data" + struct.pack("<I", told) + body)
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(resources.folder("prompts"))


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., str]:
    """Writes a program and tells its path."""

    def write(body: str, name: str = "speaker") -> str:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\n{textwrap.dedent(body)}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def speaking(rate: int = 22050, seconds: float = 2.0, told: int = 0x7FFFF000) -> str:
    return SPEAKS.format(rate=rate, seconds=seconds, told=told)


def spoken(speaker: Speaker, folder: Path, text: str = TEXT) -> Path:
    (path,) = speaker.speak([Utterance(text, DE, str(folder / "one"), 40)])
    return path


# A program of somebody else -----------------------------------------------------------------------


def test_what_a_program_says_into_a_pipe_becomes_a_sound_of_the_line(
    tmp_path: Path, program: Callable[..., str]
) -> None:
    """Its header tells two gigabytes, as espeak-ng's does, because it cannot know better."""
    path = spoken(CommandSpeaker("command", [program(speaking())], 10), tmp_path)
    for file, rate in ((path, 8000), (path.with_suffix(".wav16"), 16000)):
        with wave.open(str(file)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (
                rate,
                1,
                2,
            )
            assert sound.getnframes() / rate == pytest.approx(2.14, abs=0.05)
    assert sorted(each.name for each in tmp_path.glob("*one*")) == ["one.wav", "one.wav16"]


def test_the_template_is_taken_apart_before_values_are_filled_in(
    tmp_path: Path, program: Callable[..., str]
) -> None:
    """No shell sees a value, the text comes on standard input, the file is one of ours."""
    path = program(
        speaking().replace("text = sys.stdin.read()", "")
        + f"""
import pathlib
pathlib.Path({str(tmp_path / "seen")!r}).write_text(repr((sys.argv[1:-1], sys.stdin.read())))
"""
    )
    template = f"{path} --model {{model}} '-l {{language}}' {{file}}"
    values = {"model": "a b; touch $HOME/x"}
    speaker = from_template(template, values, DE, 10)
    spoken(speaker, tmp_path, "<break/>-v Guten Tag")
    assert (tmp_path / "seen").read_text() == repr(
        (["--model", "a b; touch $HOME/x", "-l de"], " break/ -v Guten Tag")
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import sys; sys.exit(3)", "ended with 3"),
        ("import sys; print('no model for', sys.stdin.read(), file=sys.stderr); sys.exit(1)", "no model for ..."),
        ("import time; time.sleep(60)", "not ready within 1 s"),
        ("print('hello')", "no WAV file"),
        ("", "no WAV file"),
        (speaking(seconds=0.1), "is no speech of"),
        (speaking(rate=8000, seconds=40.0), "is no speech of"),
    ],
)  # fmt: skip
def test_what_is_no_speech_is_refused(
    tmp_path: Path, program: Callable[..., str], body: str, why: str
) -> None:
    with pytest.raises(SpeechError, match=why) as refused:
        spoken(CommandSpeaker("command", [program(body)], 1), tmp_path)
    assert TEXT not in str(refused.value)
    assert list(tmp_path.glob("*one*")) == []


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineDownError, match=r"/no/such: No such file"):
        spoken(CommandSpeaker("command", ["/no/such"], 1), tmp_path)


def _wav(form: bytes, body: bytes, told: int) -> bytes:
    return b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", told) + body  # fmt: skip


FLOAT_STEREO = struct.pack("<HHIIHH", 3, 2, 8000, 64000, 8, 32)


def test_two_channels_of_float_become_one() -> None:
    samples, rate = read_wav(_wav(FLOAT_STEREO, struct.pack("<4f", 0.5, 0.1, -1.0, 0.0), 0))
    assert rate == 8000
    assert samples.tolist() == pytest.approx([0.3, -0.5])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (_wav(FLOAT_STEREO, struct.pack("<2f", float("nan"), 0.0), 8), "no number"),
        (_wav(struct.pack("<HHIIHH", 6, 1, 8000, 8000, 1, 8), b"\0", 1), "neither 16 bit nor float"),
        (_wav(b"", b"\0", 1), "does not say its format"),
        (b"RIFF\0\0\0\0WAVE", "no sound in it"),
    ],
)  # fmt: skip
def test_a_form_that_is_not_agreed_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(SpeechError, match=why):
        read_wav(raw)


# The order ----------------------------------------------------------------------------------------


class Broken(QuickSpeaker):
    """Does not speak until somebody repairs it."""

    voice = "broken/1"
    error: SpeechError | None = EngineDownError("no model")

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        if self.error is not None:
            self.spoken += [utterance.text for utterance in utterances]
            raise self.error
        yield from super().speak(utterances)


class InNeed(QuickSpeaker):
    """The last resort."""

    voice = "need/1"
    last_resort = True


def library(
    folder: Path, catalogue: Catalogue, *speakers: Speaker, tell: Any = None
) -> SoundLibrary:
    engines = Engines(dict.fromkeys(Language, speakers), tell or (lambda what, **facts: None))
    return SoundLibrary(catalogue, engines, folder / "sounds", folder / "none")


def test_an_engine_that_fails_makes_room_for_the_next_and_that_is_told(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    best, need = Broken(), InNeed()
    line = library(
        tmp_path, catalogue, best, need, tell=lambda what, **facts: told.append((what, facts))
    )
    assert line.seconds([GREETING]) > 1
    assert told == [("speech_engine_failed", {"engine": "broken", "reason": "no model"})]
    line.sounds([prompt(PromptKey.GOODBYE, DE)])
    assert len(best.spoken) == 1, "an engine that is down is not asked again while callers wait"
    assert len(need.spoken) == 2


def test_what_was_spoken_in_need_is_spoken_again_by_the_better_engine(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    best, need = Broken(), InNeed()
    line = library(tmp_path, catalogue, best, need)
    (first,) = line.sounds([GREETING])
    (piece,) = catalogue.pieces(GREETING)
    assert line.synthesis.made_by(piece) == "need"
    best.error = None
    assert line.count_missing([piece]) == 1
    (path,) = line.build([piece])
    assert path.exists()
    (second,) = line.sounds([GREETING])
    assert second.stem == str(path.with_suffix("")) != first.stem
    assert line.synthesis.made_by(piece) == "broken"
    assert line.count_missing([piece]) == 0


def test_a_name_is_never_spoken_in_need_its_number_is_better(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    need = InNeed()
    line = library(tmp_path, catalogue, Broken(), need)
    (name,) = catalogue.value_pieces(Name("Müller Söhne", "11001"), DE)
    with pytest.raises(UnspokenError) as left:
        list(line.build([name]))
    assert left.value.pieces == (name,)
    assert need.spoken == []


def test_each_language_has_its_own_order_and_an_absent_engine_lends_its_sounds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Callable[..., str]
) -> None:
    program(speaking(), "espeak-ng")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setitem(sys.modules, "py_nanotts", None)
    settings = VoiceSettings(
        engines_by_language={"fr": ("command",)},
        command="say {model} {file}",
        command_values={"fr": {"model": "m"}},
    )
    engines = open_engines(settings)
    assert [(each.voice, each.installed) for each in engines.of(DE)] == [
        (PicoSpeaker.voice, False),
        (espeak(DE).voice, True),
    ]
    assert engines.best(DE).last_resort
    assert [each.voice.partition("/")[0] for each in engines.of(FR)] == ["command"]
    assert spoken(engines.best(DE), tmp_path).exists()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"engines": ["command"]}, "command is empty"),
        ({"engines": ["command"], "command": "say {model}"}, "command_values.de lacks model"),
        ({"command": "say {file"}, "command: "),
        ({"command": "say 'x"}, "command: "),
        ({"command": "say {0.real}"}, "is no name of a value"),
        ({"engines": []}, "at least 1"),
        ({"engines": ["festival"]}, "pico"),
        ({"engines_by_language": {"es": ["pico"]}}, "de"),
    ],
)
def test_a_wrong_order_or_template_stops_the_start(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        VoiceSettings(**given)  # type: ignore[arg-type]


# Storage, and children that hang ------------------------------------------------------------------


def test_a_full_disk_leaves_no_half_file_and_asks_no_other_engine(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on the size of files is what an ordinary user can do to the same effect."""
    need = InNeed()
    small = "import resource, signal, runpy; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    small += "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
    small += "runpy.run_module('ivr.voice.pico', run_name='__main__')"
    cramped = PicoSpeaker()
    cramped.command = (sys.executable, "-c", small)
    line = library(tmp_path, catalogue, cramped, need)
    with pytest.raises(SoundsUnwritableError, match="File too large"):
        list(line.build([Piece("Ja", DE), *catalogue.pieces(GREETING)]))
    assert need.spoken == []
    assert [
        path.name for path in (tmp_path / "sounds").rglob("*") if path.name.startswith(".")
    ] == []
    again = library(tmp_path, catalogue, PicoSpeaker())
    assert again.count_missing(catalogue.pieces(GREETING)) == 1
    assert len(list(again.build(catalogue.pieces(GREETING)))) == 1


def test_a_child_that_hangs_is_ended_with_all_it_has_started(
    tmp_path: Path, program: Callable[..., str]
) -> None:
    hanging = PicoSpeaker()
    hanging.stall_seconds = 1
    file = tmp_path / "pid"
    hanging.command = (
        program(f"import os, time; open({str(file)!r}, 'w').write(str(os.fork() or os.getpid())); time.sleep(60)"),
    )  # fmt: skip
    with pytest.raises(EngineDownError, match="no sound within 1 s"):
        spoken(hanging, tmp_path)
    pid = int(file.read_text())
    wait_until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes(), 5, "the end of it")  # fmt: skip


KILLED = """
import sys
from pathlib import Path
from ivr import resources
from ivr.callflow.prompts import Language
from ivr.voice.catalogue import Catalogue
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker

catalogue, folder = Catalogue.load(resources.folder("prompts")), Path(sys.argv[1])
library = SoundLibrary(catalogue, PicoSpeaker(), folder / "sounds", folder / "none")
for path in library.build(list(catalogue.fixed_prompts(Language.DE))[:12]):
    print(path, flush=True)
"""


def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_goes_on(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Its child stops too once nobody waits for it."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as build:
        assert build.stdout is not None
        assert build.stdout.readline()
        build.kill()
    pieces = list(catalogue.fixed_prompts(DE))[:12]
    line = library(tmp_path, catalogue, PicoSpeaker())
    sound_files = lambda: sorted((tmp_path / "sounds").rglob("*.wav"))  # noqa: E731
    wait_until(lambda: len(list((tmp_path / "sounds").rglob(".*"))) == 0, 5, "the last half file")
    left = line.count_missing(pieces)
    assert 0 < left < 12
    before = {path: path.stat().st_mtime_ns for path in sound_files()}
    assert len(list(line.build(pieces))) <= left
    assert line.count_missing(pieces) == 0
    after = {path: path.stat().st_mtime_ns for path in sound_files()}
    assert before.items() <= after.items(), "what was whole is not spoken again"


def test_half_files_of_a_killed_build_are_swept_once_they_are_old(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    line = library(tmp_path, catalogue, QuickSpeaker())
    (path,) = line.build(catalogue.pieces(GREETING))
    old, young = path.with_name(".old.wav.1"), path.with_name(".young.wav.2")
    for partial in (old, young):
        partial.write_bytes(b"RIFF")
    os.utime(old, (0, 0))
    line.synthesis.sweep()
    assert (old.exists(), young.exists(), path.exists()) == (False, True, True)


def test_many_texts_are_shared_between_children(
    tmp_path: Path, program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech.os, "cpu_count", lambda: 2)
    quick = PicoSpeaker()
    quick.command = (
        program(f"""
        import json, os, sys
        lines = [json.loads(line) for line in sys.stdin]
        open({str(tmp_path)!r} + f"/{{os.getpid()}}.share", "w").write(str(len(lines)))
        for line in lines:
            os.write(1, f"done {{line['stem']}}.wav\\n".encode())
        """),
    )
    wanted = [Utterance(TEXT, DE, f"{tmp_path}/{each}", 0) for each in range(41)]
    assert len(set(quick.speak(wanted))) == 41
    assert sorted(path.read_text() for path in tmp_path.glob("*.share")) == ["20", "21"]
