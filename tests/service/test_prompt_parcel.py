"""Built sounds travel in one file: an installation without a speech engine still talks."""

import io
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.prompts import (
    Count,
    Digits,
    Language,
    Moment,
    Name,
    Prompt,
    PromptKey,
    Term,
    Value,
    prompt,
)
from ivr.cli.line_pieces import all_pieces, notices
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.errors import MalformedRequestError, SpeechError
from ivr.voice.parcel import pack, unpack
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import SilentSpeaker
from tests.fakes import MONDAY_TEN
from tests.wiring import quick_application

DE = Language.DE
NIGHT = MONDAY_TEN + timedelta(hours=13, minutes=47)
SAMPLES: dict[str, Value] = {
    "digits": Digits("100777"),
    "moment": Moment(NIGHT, MONDAY_TEN),
    "name": Name("Neue Firma Bänninger", "11001"),
    "term": Term("language_fr"),
    "reaction": FirstReaction(ReactionKind.NEXT_BUSINESS_DAY),
    "count": Count("further_case", 3),
}
"""A moment and a name that nobody could build are told in parts, and as a number."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The German part of what `tools/release.sh` packs: no database, so nobody's names."""
    folder = tmp_path_factory.mktemp("release")
    app = quick_application(folder, tariffs="tariffs_demo.yaml")
    for _ in app.sounds.build(piece for piece in all_pieces(app) if piece.language is DE):
        pass
    assert pack(folder / "sounds", folder / "sounds.tar.gz") > 200
    return folder / "sounds.tar.gz"


def test_an_installation_without_an_engine_says_everything_that_calls_say(
    released: Path, app: Application, tmp_path: Path
) -> None:
    """Each prompt with its values, and each notice of the tariffs."""
    mute = SoundLibrary(app.catalogue, SilentSpeaker(), tmp_path / "sounds", tmp_path / "none")
    with pytest.raises(SpeechError):
        mute.sounds([prompt(PromptKey.GREETING, DE)])
    assert unpack(released, tmp_path / "sounds") > 200
    for key in PromptKey:
        values = app.catalogue.described(key).values
        if not app.catalogue.described(key).whole and key is not PromptKey.DISTURBANCE:
            said = Prompt(key, DE, tuple((name, SAMPLES[kind]) for name, kind in values.items()))
            assert mute.seconds([said]) > 0, key
    for _, notice in notices(app, DE):
        assert mute.seconds(notice) > 3
    assert unpack(released, tmp_path / "sounds") == 0, "nothing is written twice"


def test_the_same_sounds_make_the_same_parcel(tmp_path: Path, app: Application) -> None:
    app.sounds.beforehand([prompt(PromptKey.GOODBYE, language) for language in Language])
    folder = app.settings.path("sounds")
    (broken,) = app.sounds.build(app.catalogue.pieces(prompt(PromptKey.APOLOGY, Language.DE)))
    broken.write_bytes(b"RIFF")
    pack(folder, tmp_path / "one.tar.gz")
    with tarfile.open(tmp_path / "one.tar.gz") as parcel:
        assert len(parcel.getnames()) == len(Language), "what is broken stays behind"
        assert {(each.mtime, each.uid) for each in parcel} == {(0, 0)}


def _tar(file: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(file, "w") as parcel:
        member = tarfile.TarInfo(name)
        member.type, member.size = kind, 4 if kind == tarfile.REGTYPE else 0
        member.linkname = "/etc/passwd"
        parcel.addfile(member, io.BytesIO(b"RIFF"))
    return file


DIGEST = "ab" * 16


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/etc/x", f"ab/../{DIGEST}.wav", f"cd/{DIGEST}.wav", f"ab/{DIGEST}.py", "recorded/de/greeting.wav"],
)  # fmt: skip
def test_a_parcel_with_anything_but_sounds_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MalformedRequestError, match="is no sound of a build"):
        unpack(_tar(tmp_path / "x.tar", name), tmp_path / "sounds")
    assert not (tmp_path / "sounds").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_a_parcel_with_links_or_devices_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(MalformedRequestError, match="is no sound of a build"):
        unpack(_tar(tmp_path / "x.tar", f"ab/{DIGEST}.wav", kind), tmp_path / "sounds")


@pytest.mark.parametrize("content", [b"", b"no parcel", b"\x1f\x8b\x08\0\0\0\0\0"])
def test_a_file_that_is_no_parcel_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(MalformedRequestError, match="no parcel of sounds"):
        unpack(tmp_path / "x.tar.gz", tmp_path / "sounds")
