"""`pikett prompts check`: nothing to tell of what is shipped, one sentence for each defect."""

import json
import shutil
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.cli.prompt_check import check, where
from ivr.voice.catalogue import Piece
from ivr.voice.sound_defects import damaged_sounds, file_defect, long_notices, missing_sounds
from ivr.voice.sounds import SoundLibrary
from ivr.voice.text_defects import Defect, text_defects
from ivr.voice.usage import where_used
from tests.fakes import QuickSpeaker

LONGEST = 600
PLANS = {"winCall basic", "winCall basic+", "winCall pro+", "winCall"}
GREETING = prompt(PromptKey.GREETING, Language.DE)
Change = Callable[[dict[str, dict[str, object]]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped texts."""
    copied = tmp_path / "prompts"
    shutil.copytree(resources.folder("prompts"), copied)
    return copied


def change(folder: Path, name: str, by: Change) -> None:
    file = folder / f"{name}.yaml"
    document = yaml.safe_load(file.read_text())
    by(document)
    file.write_text(yaml.safe_dump(document, allow_unicode=True))


def test_what_is_shipped_has_no_defect() -> None:
    assert list(text_defects(resources.folder("prompts"), LONGEST, frozenset(PLANS))) == []


def write(key: str, text: object) -> Change:
    def by(document: dict[str, dict[str, object]]) -> None:
        document["prompts"][key] = text

    return by


def drop(key: str) -> Change:
    return lambda document: document["prompts"].pop(key) and None


DEFECTS: list[tuple[str, str, Change]] = [
    ("missing_key", "fr", drop("greeting")),
    ("unknown_key", "it", write("gretting", "Ciao.")),
    ("unknown_variable", "en", write("ticket_number", "Your ticket is {ticket} of {day}.")),
    ("missing_variable", "en", write("ticket_number", "You have a ticket.")),
    ("price_written", "it", write("goodbye", "Costa 90 franchi.")),
    ("variable_twice", "en", write("ticket_number", "Ticket {ticket}, {ticket}.")),
    ("braces", "en", write("ticket_number", "Ticket {ticket.")),
    ("markup", "de", write("goodbye", "Auf <break/> Wiederhören.")),
    ("text_too_long", "de", write("goodbye", "Auf Wiederhören. " * 600)),
    ("text_empty", "de", write("goodbye", " . ")),
    ("sharp_s", "de", write("goodbye", "Viele Grüße.")),
    ("no_text", "de", write("goodbye", 7)),
    ("unprintable", "de", write("goodbye", "Auf\u200bWiederhören.")),
    ("unreadable", "fr", lambda document: document.pop("prompts") and None),
    ("lexicon_unused", "lexicon", lambda document: document["de"].update({"Swisscom": "Swisskomm"})),
    ("unknown_language", "lexicon", lambda document: document.update({"es": {}})),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "by"), DEFECTS, ids=[code for code, *_ in DEFECTS])
def test_each_defect_of_a_text_is_told_once(folder: Path, code: str, name: str, by: Change) -> None:
    change(folder, name, by)
    (found,) = text_defects(folder, LONGEST, frozenset(PLANS))
    assert found.code == code
    assert found.where.startswith(f"{name}.yaml")
    assert len(found.words.split()) > 3, "it says what to do"


def test_a_text_that_was_not_translated_is_told_unless_it_is_meant(folder: Path) -> None:
    words = yaml.safe_load((folder / "de.yaml").read_text())["prompts"]["goodbye"]
    change(folder, "fr", write("goodbye", words))
    (found,) = text_defects(folder, LONGEST, frozenset(PLANS))
    assert (found.code, found.where) == ("untranslated", "fr.yaml: goodbye")
    change(folder, "catalogue", lambda document: document["prompts"]["goodbye"].update(same=True))
    assert list(text_defects(folder, LONGEST, frozenset(PLANS))) == []


def test_a_language_that_the_line_does_not_speak_is_told(folder: Path) -> None:
    (folder / "es.yaml").write_text("prompts: {}")
    (folder / "recordings" / "pt").mkdir(parents=True)
    found = list(text_defects(folder, LONGEST, frozenset(PLANS)))
    assert [(each.code, each.where) for each in found] == [
        ("unknown_language", "es.yaml"),
        ("unknown_language", "recordings/pt"),
    ]


def test_a_prompt_that_nobody_says_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = {key: places for key, places in where_used().items() if key != PromptKey.GOODBYE}
    monkeypatch.setattr("ivr.voice.text_defects.where_used", lambda: used)
    (found,) = text_defects(folder, LONGEST, frozenset(PLANS))
    assert (found.code, found.where) == ("unused_key", "catalogue.yaml: goodbye")


def test_where_a_prompt_is_said_is_read_from_the_source() -> None:
    assert set(where_used()) == set(PromptKey)
    assert where_used()[PromptKey.HOLD] == ("waiting.wait",)
    shown = CliRunner().invoke(where, ["hold"]).output
    assert "waiting.wait" in shown


# Sounds -------------------------------------------------------------------------------------------


def write_wav(
    path: Path, samples: "array[int]", rate: int = 8000, channels: int = 1, width: int = 2
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


SPEECH = array("h", [3000, -3000] * 4000)


@pytest.mark.parametrize(
    ("samples", "form", "wrong"),
    [
        (SPEECH, {}, None),
        (array("h", [3, -3] * 4000), {}, "is silent"),
        (array("h", [32767, -32768] * 4000), {}, "is clipped"),
        (SPEECH, {"rate": 16000}, "is not mono, 16 bit, 8000 Hz"),
        (SPEECH, {"channels": 2}, "is not mono, 16 bit, 8000 Hz"),
        (SPEECH, {"width": 1}, "is not mono, 16 bit, 8000 Hz"),
    ],
)
def test_a_file_that_cannot_be_played_or_understood_is_told(
    tmp_path: Path, samples: "array[int]", form: dict[str, int], wrong: str | None
) -> None:
    write_wav(tmp_path / "one.wav", samples, **form)
    assert file_defect(tmp_path / "one") == wrong


def test_missing_damaged_and_makeshift_sounds_are_told(app: Application) -> None:
    goodbye = app.catalogue.pieces(prompt(PromptKey.GOODBYE, Language.DE))
    greeting = app.catalogue.pieces(GREETING)
    (path,) = app.sounds.build(greeting)
    assert [each.code for each in damaged_sounds(app.sounds, greeting)] == ["sound_damaged"], "mute"
    write_wav(path, SPEECH)
    assert list(damaged_sounds(app.sounds, [*greeting, *goodbye])) == []
    (missing,) = missing_sounds(
        app.sounds, [*greeting, *goodbye, Piece("Müller", Language.DE, optional=True)]
    )
    assert missing.words.startswith("1 sounds are missing, such as 'Die Verbindung")
    path.write_bytes(path.read_bytes()[:500])
    (damaged,) = damaged_sounds(app.sounds, greeting)
    assert "is not whole" in damaged.words
    assert list(missing_sounds(app.sounds, greeting)) == [], "told as damaged"


def test_what_only_the_last_resort_has_spoken_is_told(app: Application, tmp_path: Path) -> None:
    speaker = QuickSpeaker()
    speaker.last_resort = True
    library = SoundLibrary(app.catalogue, speaker, tmp_path / "sounds", tmp_path / "none")
    library.seconds([GREETING])
    (found,) = missing_sounds(library, app.catalogue.pieces(GREETING))
    assert found.code == "spoken_in_need"


def test_a_notice_that_takes_too_long_is_told_once_a_language(app: Application) -> None:
    apology = prompt(PromptKey.APOLOGY, Language.DE)
    assert list(long_notices(app.sounds, [(True, (GREETING,))])) == [], (
        "nothing is there to measure"
    )
    app.sounds.beforehand([GREETING, apology])
    (found,) = long_notices(app.sounds, [(True, (GREETING, apology)), (True, (apology,) * 4)])
    assert found.where == "de.yaml: the longest notice within the window"


# The command --------------------------------------------------------------------------------------


def test_the_command_ends_with_0_or_1_and_talks_to_people_and_programs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, app: Application
) -> None:
    monkeypatch.setattr("ivr.cli.prompt_check.application", lambda level: app)
    fine = CliRunner().invoke(check, ["--texts", str(folder)])
    assert (fine.exit_code, fine.output[:10]) == (0, "All right:")
    change(folder, "fr", drop("greeting"))
    red = CliRunner().invoke(check, ["--texts", str(folder)])
    assert (red.exit_code, red.output) == (1, "fr.yaml: greeting: is missing: write it\n")
    told = CliRunner().invoke(check, ["--texts", str(folder), "--json"])
    assert json.loads(told.output) == [
        {"code": "missing_key", "where": "fr.yaml: greeting", "words": "is missing: write it"}
    ]


def test_the_command_looks_at_sounds_and_at_what_admins_published(
    monkeypatch: pytest.MonkeyPatch, app: Application
) -> None:
    monkeypatch.setattr("ivr.cli.prompt_check.application", lambda level: app)
    app.sounds.beforehand([GREETING])
    found = CliRunner().invoke(check, ["--json"])
    assert found.exit_code == 1
    codes = [each["code"] for each in json.loads(found.output)]
    assert codes == [*["sound_missing"] * len(Language), "sound_damaged"]
    assert str(Defect("a", "b", "c")) == "b: c"
