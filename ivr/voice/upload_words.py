"""What an admin is told about an upload, in his language: refusals, warnings, the picture's words."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from ivr import resources
from ivr.callflow.prompts import Language


def refusal_words(code: str, values: Mapping[str, str], language: Language) -> str:
    """Why an upload was refused and what to do."""
    return str(_words()[language]["refused"][code]).format_map(values)


def warning_words(code: str, language: Language) -> str:
    """What to mind about an upload that was taken over."""
    return str(_words()[language]["warnings"][code])


def picture_words(part: str, language: Language, **values: int) -> str:
    """What the picture of a wave shows, for whoever does not see it."""
    return str(_words()[language]["picture"][part]).format_map(values)


@cache
def _words() -> Any:
    return resources.load_yaml(resources.folder("prompts") / "uploads.yaml")
