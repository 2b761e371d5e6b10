"""What numbers, times and promises are in words, in four languages; a gap in them stops the start."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr import resources
from ivr.callflow.prompts import Digits, Language, Moment, PromptKey, Value, prompt
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.errors import ConfigurationError
from ivr.voice.catalogue import Catalogue

DE, FR, IT, EN = Language
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(resources.folder("prompts"))


# Numbers and times --------------------------------------------------------------------------------


def words(catalogue: Catalogue, value: Value, language: Language) -> list[str]:
    return [piece.text for piece in catalogue.value_pieces(value, language)]


@pytest.mark.rule("Q14")
@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        (DE, "eins null null neun zwei"),
        (FR, "un zéro zéro neuf deux"),
        (IT, "uno zero zero nove due"),
        (EN, "one zero zero nine two"),
    ],
)
def test_a_ticket_number_is_read_digit_by_digit(
    catalogue: Catalogue, language: Language, spoken: str
) -> None:
    assert words(catalogue, Digits("10092"), language) == spoken.split()
    told = prompt(PromptKey.TICKET_NUMBER, language, ticket=Digits("10092"))
    heard = [piece.text for piece in catalogue.pieces(told)]
    assert " ".join(spoken.split()) in " ".join(heard)


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "half_past"),
    [
        (DE, "heute um 14 Uhr", "morgen um 8 Uhr", "am Mittwoch um 7 Uhr 30"),
        (FR, "aujourd'hui à 14 heures", "demain à 8 heures", "mercredi à 7 heures 30"),
        (IT, "oggi alle 14", "domani alle 8", "mercoledì alle 7 e 30"),
        (EN, "today at 14:00", "tomorrow at 8:00", "on Wednesday at 7:30"),
    ],
)
def test_an_opening_is_told_as_day_and_wall_time(
    catalogue: Catalogue, language: Language, today: str, tomorrow: str, half_past: str
) -> None:
    moments = [
        Moment(datetime(2026, 11, 23, 13, 0, tzinfo=UTC), MONDAY),
        Moment(datetime(2026, 11, 24, 7, 0, tzinfo=UTC), MONDAY),
        Moment(datetime(2026, 11, 25, 6, 30, tzinfo=UTC), MONDAY),
    ]
    assert [words(catalogue, moment, language) for moment in moments] == [
        [today],
        [tomorrow],
        [half_past],
    ]


@pytest.mark.parametrize(
    ("language", "half_past", "on_the_hour", "one"),
    [
        (DE, "am Sonntag / um sieben Uhr / dreissig", "am Sonntag / um neunzehn Uhr",
         "am Sonntag / um ein Uhr / eins"),
        (FR, "dimanche / à sept heures / trente minutes", "dimanche / à dix neuf heures",
         "dimanche / à une heure / une minute"),
        (IT, "domenica / alle sette / e trenta", "domenica / alle diciannove",
         "domenica / all'una / e uno"),
        (EN, "on Sunday / at seven / thirty", "on Sunday / at nineteen hundred hours",
         "on Sunday / at one / oh one"),
    ],
)  # fmt: skip
def test_a_moment_in_parts_is_a_sentence_too(
    catalogue: Catalogue, language: Language, half_past: str, on_the_hour: str, one: str
) -> None:
    now = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
    spoken = []
    for hour, minute in ((5, 30), (17, 0), (0, 1)):
        opens = datetime(2026, 3, 29, hour, minute, tzinfo=UTC)
        (piece,) = catalogue.value_pieces(Moment(opens, now), language)
        spoken.append(" / ".join(catalogue.spoken(each.text, language) for each in piece.instead))
        assert set(piece.instead) <= set(catalogue.vocabulary(language))
    assert spoken == [half_past, on_the_hour, one]


@pytest.mark.rule("B.3")
def test_tomorrow_is_a_matter_of_the_providers_calendar_not_of_utc(catalogue: Catalogue) -> None:
    """Half past midnight in Zurich is still yesterday in UTC."""
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    opens = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert words(catalogue, Moment(opens, now), DE) == ["heute um 8 Uhr"]


@pytest.mark.rule("B.3")
def test_across_the_change_of_the_clock_the_wall_time_is_told(catalogue: Catalogue) -> None:
    now = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)
    opens = datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
    assert words(catalogue, Moment(opens, now), DE) == ["am Montag um 9 Uhr"]


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        (DE, ["Reaktion in einer Stunde", "Reaktion in 6 Stunden", "ohne zugesagte Reaktionszeit"]),
        (FR, ["réaction en une heure", "réaction en 6 heures", "sans délai de réaction garanti"]),
        (
            IT,
            ["reazione entro un'ora", "reazione entro 6 ore", "senza tempo di reazione garantito"],
        ),
        (EN, ["reaction within one hour", "reaction within 6 hours", "no promised reaction time"]),
    ],
)
def test_a_promised_reaction_has_its_words(
    catalogue: Catalogue, language: Language, spoken: list[str]
) -> None:
    reactions = [
        FirstReaction(ReactionKind.HOURS, 1),
        FirstReaction(ReactionKind.HOURS, 6),
        FirstReaction(ReactionKind.BEST_EFFORT),
    ]
    found = [words(catalogue, reaction, language) for reaction in reactions]
    assert found == [[text] for text in spoken]


# The catalogue on its own -------------------------------------------------------------------------


def test_a_prompt_without_words_stops_the_start_and_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"de\.yaml greeting lacks"):
        _catalogue_missing_value()


@pytest.mark.rule("P.14")
def test_a_prompt_that_french_lacks_stops_the_start_and_is_named(tmp_path: Path) -> None:
    for file in resources.folder("prompts").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    french = tmp_path / "fr.yaml"
    french.write_text(re.sub(r"(?m)^  goodbye:.*\n", "", french.read_text()))
    with pytest.raises(ConfigurationError, match=r"fr\.yaml prompts lacks goodbye"):
        Catalogue.load(tmp_path)


def _catalogue_missing_value() -> Catalogue:
    found = Catalogue.load(resources.folder("prompts"))
    values: dict[str, dict[str, str]] = {str(key): {} for key in PromptKey}
    values["greeting"] = {"customer": "name"}
    return Catalogue(found._words, values, found._lexicon)
