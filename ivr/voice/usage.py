"""Where a prompt is said: read from the source, so that nobody has to keep a list by hand."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ivr.callflow.prompts import PromptKey

_PACKAGE = Path(__file__).resolve().parent.parent
_FALLBACK = _PACKAGE / "voice" / "fallback_sounds.py"
_DECLARED_IN = "prompts.py"


@cache
def where_used() -> Mapping[str, tuple[str, ...]]:
    """Module and function of everything that names a prompt, by its key."""
    found: dict[str, dict[str, None]] = {}
    for path in (*sorted((_PACKAGE / "callflow").rglob("*.py")), _FALLBACK):
        source = path.read_text(encoding="utf-8")
        if "PromptKey." in source and path.name != _DECLARED_IN:
            for name, function in _named(ast.parse(source), ""):
                place = f"{path.stem}.{function}" if function else path.stem
                found.setdefault(PromptKey[name], {})[place] = None
    return {key: tuple(places) for key, places in found.items()}


def _named(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    """Names of keys, with the function they stand in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and not function:
            yield from _named(child, child.name.strip("_"))
            continue
        if (
            isinstance(child, ast.Attribute)
            and isinstance(child.value, ast.Name)
            and child.value.id == "PromptKey"
        ):
            yield child.attr, function
        yield from _named(child, function)
