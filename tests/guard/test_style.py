"""House style that a linter does not know: docstrings, and the size of functions and modules."""

import ast
from collections.abc import Iterator

from tests.guard.sources import ROOT, Source, sources

MAX_FUNCTION_LINES = 30
MAX_MODULE_LINES = 300
LONG_FUNCTIONS = {
    "ivr.callflow.samples.support_events": "a list: one sample of each event the walk tries",
}
LONG_MODULES = {
    "ivr.storage.migrations.versions.0001_first_tables": "tables, column by column, never changed",
}
"""Name and reason."""
ALL = sources()
WRITTEN = [source for source in ALL if "migrations.versions" not in source.name]
"""Without the migrations, whose form is alembic's."""


def functions(source: Source) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{source.name}.{node.name}", node


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines without the docstring, which for a command is the help it prints."""
    first = function.body[0]
    described = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - described


def test_every_module_says_what_it_is_for() -> None:
    assert [source.name for source in ALL if not ast.get_docstring(source.tree)] == []


def test_every_public_class_and_function_says_what_it_does() -> None:
    silent = [
        f"{source.name}.{node.name}"
        for source in WRITTEN
        for node in source.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_function_is_long() -> None:
    long = {
        name
        for source in WRITTEN
        for name, node in functions(source)
        if code_lines(node) > MAX_FUNCTION_LINES
    }
    assert long == set(LONG_FUNCTIONS)


def test_no_module_is_long() -> None:
    long = {source.name for source in ALL if len(source.text.splitlines()) > MAX_MODULE_LINES}
    assert long == set(LONG_MODULES)


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"data", "info", "manager", "helper", "helpers", "util", "utils", "process", "misc"}
    named = {part for source in ALL for part in source.path.relative_to(ROOT).with_suffix("").parts}
    assert named & vague <= {"data"}, "ivr.cli.data alone: what `pikett demo` loads"
