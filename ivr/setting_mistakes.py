"""Naming what is wrong with the settings: setting, value and source, but no secret."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

KEYS = {"pepper", "link_key", "consent_key", "form_key", "authenticator_key"}
NO_SETTINGS = frozenset({"config", *KEYS})
"""Variables with our prefix that are no settings: the file, and the keys of the secret store."""
FURTHER_PEPPER = re.compile(r"pepper_[0-9]+")
OF_TESTS = "test_"
HIDDEN = "…"


def unknown_variables(settings: type[BaseModel], prefix: str) -> list[str]:
    """Names with our prefix that mean nothing; pydantic passes over those outside a section."""
    return [
        _mistake(name[len(prefix) :].lower(), HIDDEN, f"environment {name}", "no such setting")
        for name in sorted(os.environ)
        if name.upper().startswith(prefix) and not _means_something(name[len(prefix) :], settings)
    ]


def _means_something(name: str, settings: type[BaseModel]) -> bool:
    first = name.lower().split("__")[0]
    known = first in settings.model_fields or first in NO_SETTINGS
    return known or first.startswith(OF_TESTS) or FURTHER_PEPPER.fullmatch(first) is not None


def explain(problem: Any, settings: type[BaseModel], prefix: str, file: Path | None) -> str:
    """One of pydantic's errors as a sentence."""
    names = [str(name) for name in problem["loc"]]
    shown = repr(problem["input"]) if _may_be_shown(names, settings) else HIDDEN
    return _mistake(".".join(names), shown, _source(names, prefix, file), problem["msg"])


def _mistake(name: str, value: str, source: str, why: str) -> str:
    return f"settings: {name} = {value} ({source}): {why}"


def _source(names: Sequence[str], prefix: str, file: Path | None) -> str:
    """The variable that sets it, or the section it is in; else the file."""
    given = {name.upper() for name in os.environ}
    for count in range(len(names), 0, -1):
        variable = prefix + "__".join(names[:count]).upper()
        if variable in given:
            return f"environment {variable}"
    return str(file or "defaults")


def _may_be_shown(names: Sequence[str], settings: type[BaseModel]) -> bool:
    """No secret, and nothing that is one by a slip of the pen: a wrong name, a wrong place."""
    field = settings.model_fields.get(names[0])
    section = field.annotation if field is not None else None
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        return field is not None and field.repr
    kinds = {name: inner.annotation for name, inner in section.model_fields.items()}
    if SecretStr not in kinds.values():
        return True
    return len(names) > 1 and kinds.get(names[1], SecretStr) is not SecretStr
