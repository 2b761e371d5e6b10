"""What an admin is told about his texts and recordings, in his language."""

from functools import cache
from typing import Any

from ivr import resources
from ivr.callflow.prompts import Language
from ivr.services.prompt_records import Reason
from ivr.voice.upload_words import refusal_words as upload_refusal
from ivr.voice.upload_words import warning_words as upload_warning


def refusal_words(reason: Reason, language: Language) -> str:
    """Why nothing was changed, and what to do."""
    words = _words()[language]["refused"].get(reason.code)
    if words is None:
        return upload_refusal(reason.code, reason.values, language)
    return str(words).format_map(reason.values)


def warning_words(reason: Reason, language: Language) -> str:
    """What to mind about something that was saved."""
    words = _words()[language]["warnings"].get(reason.code)
    if words is None:
        return upload_warning(reason.code, language)
    return str(words).format_map(reason.values)


@cache
def _words() -> Any:
    return resources.load_yaml(resources.folder("prompts") / "prompting.yaml")
