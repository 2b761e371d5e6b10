"""The sounds of the line: cached by what they say, made anew when broken, spoken by a real engine."""

import os
import sys
import time
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import (
    Language,
    Name,
    Prompt,
    PromptKey,
    Term,
    prompt,
)
from ivr.errors import SpeechError
from ivr.voice.catalogue import Catalogue, Piece, Words
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker, SilentSpeaker, Speaker
from ivr.voice.spoken import UNUSED_SECONDS
from tests.fakes import QuickSpeaker, write_silence
from tests.lab.processes import wait_until

GREETING = prompt(PromptKey.GREETING, Language.DE)
DE, FR, IT, EN = Language
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(resources.folder("prompts"))


@pytest.fixture
def library(catalogue: Catalogue, tmp_path: Path) -> "Library":
    return Library(catalogue, tmp_path)


class Library(SoundLibrary):
    """A library in a folder of the test whose speaker tells what it was asked for."""

    def __init__(self, catalogue: Catalogue, folder: Path, speaker: Speaker | None = None) -> None:
        self.speaker = speaker or QuickSpeaker()
        self.folder = folder
        super().__init__(catalogue, self.speaker, folder / "sounds", folder / "recordings")

    @property
    def spoken(self) -> list[str]:
        assert isinstance(self.speaker, QuickSpeaker)
        return self.speaker.spoken

    def again(self) -> "Library":
        """What another process sees in the same folder."""
        return Library(self._catalogue, self.folder)

    def path(self, of: Prompt = GREETING) -> Path:
        (sound,) = self.sounds([of])
        return Path(f"{sound.stem}.wav")


# The cache ----------------------------------------------------------------------------------------


def test_a_sound_is_made_once_and_found_by_every_process(library: Library) -> None:
    first = library.sounds([GREETING])
    assert len(library.spoken) == 1
    later = library.again()
    assert later.sounds([GREETING]) == first
    assert later.spoken == []


def test_another_text_is_another_file_and_the_first_stays(tmp_path: Path) -> None:
    before = Library(_catalogue_saying("Willkommen."), tmp_path)
    after = Library(_catalogue_saying("Guten Tag."), tmp_path)
    assert before.path() != after.path()
    assert before.path().exists()
    assert after.spoken == ["Guten Tag."]


def _catalogue_saying(greeting: str) -> Catalogue:
    """The real catalogue with another greeting in German."""
    folder = resources.folder("prompts")
    found = Catalogue.load(folder)
    words = dict(found._words)
    prompts = dict(words[DE].prompts) | {"greeting": greeting}
    described = resources.load_yaml(folder / "catalogue.yaml")["prompts"]
    values = {key: entry.get("values", {}) for key, entry in described.items()}
    return Catalogue(words | {DE: Words(prompts, words[DE].terms)}, values, found._lexicon)


def test_another_voice_is_another_file(catalogue: Catalogue, tmp_path: Path) -> None:
    other = QuickSpeaker()
    other.voice = "pico/louder"
    assert Library(catalogue, tmp_path).path() != Library(catalogue, tmp_path, other).path()


@pytest.mark.rule("P.14")
def test_the_same_words_in_another_language_are_another_file(library: Library) -> None:
    paths = {library.synthesis.stem(Piece("Ticket", language)) for language in Language}
    assert len(paths) == 4


def test_a_brand_name_is_respelled_for_the_ear_only(catalogue: Catalogue, library: Library) -> None:
    whisper = prompt(PromptKey.WHISPER_UNKNOWN, DE, caller_language=Name("winCall pro+"))
    library.sounds([whisper])
    assert "Winnkoll pro plus" in library.spoken
    assert "winCall pro+" in catalogue.text(whisper)


def test_a_recording_by_a_person_comes_before_the_engine(library: Library, tmp_path: Path) -> None:
    recorded = tmp_path / "recordings" / "de" / "greeting.wav"
    recorded.parent.mkdir(parents=True)
    write_silence(recorded, 2.0)
    (sound,) = library.sounds([GREETING])
    assert (sound.recorded, sound.name) == (True, "recorded/de/greeting")
    assert Path(sound.stem).is_relative_to(tmp_path / "sounds"), "where Asterisk looks"
    assert sound.seconds == pytest.approx(2.0)
    assert library.recorded(GREETING) == sound
    assert library.recorded(prompt(PromptKey.GOODBYE, DE)) is None
    assert len(library.spoken) == 1


# Broken files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 20, 44, 45, 5000])
def test_a_file_that_a_power_cut_left_is_made_anew(library: Library, left: int) -> None:
    path = library.path()
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    later = library.again()
    assert later.seconds([GREETING]) > 1
    assert path.read_bytes() == whole
    assert len(later.spoken) == 1


@pytest.mark.parametrize("content", [b"\0" * 60000, b"no sound" * 1000])
def test_a_file_with_something_else_in_it_is_made_anew(library: Library, content: bytes) -> None:
    library.path().write_bytes(content)
    assert library.again().seconds([GREETING]) > 1
    assert library.path().read_bytes()[:4] == b"RIFF"


def test_half_a_wide_band_file_is_made_anew_too(library: Library) -> None:
    wide = library.path().with_suffix(".wav16")
    write_silence(wide, 2.0, 16000)
    assert library.again().count_missing(_pieces(library)) == 0
    wide.write_bytes(wide.read_bytes()[:1000])
    later = library.again()
    assert later.count_missing(_pieces(library)) == 1
    assert list(later.build(_pieces(library))) == [library.path()]


def _pieces(library: Library) -> tuple[Piece, ...]:
    return library._catalogue.pieces(GREETING)


def test_a_broken_tone_is_made_anew(library: Library) -> None:
    tone = Path(f"{library.tone()}.wav")
    whole = tone.read_bytes()
    tone.write_bytes(b"")
    assert library.again().tone() == str(tone.with_suffix(""))
    assert tone.read_bytes() == whole


def test_building_makes_only_what_is_missing_or_broken(library: Library) -> None:
    pieces = [
        piece
        for key in (PromptKey.GREETING, PromptKey.GOODBYE, PromptKey.APOLOGY)
        for piece in library._catalogue.pieces(prompt(key, DE))
    ]
    assert library.count_missing([*pieces, *pieces]) == 3
    assert len(list(library.build(pieces))) == 3
    library.path().write_bytes(b"RIFF")
    later = library.again()
    assert later.count_missing(pieces) == 1
    assert len(list(later.build(pieces))) == 1


def test_what_nothing_says_any_more_goes_after_a_month_and_comes_back_when_a_call_needs_it(
    library: Library, tmp_path: Path
) -> None:
    pieces = [Piece(text, DE) for text in ("Grüezi", "Hoi", "Salü", "Ciao", "Adieu", "Tschau")]
    needed, former, young, heard, ours, theirs = pieces
    list(library.build(pieces))
    stems = {piece: library.synthesis.stem(piece) for piece in pieces}
    known = library.sound_of(former)
    library._known[former, None] = known
    month = time.time() - UNUSED_SECONDS - 60
    for piece, stem in stems.items():
        if piece is not young:
            os.utime(f"{stem}.wav", (time.time() if piece is heard else month, month))
    published = tmp_path / "sounds" / "published"
    published.mkdir()
    write_silence(published / f"{stems[ours].name}.wav", 1.0)
    assert library.forget([needed], {stems[theirs].name}) == 1
    assert library.has_all([needed, young, heard, ours, theirs])
    assert not list(stems[former].parent.glob(f"{stems[former].name}*"))
    assert library.restore(known)
    assert library.synthesis.find(former) == stems[former]


def test_callers_who_wait_at_the_same_time_make_one_hold_sound(library: Library) -> None:
    """Two threads of one process must not take each other's half file away."""
    hold = prompt(PromptKey.HOLD, DE)
    with ThreadPoolExecutor(8) as callers:
        heard = list(callers.map(lambda _: library.again().seconds([hold]), range(8)))
    assert heard == [pytest.approx(5.0)] * 8
    assert library.spoken == []


def test_a_published_sound_is_a_copy_under_a_fixed_name(library: Library, tmp_path: Path) -> None:
    (piece,) = _pieces(library)
    library.publish(piece, tmp_path / "greeting_de")
    assert (tmp_path / "greeting_de.wav").read_bytes() == library.path().read_bytes()
    assert [path.name for path in tmp_path.glob(".greeting*")] == []


# Names --------------------------------------------------------------------------------------------


def option(name: str) -> Prompt:
    return prompt(PromptKey.LOCATION_OPTION, DE, location=Name(name, "11001"), key=Term("digit_1"))


def test_a_name_without_a_sound_is_replaced_by_its_number_and_prepared_for_the_next_call(
    library: Library,
) -> None:
    library.sounds([option("Müller Söhne")])
    assert "Müller Söhne" not in library.spoken
    assert library.spoken.count("eins") == 1
    library.foresee([option("Müller Söhne")])
    name = [Piece("Müller Söhne", DE)]
    wait_until(lambda: library.again().count_missing(name) == 0, 5, "the name to be spoken")
    later = library.again()
    later.sounds([option("Müller Söhne")])
    assert later.spoken == []


def test_what_cannot_be_prepared_disturbs_nobody_and_is_tried_again(library: Library) -> None:
    background = library.synthesis.in_background

    def no_thread(work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    library.synthesis.in_background = no_thread
    library.foresee([option("Müller Söhne")])
    library.synthesis.in_background = background
    library.foresee([option("Moser")])
    names = [Piece("Müller Söhne", DE), Piece("Moser", DE)]
    wait_until(lambda: library.again().count_missing(names) == 0, 5, "both names to be spoken")


def test_an_empty_name_is_silence_and_not_a_file(library: Library) -> None:
    library.sounds([option("")])
    assert library.spoken[-1] == "eins"
    assert all(text.strip() for text in library.spoken)


# An engine that is missing or fails ---------------------------------------------------------------


def test_without_an_engine_the_command_that_installs_it_is_named(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    library = Library(catalogue, tmp_path, SilentSpeaker())
    with pytest.raises(SpeechError, match=r"pip install 'pikett\[speech\]'"):
        library.sounds([GREETING])


def test_without_an_engine_what_was_built_is_heard(library: Library, catalogue: Catalogue) -> None:
    library.sounds([GREETING])
    silent = Library(catalogue, library.folder, SilentSpeaker())
    assert silent.seconds([GREETING]) > 1


@pytest.mark.parametrize("missing", ["py_nanotts", "soxr"])
def test_an_engine_that_is_not_installed_is_noticed(
    app: Application, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    unwired = Application(app.settings, app.clock, app.ids)
    with pytest.raises(SpeechError, match="install it with"):
        unwired.sounds.sounds([prompt(PromptKey.GREETING, FR)])


def test_a_folder_that_cannot_be_written_is_named(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "sounds").write_text("in the way")
    with pytest.raises(SpeechError, match="NotADirectoryError"):
        Library(catalogue, tmp_path, PicoSpeaker()).sounds([GREETING])


# The real engine ----------------------------------------------------------------------------------


def test_pico_speaks_german_into_files_that_a_telephone_can_play(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    library = Library(catalogue, tmp_path, PicoSpeaker())
    path = library.path()
    with wave.open(str(path)) as narrow, wave.open(str(path.with_suffix(".wav16"))) as wide:
        assert (narrow.getframerate(), narrow.getnchannels(), narrow.getsampwidth()) == (8000, 1, 2)
        assert (wide.getframerate(), wide.getnchannels(), wide.getsampwidth()) == (16000, 1, 2)
        seconds = narrow.getnframes() / 8000
        samples = narrow.readframes(narrow.getnframes())
    assert 1 < seconds < 15
    assert library.seconds([GREETING]) == pytest.approx(seconds)
    assert max(samples) > 0, "silence is no speech"
    assert list(path.parent.glob(".*")) == []


def test_pico_tells_of_words_it_cannot_speak_and_speaks_the_others(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    """It reports success and gives no sound for a script it does not know."""
    library = Library(catalogue, tmp_path, PicoSpeaker())
    names = [Piece("Газпром Швейцария", DE), Piece("Müller & Söhne <AG>", DE)]
    with pytest.raises(SpeechError, match="the engine was silent"):
        list(library.build(names))
    assert library.count_missing(names[:1]) == 1
    assert library.count_missing(names[1:]) == 0
