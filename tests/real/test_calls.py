"""Stories on a real Asterisk, with SIPp as caller and as whoever is rung."""

import pytest

from tests.lab.stage import Stage
from tests.players import asterisk_player, rehearsal_player
from tests.story import STORIES, Story, attempt_results, event_log, outcome

pytestmark = pytest.mark.asterisk


@pytest.mark.rule("P.8")
@pytest.mark.parametrize("story", [story for story in STORIES if story.real], ids=str)
def test_the_same_story_on_a_real_asterisk(stage: Stage, story: Story) -> None:
    rehearsed, _ = rehearsal_player.play(stage.app, story)
    played = asterisk_player.play(stage, story)
    assert event_log(stage.app, played) == event_log(stage.app, rehearsed)
    assert attempt_results(stage.app, played) == attempt_results(stage.app, rehearsed)
    assert outcome(stage.app, played) == outcome(stage.app, rehearsed)
