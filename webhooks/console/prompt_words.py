"""How prompts are told on their pages: states, where they are used, what their variables are."""

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.services.prompt_records import Described, Reason, State
from ivr.voice.prompt_words import refusal_words, warning_words
from ivr.voice.shelf import example_of
from webhooks.console.pages import page_language, words
from webhooks.container import pikett

SYMBOLS = {
    State.MISSING: "✕",
    State.OUTDATED: "▲",
    State.SCHEDULED: "◷",
    State.SYNTHESISED: "○",
    State.RECORDED: "●",
}
TONES = {
    State.MISSING: "danger",
    State.OUTDATED: "warning",
    State.SCHEDULED: "primary",
    State.SYNTHESISED: "secondary",
    State.RECORDED: "success",
}
WORST_FIRST = tuple(SYMBOLS)
AREAS = {
    "start": (
        "language_menu",
        "greeting",
        "ask_support",
        "support_code",
        "ask_location",
        "location_",
        "open_ticket",
        "no_contract",
    ),
    "disturbance": ("disturbance", "inform_"),
    "notice": (
        "notice_",
        "ask_unreachable",
        "ask_no_maintenance",
        "confirm_",
        "ask_code",
        "choose_",
        "ordered",
        "withdrawn",
    ),
    "waiting": ("still_trying", "technician", "hold", "connecting_", "nobody_"),
    "end": ("ask_message", "message_", "ticket_number", "bridge_", "goodbye", "apology"),
    "leg": ("whisper", "leg_", "already_taken", "follow_up", "caller_left"),
    "alert": ("alert",),
    "callback": ("callback",),
    "readiness": ("readiness",),
    "recording": ("record",),
}
"""Where a prompt is heard, by how its key begins."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a text must name: how it is written, what it is, and how it may sound."""

    mark: str
    kind: str
    example: str


def area_of(key: PromptKey) -> str:
    """The part of the line that says it."""
    return next((area for area, begins in AREAS.items() if key.startswith(begins)), "other")


def purpose_of(key: PromptKey, shipped: str) -> str:
    """In the language of the page; what the catalogue says where nobody has translated it."""
    text = words()(f"prompts.purpose.{key}")
    return shipped if text.startswith("prompts.purpose.") else text


def variables_of(described: Described, language: Language) -> list[Variable]:
    """Each with its explanation."""
    return [_variable(name, kind, language) for name, kind in described.values.items()]


def _variable(name: str, kind: str, language: Language) -> Variable:
    mark = f"{{{name}}}"
    prompt = Prompt(PromptKey.GREETING, language, ((name, example_of(name, kind)),))
    return Variable(mark, kind, pikett().catalogue.fill(mark, prompt))


def refused(reasons: Iterable[Reason]) -> list[str]:
    """Why nothing was done, in words."""
    language = Language(page_language())
    return [_own(reason) or refusal_words(reason, language) for reason in reasons]


def warned(reasons: Iterable[Reason]) -> list[str]:
    """What to mind; what is not known any more without its values is left out."""
    language = Language(page_language())
    told = [each for each in reasons if each.code != "longer" or each.values]
    return [warning_words(each, language) for each in told]


def _own(reason: Reason) -> str:
    """What only these pages refuse."""
    key = f"prompts.wrong.{reason.code}"
    text = words()(key)
    return "" if text == key else text
