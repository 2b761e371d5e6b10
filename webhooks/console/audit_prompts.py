"""What the audit log tells of prompts, in words: which version, and from when."""

import re
from datetime import datetime

from ivr.contracts.windows import local_time
from webhooks.console.words import Translate

BEGINS = "prompt_"
"""Every action that changes what the line says."""
_VERSION = re.compile(r"\bversion (\d+)(?: as (\d+))?")
_FROM = re.compile(r"\bfrom (\S+)")
_SHIPPED = "to what is shipped"


def prompt_subject(t: Translate, key: str) -> str:
    """Prompt greeting, Deutsch."""
    name, _, language = key.partition(" ")
    return t("audit.prompt", key=name, language=t(f"language.{language}"))


def prompt_detail(t: Translate, detail: str) -> str:
    """Fassung 3, ab 23.11.2026 18:00."""
    told = []
    if version := _VERSION.search(detail):
        told.append(t("prompts.version", number=version[2] or version[1]))
    if begins := _FROM.search(detail):
        at = local_time(datetime.fromisoformat(begins[1]))
        told.append(t("audit.prompt_from", at=f"{at:%d.%m.%Y %H:%M}"))
    if detail == _SHIPPED:
        told.append(t("audit.prompt_shipped"))
    return ", ".join(told)
