"""The sounds of prompts, for browsers and for carriers that fetch them.

A sound may say a customer's name or tell what the line will say tomorrow, and its name can be worked
out by whoever knows the words. So an address is signed and expires: see `ivr.links.SoundLinks`. It
stays the same within an hour and may be cached until its end, not longer. Whatever is wrong with one is
told in the same words as a sound that never was. Only the ringing tone is everybody's: it says nothing.
"""

import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, send_file

from ivr import resources
from ivr.callflow.prompts import Language, PromptKey
from ivr.links import SOUNDS
from ivr.voice import melody
from webhooks.container import pikett

blueprint = Blueprint("sounds", __name__, url_prefix=SOUNDS)
_DIGEST = re.compile(r"[0-9a-f]{32}")
_RECORDED = re.compile(rf"recorded/({'|'.join(Language)})/({'|'.join(PromptKey)})")
YEAR_SECONDS = 365 * 24 * 3600
MAY_CHANGE_SECONDS = 60
"""A sound named by its prompt can become another one; a digest means the same for ever."""


@blueprint.get("/<int:expires>/<signature>/<path:name>.wav")
def play(expires: int, signature: str, name: str) -> Response:
    """One piece, synthesised or recorded, with seeking."""
    seconds = pikett().sound_links.seconds_left(name, expires, signature)
    path = _file_of(name)
    if not seconds or path is None or not path.is_file():
        abort(404)
    if not _DIGEST.fullmatch(name):
        seconds = min(seconds, MAY_CHANGE_SECONDS)
    response = send_file(path, mimetype="audio/wav", conditional=True, max_age=seconds)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _file_of(name: str) -> Path | None:
    """A sound's file; a recording of the release comes before what was made of it."""
    sounds = pikett().settings.path("sounds")
    if _DIGEST.fullmatch(name):
        return sounds / name[:2] / f"{name}.wav"
    found = _RECORDED.fullmatch(name)
    if found is None:
        return None
    released = resources.folder("prompts") / "recordings" / found[1] / f"{found[2]}.wav"
    return released if released.is_file() else sounds / f"{name}.wav"


@blueprint.get("/ringing.wav")
def ringing() -> Response:
    """What a parked caller hears while telephones ring for him."""
    response = Response(_ringing(), mimetype="audio/wav")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}"
    return response


_ringing = cache(melody.ringing)
