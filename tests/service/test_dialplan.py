"""What the delivered dialplan and the TwiML promise whoever is rung or talks: our number, no recorder."""

import re
from collections.abc import Iterator

import pytest

from ivr import resources
from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.players.agi_player import AgiPlayer
from tests.service.twilio_line import Line
from tests.story import FOLDER, load_story

FILE = resources.folder("config") / "asterisk" / "extensions_pikett.conf"
LINE = "+41440001100"
SHOWN = 'Set(CALLERID(all)="" <${PIKETT_LINE_NUMBER}>)'
RECORDERS = {"Monitor", "MixMonitor", "ChanSpy", "ExtenSpy", "Record"}
ON_REQUEST = set("wWxX")
"""Options of Dial with which one of the two can start a recorder."""


def contexts() -> Iterator[tuple[str, list[str]]]:
    """Each context with the applications of its lines, comments left out."""
    for part in re.split(r"(?m)^\[", FILE.read_text())[1:]:
        name, _, body = part.partition("]")
        steps = re.findall(
            r"(?m)^(?:exten|\s*same) => [^;]*?(?:,\d+|n(?:\(\w+\))?),(\w+\(.*)$", body
        )
        yield name, steps


def options(dial: str) -> str:
    """The letters in the third argument of Dial, without what stands in parentheses after them."""
    plain = _without(r"\$\{[^{}]*\}", dial).removeprefix("Dial(").removesuffix(")")
    arguments = _without(r"\([^()]*\)", plain).split(",", 2)
    return arguments[2] if len(arguments) == 3 else ""


def _without(pattern: str, text: str) -> str:
    """Innermost first."""
    while (less := re.sub(pattern, "", text)) != text:
        text = less
    return text


@pytest.mark.rule("B.6")
@pytest.mark.parametrize("name", ["pikett-ring", "pikett-fallback"])
def test_whoever_is_rung_is_shown_the_number_of_the_line(name: str) -> None:
    steps = dict(contexts())[name]
    (rings,) = [place for place, step in enumerate(steps) if step.startswith("Dial(")]
    shown = [step for step in steps[:rings] if "CALLERID(" in step and step.startswith("Set(CALL")]
    assert shown == [SHOWN]


@pytest.mark.rule("B.6")
def test_over_twilio_too(app: Application, clock: FrozenClock) -> None:
    line = Line(app, clock).ordered()
    assert line.document is not None
    (dial,) = line.document.iter("Dial")
    assert dial.attrib["callerId"] == LINE


@pytest.mark.rule("Q11")
def test_no_bridge_has_a_recorder() -> None:
    """The only one records what a caller says to the fallback after its tone."""
    found = [
        (name, step.partition("(")[0])
        for name, steps in contexts()
        for step in steps
        if step.partition("(")[0] in RECORDERS
    ]
    assert found == [("pikett-fallback", "Record")]
    dials = [step for _, steps in contexts() for step in steps if step.startswith("Dial(")]
    assert sorted(map(options, dials)) == ["", "", "S", "gUF", "gr"]
    assert not [dial for dial in dials if ON_REQUEST & set(options(dial))]


@pytest.mark.rule("Q11")
def test_the_application_asks_for_none_either(app: Application, clock: FrozenClock) -> None:
    player = AgiPlayer(app, clock, load_story(FOLDER / "accepted.yaml"))
    player.play()
    assert not [each for each in player.caller.commands if "RECORD" in each or "MONITOR" in each]
    asked = options(f"Dial({player.caller.variables['PIKETT_DIAL']})")
    assert asked == "grL"
