"""The loop of every child process that speaks: one JSON utterance per line in, one line out for each.

Each is spoken in a fork of its own: an engine's pauses may depend on what the same process spoke
before, and one that crashes takes nothing with it. A line "done FILE" is a finished sound, any other a
complaint; the exit code says what the complaint was about.
"""

import json
import os
import sys
from collections.abc import Callable

from ivr.errors import EngineDownError

SOME_FAILED, UNWRITABLE, DOWN = 1, 101, 102
"""Exit codes: texts without a sound, no room for sounds, an engine that gives none."""

MOST_FAILURES_IN_A_ROW = 3


def serve(speak: Callable[..., None]) -> int:
    """Speak every line of standard input, until nobody waits for it or it makes no sense any more."""
    failed, downs, parent = False, 0, os.getppid()
    for line in sys.stdin:
        if os.getppid() != parent:
            break
        code = _in_a_fork(speak, line)
        if code == UNWRITABLE:
            return code
        failed = failed or code != 0
        downs = downs + 1 if code == DOWN else 0
        if downs == MOST_FAILURES_IN_A_ROW:
            return DOWN
    return DOWN if downs else SOME_FAILED * failed


def _in_a_fork(speak: Callable[..., None], line: str) -> int:
    child = os.fork()
    if child == 0:
        code = SOME_FAILED
        try:
            code = _spoken(speak, line)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _spoken(speak: Callable[..., None], line: str) -> int:
    utterance = json.loads(line)
    try:
        speak(**utterance)
    except OSError as error:
        _say(f"{type(error).__name__}: {error.strerror}")
        return UNWRITABLE
    except EngineDownError as error:
        _say(str(error))
        return DOWN
    except Exception as error:  # noqa: BLE001 - the parent turns it into a SpeechError
        _say(f"{type(error).__name__}: {error}")
        return SOME_FAILED
    _say(f"done {utterance['stem']}.wav")
    return 0


def _say(line: str) -> None:
    """In one write: several children share one pipe."""
    os.write(sys.stdout.fileno(), (" ".join(line.split("\n")) + "\n").encode())
