"""Without a FastAGI server: Asterisk starts our scripts itself, under the Python of its own root."""

import pytest

from tests.lab import installation
from tests.lab.asterisk import Asterisk
from tests.lab.servers import lab_environment
from tests.lab.sipp import AwaitHangUp, HangUp, Pause, Press
from tests.lab.stage import STAGE_SETTINGS, Stage
from tests.story import attempt_results, outcome

pytestmark = pytest.mark.asterisk

SUITES = ("tests/pure", "tests/service/test_stories.py", "-k", "not twilio")
"""What the scripts run on: the rules, and the stories in the rehearsal and over AGI."""

OWN_FOLDER = f"--basetemp={installation.HOME}/test-files"
"""Else pytest tidies the root's /tmp up, where the folders of the running stages are mounted: what
looks empty and old from here is removed there, and their Asterisk loses its files."""

START_MS = 4000
"""Python and its imports, on a busy machine."""


@pytest.fixture(scope="module")
def installed(asterisk_parts: None) -> None:
    installation.install()


@pytest.mark.timeout(1000)  # three thousand tests of its own
def test_the_tests_pass_on_the_other_python(stage: Stage, installed: None) -> None:
    done = installation.run_in_root(
        ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", OWN_FOLDER, *SUITES],
        seconds=900,
    )
    print(installation.run_in_root(["python", "--version"]).stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert stage.asterisk.channels() >= 0, "the running stage lost its files"


def test_a_call_through_plain_scripts(stage: Stage, installed: None) -> None:
    stage.forget()
    folder = stage.scene() / "asterisk"
    folder.mkdir()
    environment = lab_environment(stage.data_dir) | STAGE_SETTINGS
    environment["PIKETT_CONFIG"] = str(installation.HOME / "config" / "pikett.toml")
    asterisk = Asterisk(
        folder,
        stage.data_dir,
        str(installation.COMMANDS),
        rtp=(26000, 27000),
        environment=environment,
    ).start()
    try:
        caller = stage.caller(
            "+41440001001",
            (Pause(START_MS + 2300), Press("1"), AwaitHangUp()),
            server_port=asterisk.sip_port,
        )
        line = stage.line(
            "9001",
            caller.folder,
            port=asterisk.line_ports["9001"],
            steps=(Pause(START_MS + 1500), Press("1"), Pause(START_MS), HangUp()),
        )
        line.start()
        caller.start().wait()
        line.wait()
        call_id = stage.wait_new_call()
        stage.wait_closed(call_id)
    finally:
        asterisk.stop()
    assert attempt_results(stage.app, call_id) == ["accepted"]
    assert outcome(stage.app, call_id) == ("bridged", True, "ordered")
