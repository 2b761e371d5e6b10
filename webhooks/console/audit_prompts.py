"""What the audit log tells of prompts, in words: a text or a recording, which version, from when."""

import re
from datetime import datetime

from ivr.contracts.windows import local_time
from webhooks.console.words import Translate

BEGINS = "prompt_"
"""Every action that changes what the line says."""
_VERSION = re.compile(r"\bversion (\d+)(?: as (\d+))?")
_FROM = re.compile(r"\bfrom (\S+)")
_KIND = re.compile(r"(text|recording) (.*)")
"""Entries of earlier releases do not say it."""
_SHIPPED = "to what is shipped"
_SENTENCES = {
    ("prompt_published", "text"): "audit.prompt_published_text",
    ("prompt_published", "recording"): "audit.prompt_published_recording",
    ("prompt_reset", "recording"): "audit.prompt_synthesised",
}


def prompt_subject(t: Translate, key: str) -> str:
    """Prompt greeting, Deutsch."""
    name, _, language = key.partition(" ")
    return t("audit.prompt", key=name, language=t(f"language.{language}"))


def prompt_sentence(action: str, detail: str) -> str | None:
    """The words of a sentence of its own; without a recording one hears the synthetic voice."""
    kind = _KIND.fullmatch(detail)
    if kind is None:
        return None
    if (action, detail) == ("prompt_rolled_back", f"recording {_SHIPPED}"):
        action = "prompt_reset"
    return _SENTENCES.get((action, kind[1]))


def prompt_detail(t: Translate, detail: str) -> str:
    """Fassung 3, ab 23.11.2026 18:00."""
    told = []
    if kind := _KIND.fullmatch(detail):
        told.append(t(f"audit.prompt_{kind[1]}"))
    if version := _VERSION.search(detail):
        told.append(t("prompts.version", number=version[2] or version[1]))
    if begins := _FROM.search(detail):
        at = local_time(datetime.fromisoformat(begins[1]))
        told.append(t("audit.prompt_from", at=f"{at:%d.%m.%Y %H:%M}"))
    if detail in (_SHIPPED, f"text {_SHIPPED}"):
        told.append(t("audit.prompt_shipped"))
    return ", ".join(told)
