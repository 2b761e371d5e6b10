"""What the voice of the line costs: how long an admin waits for an upload and for all sounds, and
whether a caller ever waits for one."""

import resource
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from ivr.bootstrap import build
from ivr.callflow.prompts import Language
from ivr.cli.line_pieces import all_pieces
from ivr.voice.intake import take_in
from ivr.voice.sounds import IN_TURN
from tests.bench.figures import Bench, Figure, rounds_text
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players.rehearsal_player import play
from tests.service.sound_files import encoded
from tests.story import STORIES, Story, prepare
from tests.wiring import quick_application, test_settings

TITLE = "Voice: uploads, building all sounds, speech in a turn"
LIMIT_SECONDS = 600
NEEDS_ASTERISK = False
UPLOAD_SECONDS = 60
RATE = 44_100
CALLERS = 8


def measure(bench: Bench) -> Iterator[Figure]:
    """Each part on its own; nothing of one helps another."""
    yield _upload(bench)
    yield _catalogue(bench)
    yield _in_turn(bench)


def _catalogue(bench: Bench) -> Figure:
    """As `pikett prompts build` does it on a new installation, with the demonstration's prices."""
    folder = bench.place("sounds")
    app = build(test_settings(folder, tariffs="tariffs_demo.yaml"))
    languages = tuple(Language)[: bench.size(len(Language), 1)]
    pieces = [piece for piece in all_pieces(app) if piece.language in languages]
    started, used = time.perf_counter(), _children_cpu()
    made = sum(1 for _ in app.sounds.build(pieces))
    seconds = time.perf_counter() - started
    used = _children_cpu() - used
    size = sum(path.stat().st_size for path in folder.rglob("*.wav*")) / 1e6
    return Figure(
        f"All sounds of {len(languages)} languages built",
        seconds,
        60,
        "s",
        how=f"{made} sounds, {size:.0f} MB, SVOX Pico in a child process per core; {used:.0f} s of CPU",
    )


def _children_cpu() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _in_turn(bench: Bench) -> Figure:
    """Stories at the same time, after a build; what has other prices or words of its own is left out."""
    base = bench.place("built")
    shutil.copytree(bench.demo, base, dirs_exist_ok=True)
    app = quick_application(base)
    sounds = sum(1 for _ in app.sounds.build(all_pieces(app)))
    stories = [each for each in STORIES if not (each.tariffs or each.settings or each.disturbances)]
    wanted = stories[: bench.size(len(stories), 10)]
    before = _counted()
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(lambda story: _call(story, base), wanted))
    return Figure(
        "Sounds made while a caller waited, after a build",
        _counted() - before,
        0,
        how=f"`pikett_speech_in_turn_total` over {len(wanted)} calls, {CALLERS} at a time; {sounds} "
        "sounds were built before, by a stand-in for the engine that takes no time",
    )


def _call(story: Story, base: Path) -> None:
    folder = base.parent / f"built-{story.name}"
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("sounds"))
    (folder / "sounds").symlink_to(base / "sounds")
    clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
    app = prepare(story, folder, clock=clock, ids=CountedIds(), observer=Notebook())
    play(app, story)
    app.storage.engine.dispose()


def _counted() -> float:
    return sum(
        sample.value
        for metric in IN_TURN.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )


def _upload(bench: Bench) -> Figure:
    place = bench.place("uploads")
    source = place / "upload.m4a"
    source.write_bytes(encoded("ipod", "aac", _speech(), RATE))
    seconds = [_timed(source, place / f"taken{n}") for n in range(bench.rounds)]
    return Figure(
        "An upload of a minute converted",
        median(seconds),
        1.5,
        "s",
        how=f"M4A of two channels at 44.1 kHz, {source.stat().st_size / 1e6:.1f} MB, with the start of "
        "the child process, high-pass, trimming, levelling, two sample rates and two files on disk; "
        + rounds_text({"rounds": seconds}, "s"),
    )


def _timed(source: Path, target: Path) -> float:
    started = time.perf_counter()
    taken = take_in(source, target)
    seconds = time.perf_counter() - started
    assert taken.seconds > UPLOAD_SECONDS - 1, f"only {taken.seconds} s were taken"
    return seconds


def _speech() -> np.ndarray:
    """Syllables of noise, four a second, as loud and as uneven as a person."""
    at = np.arange(UPLOAD_SECONDS * RATE) / RATE
    voice = np.random.default_rng(1).laplace(0, 0.04, (2, len(at))) * np.abs(np.sin(4 * np.pi * at))
    return np.clip(voice, -0.98, 0.98)
