"""Uploads of recordings: a file from a disk, or what the browser's microphone has heard."""

import errno
import tempfile
from io import BytesIO
from pathlib import Path

from flask import Response, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.prompt_records import EntryDetail, PromptRefusedError, Reason, SavedRecording
from webhooks.console.access import allowed, current_person, current_visit
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.console.prompt_page import address_of_prompt, detail_of, prompt_page
from webhooks.console.prompt_words import refused, warned
from webhooks.container import pikett

ENDPOINT = "console.record_prompt"
MEGABYTE = 1_000_000
ROUND_THE_FILE = MEGABYTE
"""For the other fields of the form and what stands between them."""
READ_AT_MOST = 200 * MEGABYTE
"""A browser hears the answer to a file that is too large only once it has sent it."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def make_room() -> AnyResponse | None:
    """Before a form is read: an admin may send more than everybody else; too much is told so."""
    visit = current_visit() if request.endpoint == ENDPOINT else None
    if visit is None or visit.person.role is not Role.ADMIN:
        return None
    most = pikett().settings.uploads.largest_megabytes * MEGABYTE + ROUND_THE_FILE
    request.max_content_length = most
    if visit.expired or (request.content_length or 0) <= most:
        return None
    _read_away()
    values = {"megabytes": str(pikett().settings.uploads.largest_megabytes)}
    detail = detail_of(**(request.view_args or {}))
    return _refuse(detail, PromptRefusedError(Reason("too_large", values)))


@blueprint.post("/prompts/<key>/<language>/recording")
@allowed(Role.ADMIN)
def record_prompt(key: str, language: str) -> AnyResponse:
    """A draft of one sentence; it is listened to before it is published."""
    detail, said = detail_of(key, language), request.form.get("words", "")
    try:
        saved = _save(detail, said)
    except PromptRefusedError as error:
        return _refuse(detail, error)
    for warning in warned(saved.warnings):
        flash(warning, "warning")
    flash(words()("prompts.done.recorded", number=saved.version_id, seconds=f"{saved.seconds:.1f}"))
    return _to(detail, said, saved.version_id)


def _save(detail: EntryDetail, said: str) -> SavedRecording:
    upload, note = request.files.get("recording"), request.form.get("note", "")
    if upload is None or not upload.filename:
        raise PromptRefusedError(Reason("no_file"))
    entry = detail.entry
    try:
        with tempfile.TemporaryDirectory(prefix="pikett-upload-") as folder:
            source = Path(folder) / "upload"
            upload.save(source)
            return pikett().prompts.save_recording(
                entry.key, entry.language, said, source, current_person(), note
            )
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise PromptRefusedError(Reason("no_space")) from error


def _to(detail: EntryDetail, said: str, number: int) -> AnyResponse:
    address = address_of_prompt(detail.entry.key, detail.entry.language, said, number)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _refuse(detail: EntryDetail, error: PromptRefusedError) -> Response:
    """Beside the field; for a script just the reasons."""
    reasons = refused(error.reasons)
    if request.headers.get("HX-Request"):
        return render("console/prompt_reasons.html", reasons=reasons)
    return prompt_page(detail, 400, wrong={f"upload-{request.args.get('at')}": reasons})


def _read_away() -> None:
    """Of what is too large, as much as one can wait for; afterwards it is an empty form."""
    left = min(request.content_length or 0, READ_AT_MOST)
    incoming = request.environ["wsgi.input"]
    while left > 0 and (block := incoming.read(min(left, 1 << 20))):
        left -= len(block)
    request.environ |= {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"}
