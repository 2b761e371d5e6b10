"""The caller's seconds, computed from the real audio: his time is short and the line's most valuable.

Speech until the first telephone rings is at most 30 s for a known caller in hours and 60 s with a
code; the notice in hours is at most 10 s, any notice at most 20 s. Callers are counted who wait for
the end of everything; what somebody wants to hear a second time is his own wish and counts once.
After an order the search for a technician ends the count, also where nobody is on duty to be rung.
`pytest -s` shows the table.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.facts import CustomerFacts, LocationFacts, WhisperFacts
from ivr.callflow.prompts import Language, Moment, Prompt, PromptKey, prompt
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import LEG_SECONDS, card_prompt, repeat_prompt, whisper_prompt
from ivr.cli.line_pieces import notices
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.roster.hunt import AcceptBy
from ivr.services.records import LogEntry
from ivr.storage.database import reading
from ivr.storage.models import Call
from ivr.voice.catalogue import Catalogue
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker
from tests.fakes import Notebook
from tests.players.rehearsal_player import Stopwatch, play
from tests.story import STORIES, Story, own_prices, prepare
from tests.wiring import quick_application

pytestmark = pytest.mark.slow

KNOWN_SECONDS, ANY_SECONDS = 30.0, 60.0
NOTICE_IN_HOURS_SECONDS, NOTICE_SECONDS = 10.0, 20.0
DISTURBANCE_SECONDS = 15.0
"""What a known disturbance may take beside it, before he chooses to go on."""
DECIDING_SECONDS = 4.0
"""What is left of a rung leg's own seconds once everything was said."""

KNOWN = {"de": "1001", "fr": "1002", "it": "1003", "en": "1004"}
CODES = {"de": "1 11001123456", "fr": "2 11002281940", "it": "3 11003730516", "en": "4 11004495827"}
BASIC = {"de": "1013", "fr": "1014", "it": "1015", "en": "1012"}
IN_HOURS, AT_NIGHT = "2026-11-23T10:00:00+01:00", "2026-11-26T20:00:00+01:00"


def journey(title: str, language: str, caller: str, keys: str, at: str = IN_HOURS) -> Story:
    number = f"+4144000{caller}" if caller.isdigit() else caller
    return Story(f"{title}, {language}", title, number, at, keys, {})


JOURNEYS = [
    story
    for language in Language
    for story in (
        journey("known, orders", language, KNOWN[language], "1 - hangup"),
        journey("known, to the desk", language, KNOWN[language], "0 hangup"),
        journey("with a code, orders", language, "anonymous", f"{CODES[language]} 1 - hangup"),
        journey("with a code, to the desk", language, "anonymous", f"{CODES[language]} 0 hangup"),
        journey("at night, to the desk", language, BASIC[language], "0 hangup", AT_NIGHT),
    )
] + [
    journey("silent, to the desk", "de", "anonymous", "- - - - - hangup"),
    journey("code and location", "en", "anonymous", "4 11008826413 2 1 - hangup"),
]


RINGING = [story for story in STORIES if any("rings" in step for step in story.expected["steps"])]


class Ear(Stopwatch):
    """Hears the real audio until the first telephone rings; after that nothing is counted."""

    def __init__(self, library: SoundLibrary) -> None:
        super().__init__()
        self._library = library
        self._different: dict[tuple[Prompt, ...], float] = {}

    @property
    def is_counting(self) -> bool:
        return self.until_first_ring is None

    @property
    def different_speech(self) -> float:
        return sum(self._different.values())

    def seconds(self, prompts: Iterable[Prompt]) -> float:
        return self._library.seconds(prompts) if self.is_counting else 1.0

    def foresee(self, prompts: Iterable[Prompt]) -> None:
        """Nothing here waits for names."""

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        if self.is_counting:
            super().heard(who, prompts, seconds)
            self._different[prompts] = seconds

    def moved(self, entry: LogEntry) -> None:
        if self.is_counting and (entry.state, entry.next) == (
            State.OPENING_ORDER,
            State.PLANNING_HUNT,
        ):
            self.until_first_ring = self.speech


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(resources.folder("prompts"))


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> list[Application]:
    """As the demonstration sells, with the emergency product instead of Fast Lane, without prices."""
    folder = tmp_path_factory.mktemp("prices")
    changes = {"fast_lane.price": None, "emergency_support.enabled_on_phone": True}
    config = own_prices(folder / "config", "tariffs_demo.yaml", changes)
    return [
        quick_application(folder / "demo"),
        quick_application(folder / "emergency", config_dir=config),
        quick_application(folder / "fresh", tariffs="tariffs.yaml"),
    ]


@pytest.fixture(scope="module")
def library(
    catalogue: Catalogue, priced: list[Application], tmp_path_factory: pytest.TempPathFactory
) -> SoundLibrary:
    """What is asked for below, spoken by the real engine in one go."""
    folder = tmp_path_factory.mktemp("pico")
    library = SoundLibrary(catalogue, PicoSpeaker(), folder / "sounds", folder / "none")
    whispers = [each for said in _whispers() for each in said]
    prompts = [*_fixed(), *whispers, *_longest_notices(catalogue)]
    for app in priced:
        for language in Language:
            prompts += [each for _, notice in notices(app, language) for each in notice]
    pieces = [piece for each in prompts for piece in catalogue.pieces(each)]
    for _ in library.build(pieces):
        pass
    return library


def _fixed() -> Iterator[Prompt]:
    """Prompts without values that a caller may hear before a telephone rings."""
    for language in Language:
        for key in (
            PromptKey.LANGUAGE_MENU,
            PromptKey.GREETING,
            PromptKey.ASK_SUPPORT_CODE,
            PromptKey.SUPPORT_CODE_REFUSED,
            PromptKey.ASK_CODE_TO_ORDER,
            PromptKey.ASK_UNREACHABLE,
            PromptKey.ASK_NO_MAINTENANCE,
            PromptKey.CONFIRM_CHARGE,
            PromptKey.NOTICE_FREE_SUPPORT,
            PromptKey.NOTICE_OUTSIDE_WINDOW_UNKNOWN,
            PromptKey.CONFIRM_ORDER,
            PromptKey.CHOOSE_OUTSIDE_WINDOW,
            PromptKey.ORDERED,
            PromptKey.CONNECTING_DESK,
            PromptKey.WHISPER_KEYS,
        ):
            yield prompt(key, language)


@pytest.fixture(scope="module")
def table() -> Iterator[list[tuple[str, float, float, float]]]:
    """Filled by the tests, printed at their end."""
    rows: list[tuple[str, float, float, float]] = []
    yield rows
    print(f"\n{'until the first ring':40} {'speech':>7} {'counted':>8} {'at most':>8}")
    for name, speech, counted, limit in rows:
        print(f"{name:40} {speech:7.1f} {counted:8.1f} {limit:8.1f}")


@pytest.mark.parametrize("story", [*JOURNEYS, *RINGING], ids=str)
def test_the_first_telephone_rings_before_the_caller_has_heard_too_much(
    story: Story,
    library: SoundLibrary,
    demo_database: Path,
    tmp_path: Path,
    table: list[tuple[str, float, float, float]],
) -> None:
    shutil.copytree(demo_database, tmp_path / "data")
    app = prepare(story, tmp_path / "data", observer=Notebook())
    ear = Ear(library)
    app.sounds = ear  # type: ignore[assignment]
    call_id, _ = play(app, story, ear)
    with reading(app.storage.engine) as connection:
        query = select(Call.identified_by, Call.window_open_at_answer).where(Call.id == call_id)
        identified_by, in_hours = connection.execute(query).one()
    app.storage.engine.dispose()
    limit = KNOWN_SECONDS if identified_by == "number" and in_hours else ANY_SECONDS
    if str(story).startswith("disturbance"):
        limit += DISTURBANCE_SECONDS
    assert ear.until_first_ring is not None
    table.append((str(story), ear.until_first_ring, ear.different_speech, limit))
    assert ear.different_speech <= limit


# Notices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", list(Language))
def test_the_notice_of_each_plan_is_short(
    language: Language, catalogue: Catalogue, library: SoundLibrary, priced: list[Application]
) -> None:
    """In hours, with Fast Lane and with the emergency product; by day and at night, all units."""
    longest: dict[bool, tuple[float, str]] = {}
    for app in priced:
        for window, notice in notices(app, language):
            seconds = library.seconds(notice)
            text = " ".join(catalogue.text(prompt) for prompt in notice)
            longest[window.open] = max(longest.get(window.open, (0.0, "")), (seconds, text))
            assert seconds > 3
    for seconds, text in longest.values():
        print(f"\n{seconds:5.1f} s: {text}", end="")
    assert longest[True][0] <= NOTICE_IN_HOURS_SECONDS
    assert longest[False][0] <= NOTICE_SECONDS


def test_no_notice_is_long_whatever_opening_it_names(
    catalogue: Catalogue, library: SoundLibrary
) -> None:
    for notice in _longest_notices(catalogue):
        seconds = library.seconds([notice])
        print(f"\n{seconds:5.1f} s: {catalogue.text(notice)}", end="")
        assert 3 < seconds <= NOTICE_SECONDS


def _longest_notices(catalogue: Catalogue) -> Iterator[Prompt]:
    """The two longest openings of each language, and the notice that names none."""
    now = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    moments = [Moment(now + timedelta(days=d, minutes=m), now) for d in range(8) for m in (60, 90)]
    for language in Language:
        key = PromptKey.NOTICE_OUTSIDE_WINDOW
        notices = [prompt(key, language, opens_at=moment) for moment in moments]
        yield from sorted(notices, key=lambda notice: len(catalogue.text(notice)))[-2:]
        yield prompt(PromptKey.NOTICE_OUTSIDE_WINDOW_UNKNOWN, language)


# The other side -----------------------------------------------------------------------------------


def _whispers() -> Iterator[tuple[Prompt, ...]]:
    """The longest that the demonstration's customers and plans can cause, to the desk with its card."""
    reaction = FirstReaction(ReactionKind.NEXT_BUSINESS_DAY)
    place = LocationFacts(1, "Neuchâtel", 1, "basic_plus", "winCall basic+", reaction)
    customer = CustomerFacts(1, "11001", "Bäckerei Sonnenschein", Language.FR, (place,))
    for language in Language:
        facts = WhisperFacts(
            language,
            AcceptBy.KEY,
            Language.FR,
            customer,
            place,
            False,
            OfferKind.EMERGENCY,
            None,
            card="777",
        )
        yield (whisper_prompt(facts), *card_prompt(facts))
        again = replace(facts, card=None, ordered=None, ticket="100777", calls=3)
        yield (whisper_prompt(again), *repeat_prompt(again))


def test_who_is_rung_has_time_to_decide_after_everything_was_said(library: SoundLibrary) -> None:
    """His twenty seconds include the whisper: they must not be over before it is."""
    for whisper in _whispers():
        language = whisper[0].language
        said = library.seconds([*whisper, prompt(PromptKey.WHISPER_KEYS, language)])
        print(f"\nwhisper, card and keys, {language}: {said:.1f} s", end="")
        assert said <= LEG_SECONDS - DECIDING_SECONDS
