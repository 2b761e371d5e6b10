"""What is in use at an instant, how one goes back, and what prices take out of use."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.callflow.prompts import Language, PromptKey
from ivr.wording.shelf import (
    Publication,
    Slot,
    Version,
    in_use,
    on_air,
    outdated,
    scheduled,
    spans_of,
    step_back,
)
from ivr.wording.templates import faults_of, tidy

T0 = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = Slot(PromptKey.GREETING, Language.DE)
WORDS = "Fehler gratis, sonst 180 Franken."
NOTICE = Slot(PromptKey.NOTICE_WORK, Language.DE, WORDS)
OLD, NEW = "tariffs 1", "tariffs 2"


def minutes(count: float) -> datetime:
    return T0 + timedelta(minutes=count)


def published(
    *what: tuple[int | None, float], slot: Slot = TEXT, withdrawn: int = 0
) -> list[Publication]:
    """Versions and the minutes from which they are heard, in the order of publishing."""
    return [
        Publication(
            number, slot, version, minutes(at), T0, "A", T0 if number == withdrawn else None
        )
        for number, (version, at) in enumerate(what, start=1)
    ]


def text(number: int, words: str = "Guten Tag.") -> Version:
    return Version(number, TEXT.key, TEXT.language, words, None, None, 1.0, T0, "A")


def recording(number: int, prices: str | None = OLD) -> Version:
    return Version(number, NOTICE.key, NOTICE.language, WORDS, f"d{number}", prices, 4.0, T0, "A")


def versions(*those: Version) -> dict[int, Version]:
    return {each.id: each for each in those}


def in_use_at(publications: list[Publication], at: float) -> int | None:
    found = in_use(publications, minutes(at))
    return found.version_id if found else None


# In use ---------------------------------------------------------------------------------------------


def test_the_newest_that_has_begun_is_heard_and_the_first_instant_counts() -> None:
    those = published((1, 0), (2, 10))
    heard = [in_use_at(those, at) for at in (-1, 0, 9.99, 10)]
    assert heard == [None, 1, 1, 2]


def test_of_two_published_for_the_same_instant_the_later_made_is_heard() -> None:
    assert in_use_at(published((1, 5), (2, 5)), 5) == 2


def test_what_was_scheduled_later_but_begins_earlier_does_not_win_over_what_began_after_it() -> (
    None
):
    assert in_use_at(published((1, 10), (2, 5)), 11) == 1


def test_a_withdrawn_one_is_never_heard() -> None:
    those = published((1, 0), (2, 10), withdrawn=2)
    assert in_use_at(those, 11) == 1
    assert scheduled(those, T0) == ()


def test_back_to_the_shipped_text_leaves_nothing_in_use() -> None:
    those = published((1, 0), (None, 10))
    assert on_air(those, versions(text(1)), minutes(11), NEW).texts == {}


def test_the_next_change_is_known_beforehand() -> None:
    those = published((1, 0), (2, 10), (3, 5))
    found = on_air(those, versions(text(1), text(2), text(3)), T0, NEW)
    assert found.texts == {TEXT: "Guten Tag."}
    assert found.until == minutes(5)


def test_a_text_that_no_longer_names_the_right_values_gives_way_to_the_shipped_one() -> None:
    those = published((1, 0))
    assert on_air(those, versions(text(1)), T0, NEW, lambda _: False).texts == {}


# Prices ---------------------------------------------------------------------------------------------


def test_a_recording_is_heard_while_its_prices_are_those_of_the_line() -> None:
    those, known = published((1, 0), slot=NOTICE), versions(recording(1))
    assert on_air(those, known, T0, OLD).recordings == {NOTICE: "d1"}
    assert on_air(those, known, T0, NEW).recordings == {}
    assert outdated(those, known, T0, OLD) == ()
    assert outdated(those, known, T0, NEW) == (known[1],)


def test_the_old_prices_put_it_back_into_use() -> None:
    those, known = published((1, 0), slot=NOTICE), versions(recording(1))
    there_and_back = [bool(on_air(those, known, T0, each).recordings) for each in (OLD, NEW, OLD)]
    assert there_and_back == [True, False, True]


def test_a_recording_without_prices_outlives_them() -> None:
    those, known = published((1, 0), slot=NOTICE), versions(recording(1, prices=None))
    assert on_air(those, known, T0, NEW).recordings == {NOTICE: "d1"}


# Back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "before"),
    [
        ([1], None),
        ([1, 2], 1),
        ([1, 2, 3], 2),
        ([1, 2, 3, 2], 1),
        ([1, 2, 3, 2, 1], None),
        ([1, None, 2], None),
        ([1, 1], None),
    ],
)
def test_each_step_back_goes_one_further(history: list[int | None], before: int | None) -> None:
    those = published(*((each, at) for at, each in enumerate(history)))
    known = versions(text(1), text(2), text(3))
    assert step_back(those, known, minutes(60), NEW) == before


def test_a_step_back_passes_over_recordings_of_other_prices() -> None:
    those = published((1, 0), (2, 1), (3, 2), slot=NOTICE)
    known = versions(recording(1, NEW), recording(2, OLD), recording(3, NEW))
    assert step_back(those, known, minutes(60), NEW) == 1
    only_old = versions(recording(1, OLD), recording(2, OLD), recording(3, NEW))
    assert step_back(those, only_old, minutes(60), NEW) is None


# What may have been heard ---------------------------------------------------------------------------


def test_a_version_is_heard_from_its_publication_to_the_next_one() -> None:
    those = published((1, 0), (2, 10), (1, 20))
    assert spans_of(those, 1) == ((minutes(0), minutes(10)), (minutes(20), None))
    assert spans_of(those, 2) == ((minutes(10), minutes(20)),)
    assert spans_of(those, 3) == ()


def test_what_was_replaced_before_it_began_was_never_heard() -> None:
    assert spans_of(published((1, 5), (2, 5)), 1) == ()
    assert spans_of(published((1, 5), withdrawn=1), 1) == ()


# Texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        ("Ihr Ticket ist {ticket}.", []),
        ("", ["text_empty", "missing_variable"]),
        ("{ticket}", ["text_empty"]),
        ("Ihr Ticket.", ["missing_variable"]),
        ("Ticket {ticket} für {name}.", ["unknown_variable"]),
        ("Ticket {ticket}, {ticket}.", ["variable_twice"]),
        ("Ticket {ticket} kostet 90 Franken.", ["price_written"]),
        ("Ticket {ticket}, Fr. 90.", ["price_written"]),
        ("Le ticket {ticket} coûte nonante francs.", ["price_written"]),
        ("Ticket {ticket}, 90 €.", ["price_written"]),
        ("Ticket {ticket}, 150.–.", ["price_written"]),
        ("Ticket {ticket}, 150.- die Stunde.", ["price_written"]),
        ("Ticket {ticket}, 150 Fr. die Stunde.", ["price_written"]),
        ("Ticket {ticket}, Fr 150, sonst nichts.", ["price_written"]),
        ("Ticket {ticket}, sFr. 150.", ["price_written"]),
        ("Ticket {ticket}, CHF150.", ["price_written"]),
        ("Ticket {ticket}, 150EUR.", ["price_written"]),
        ("Ticket {ticket}, 150 Frs.", ["price_written"]),
        ("Ticket {ticket}, Mo-Fr 8-12 Uhr.", []),
        ("Ticket {ticket}, Montag bis Fr 17 Uhr.", []),
        ("Ticket {ticket}, Mo.–Fr. 8.30 bis 17.30 Uhr.", []),
        ("Ticket {ticket}, Fr 17 Uhr.", []),
        ("Ticket {ticket}, Euronet und Frankfurt 3.", []),
        ("Ticket {ticket:}.", ["braces"]),
        ("Ticket {ticket}, en français.", []),
        ("Ticket {ticket} <break/>", ["markup"]),
        ("Ticket {ticket} &nbsp; ja", ["markup"]),
        ("Müller & Söhne {ticket}", []),
        ("Ticket {ticket", ["braces"]),
        ("Ticket {ticket!r}", ["braces"]),
        ("Ticket {ticket:9}", ["braces"]),
        ("Ticket {{ticket}}", ["braces", "missing_variable"]),
        ("Ticket {} {ticket}", ["braces"]),
        ("Ticket {ticket.digits}", ["braces", "missing_variable"]),
        ("Ticket\u202e {ticket}", ["unprintable"]),
        ("Ticket\x00 {ticket}", ["unprintable"]),
        ("Tic\u00adket {ticket}", ["unprintable"]),
        ("Ticket\u2060 {ticket}", ["unprintable"]),
        ("Ticket {ticket}\U000e0041", ["unprintable"]),
        ("Zürich, Genève: «Ticket» {ticket} – danke …", []),
        ("a" * 10_000 + "{ticket}", ["text_too_long"]),
    ],
)
def test_everything_that_is_wrong_with_a_text_is_said(template: str, codes: list[str]) -> None:
    found = faults_of(template, {"ticket"}, 600)
    assert sorted(code for code, _ in found) == sorted(codes)


def test_a_fault_names_what_it_is_about() -> None:
    found = dict(faults_of("Für {nmae}: <b>", {"name"}, 600))
    assert found["unknown_variable"] == {"name": "nmae"}
    assert found["missing_variable"] == {"name": "name"}
    assert found["markup"] == {"found": "<"}


def test_lines_and_double_spaces_are_one_space() -> None:
    assert tidy("  Guten\n Tag.  ") == "Guten Tag."
