"""`pikett call` played by hand, and calls told as stories that can be played again."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivr.services.script import (
    HangUpNow,
    Keys,
    Message,
    NoKey,
    Ring,
    Token,
    format_token,
    parse_script,
    parse_token,
)
from tests.service.terminal import ACCEPTED, AT, PREMIUM, Pikett, pikett, spoken_data_dir
from tests.story import load_story

FIXTURES = (pikett, spoken_data_dir)


def test_a_call_by_hand_in_words(pikett: Pikett) -> None:
    ended = pikett("call", "--from", PREMIUM, "--at", AT, typed="1\n/timeout\n/dial accept\n")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Call from {PREMIUM}, Monday 23 November 2026, 10:00.")
    for words in (
        "caller hears (",
        "would ring +41440009001 at 10:00:",
        "rung hears (",
        "Support-Anruf. Bäckerei Sonnenschein, Baden, winCall premium",
        "Anna Meier: accepted",
        "Result: bridged, ticket ",
    ):
        assert words in ended.out


def test_what_may_be_typed_is_said_at_each_point(pikett: Pikett) -> None:
    typed = "1\n\n/dial no-answer\n/dial busy\n/dial decline\n/dial no-answer\n/message 4\n"
    out = pikett("call", "--from", PREMIUM, "--at", AT, typed=typed).out
    assert out.count("digits, Enter or /timeout for no key, /hangup> ") == 2
    assert out.count("/dial accept|decline|busy|no-answer|no-key, /hangup> ") == 4
    assert out.count("# or /message SECONDS, /hangup> ") == 1
    assert "Result: message, ticket " in out


@pytest.mark.parametrize(
    ("typed", "result"),
    [
        ("1\n\n/hangup\n", "missed"),
        ("/hangup\n", "abandoned"),
        ("1\n/hangup\n", "abandoned"),
        ("", "abandoned"),
        ("2\n", "withdrawn"),
        ("\n\n\n/dial accept\n", "bridged"),
        ("4\n#\n", "message"),
    ],
)
def test_the_commands_do_what_they_say(pikett: Pikett, typed: str, result: str) -> None:
    out = pikett("call", "--from", PREMIUM, "--at", AT, typed=typed).out
    assert f"\nResult: {result}" in out


@pytest.mark.parametrize(
    "line", ["/dial", "/dial perhaps", "/answer", "hello", "1 2", "/message x"]
)
def test_a_slip_of_the_finger_is_asked_for_again(pikett: Pikett, line: str) -> None:
    ended = pikett("call", "--from", PREMIUM, "--at", AT, typed=f"{line}\n2\n")
    assert ended.code == 0
    assert "(here: digits and Enter, /timeout, /dial RESULT" in ended.err
    assert "Result: withdrawn" in ended.out


def test_by_hand_the_json_stays_clean(pikett: Pikett) -> None:
    """The questions are asked aside."""
    ended = pikett("call", "--from", PREMIUM, "--at", AT, "--json", typed="1\n\n/dial accept\n")
    assert ended.lines[-1]["result"] == "bridged"


# As a story ---------------------------------------------------------------------------------------


def test_a_story_can_be_played_again_and_tells_the_same(pikett: Pikett, tmp_path: Path) -> None:
    told = pikett("call", *ACCEPTED, "--story").out
    path = tmp_path / "told.yaml"
    path.write_text(told)
    story = load_story(path)
    assert story.expected["result"] == "bridged"
    assert story.expected["attempts"] == ["accepted"]
    again = pikett(
        "call", "--from", story.caller, "--at", story.at, "--keys", story.keys, "--story"
    )
    assert again.out == told


def test_a_story_played_by_hand_has_its_tokens(pikett: Pikett) -> None:
    typed = "1\n\n/dial decline\n/dial accept\n"
    by_hand = yaml.safe_load(
        pikett("call", "--from", PREMIUM, "--at", AT, "--story", typed=typed).out
    )
    assert by_hand["keys"] == "1 - dial:2 dial:1"
    again = pikett("call", "--from", PREMIUM, "--at", AT, "--keys", by_hand["keys"], "--story")
    assert yaml.safe_load(again.out) == by_hand


LEGS = st.sampled_from(["1", "2", "3", "91", "-", "no-answer", "busy", "failed", "gone", "9-"])
TOKENS = st.one_of(
    st.just(NoKey()),
    st.just(HangUpNow()),
    st.just(Keys("#")),
    st.builds(Keys, st.text("0123456789*ABCD", min_size=1, max_size=11), st.booleans()),
    st.builds(Message, st.integers(0, 3600).map(float), st.booleans()),
    st.builds(Ring, st.lists(LEGS, min_size=1, max_size=3).map(tuple)),
)


@given(st.lists(TOKENS, max_size=5))
def test_every_token_has_a_word_that_is_read_as_this_token(tokens: list[Token]) -> None:
    assert [parse_token(format_token(token)) for token in tokens] == tokens
    assert parse_script(" ".join(format_token(token) for token in tokens)) == tokens
