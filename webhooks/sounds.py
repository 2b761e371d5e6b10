"""The sounds of prompts, for browsers and for carriers that fetch them.

A synthesised sound's name is a digest of its content, so it can be cached for ever; a recorded
prompt keeps its name and is asked for again.
"""

import re
from pathlib import Path

from flask import Blueprint, Response, abort, send_file

from ivr import resources
from ivr.callflow.prompts import Language, PromptKey
from webhooks.container import pikett

blueprint = Blueprint("sounds", __name__, url_prefix="/sounds")
_DIGEST = re.compile(r"[0-9a-f]{32}")
YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/<digest>.wav")
def synthesised(digest: str) -> Response:
    """A synthesised piece."""
    if not _DIGEST.fullmatch(digest):
        abort(404)
    path = pikett().settings.path("sounds", digest[:2], f"{digest}.wav")
    return _wav(path, YEAR_SECONDS)


@blueprint.get("/recorded/<language>/<key>.wav")
def recorded(language: str, key: str) -> Response:
    """A recorded prompt, or a sound of ours that is none of words."""
    if language not in list(Language) or key not in list(PromptKey):
        abort(404)
    path = resources.folder("prompts") / "recordings" / language / f"{key}.wav"
    made = pikett().settings.path("sounds", "recorded", language, f"{key}.wav")
    return _wav(path if path.is_file() else made, 60)


def _wav(path: Path, max_age: int) -> Response:
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype="audio/wav", conditional=True, max_age=max_age)
    response.headers["Accept-Ranges"] = "bytes"
    return response
