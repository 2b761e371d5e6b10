"""Writes docs/rules.md from docs/rules.yaml and the markers of the tests: `python -m tools.rules`.

A test names the rules it shows with `@pytest.mark.rule("A.28", ...)` on a module, a class or a
function; a story is named for a rule in docs/rules.yaml. A rule that nothing shows has a reason.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs" / "rules.yaml"
TARGET = ROOT / "docs" / "rules.md"
TESTS = ROOT / "tests"

Shown = Mapping[str, Sequence[str]]
"""By id of a rule: what shows it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence. `not_yet` is why nothing shows it, or with `partly` what is still missing."""

    id: str
    seed: str
    sentence: str
    stories: Sequence[str] = ()
    not_yet: str = ""
    partly: bool = False


class Chapter(NamedTuple):
    """A step of a call with its rules."""

    title: str
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Book:
    """All of docs/rules.yaml. `repeats` are items that say again what other rules say."""

    seeds: Mapping[str, str]
    groups: Mapping[str, str]
    chapters: Sequence[Chapter]
    repeats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    not_ours: Sequence[Mapping[str, str]] = ()

    @property
    def rules(self) -> list[Rule]:
        return [rule for chapter in self.chapters for rule in chapter.rules]

    @property
    def ids(self) -> list[str]:
        """Every id, of rules, repetitions and items that are not ours."""
        ours = [rule.id for rule in self.rules]
        return [*ours, *self.repeats, *(each["id"] for each in self.not_ours)]

    def meant(self, named: str) -> Sequence[str]:
        """The rules that a marker with this id is about; none for an unknown one."""
        if named in self.repeats:
            return self.repeats[named]
        return [rule.id for rule in self.rules if rule.id == named]


def load(document: Mapping[str, Any]) -> Book:
    """The book of a parsed docs/rules.yaml; an unknown field is an error."""
    chapters = [
        Chapter(entry["title"], [Rule(**rule) for rule in entry["rules"]])
        for entry in document["chapters"]
    ]
    return Book(
        seeds=document["seeds"],
        groups=document["groups"],
        chapters=chapters,
        repeats=document.get("repeats", {}),
        not_ours=document.get("not_ours", ()),
    )


def read() -> Book:
    """The project's own book."""
    return load(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))


# Markers ------------------------------------------------------------------------------------------


class Marker(NamedTuple):
    """A test and a rule that it says it shows."""

    test: str
    rule: str


def collect(folder: Path = TESTS) -> list[Marker]:
    """All markers of the tests below a folder, in their order."""
    return [
        marker
        for path in sorted(folder.rglob("test_*.py"))
        for marker in _of_body(_statements(path), path.relative_to(folder.parent).as_posix())
    ]


def _statements(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8"), str(path)).body


def _of_body(
    body: Sequence[ast.stmt], name: str, inherited: Sequence[str] = ()
) -> Iterator[Marker]:
    """Tests of a module or a class, with what `pytestmark` says of all of them."""
    inherited = [*inherited, *_named_by_pytestmark(body)]
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        rules = [*inherited, *_rules_in(node.decorator_list)]
        test = f"{name}::{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _of_body(node.body, test, rules)
        elif node.name.startswith("test_"):
            yield from (Marker(test, rule) for rule in dict.fromkeys(rules))


def _named_by_pytestmark(body: Sequence[ast.stmt]) -> list[str]:
    assigned = [node for node in body if isinstance(node, ast.Assign)]
    return _rules_in(
        node.value for node in assigned if ast.unparse(node.targets[0]) == "pytestmark"
    )


def _rules_in(expressions: Iterable[ast.expr]) -> list[str]:
    """The arguments of every `pytest.mark.rule(...)` in them, as written."""
    return [
        str(argument.value) if isinstance(argument, ast.Constant) else ast.unparse(argument)
        for expression in expressions
        for node in ast.walk(expression)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule"
        for argument in node.args
    ]


def shown_by(book: Book, markers: Iterable[Marker]) -> Shown:
    """For each rule its tests, then its stories."""
    shown: dict[str, list[str]] = {rule.id: [] for rule in book.rules}
    for marker in markers:
        for meant in book.meant(marker.rule):
            if marker.test not in shown[meant]:
                shown[meant].append(marker.test)
    for rule in book.rules:
        shown[rule.id] += [f"tests/stories/{name}.yaml" for name in rule.stories]
    return shown


# What is wrong ------------------------------------------------------------------------------------


def problems(book: Book, markers: Sequence[Marker], stories: Path = TESTS / "stories") -> list[str]:
    """One sentence for each thing that must be mended before the document can be trusted."""
    shown = shown_by(book, markers)
    return [
        *_wrong_ids(book),
        *(
            f"{marker.test} names {marker.rule}, which is no rule"
            for marker in markers
            if not book.meant(marker.rule)
        ),
        *(
            f"{rule.id} names the story {name}, which is not there"
            for rule in book.rules
            for name in rule.stories
            if not (stories / f"{name}.yaml").is_file()
        ),
        *(wrong for rule in book.rules if (wrong := _wrong(rule, bool(shown[rule.id])))),
    ]


def _wrong_ids(book: Book) -> Iterator[str]:
    for each in sorted(set(book.ids)):
        if book.ids.count(each) > 1:
            yield f"{each} is in docs/rules.yaml more than once"
    for each, repeated in book.repeats.items():
        if not repeated or not set(repeated) <= {rule.id for rule in book.rules}:
            yield f"{each} repeats what is no rule"
    for rule in book.rules:
        if unknown := {part.strip() for part in rule.seed.split(",")} - set(book.seeds):
            yield f"{rule.id} names the unknown seed {', '.join(sorted(unknown))}"


def _wrong(rule: Rule, is_shown: bool) -> str | None:
    if rule.partly and not rule.not_yet:
        return f"{rule.id} is shown in part and does not say what is missing"
    if rule.partly and not is_shown:
        return f"{rule.id} is said to be shown in part, but nothing shows it"
    if not rule.not_yet and not is_shown:
        return f"{rule.id} has neither a test nor a reason"
    if rule.not_yet and is_shown and not rule.partly:
        return f"{rule.id} is shown, but its reason still says: {rule.not_yet}"
    return None


# The document -------------------------------------------------------------------------------------

_INTRODUCTION = """\
<!-- Written by `python -m tools.rules` from docs/rules.yaml and the tests; change those instead. -->

# The rules of the support line

What Pikett promises to callers, technicians and the provider, one sentence a rule, in the order of a
call. Below the rules of each chapter stands what shows them: a test that fails when the rule is
broken, or a story, which is a whole call played on every back end; both are below `tests`. A rule that
nothing shows yet has its reason there, and one with neither fails the build.

The letter of a rule says what it is:

{groups}

The rules come from five texts of providers, the seeds, and from what was decided and found out:

{seeds}

{total} rules: {shown} are shown, {partly} in part, {open} not yet.
"""

_NOT_OURS = """\
## What is not Pikett's

Items of the seeds that the product has nothing to do with.

| Item | Seed | What | Why not |
|---|---|---|---|
"""


def document(book: Book, shown: Shown) -> str:
    """The text of docs/rules.md."""
    parts = [_introduction(book), *(_chapter(book, chapter, shown) for chapter in book.chapters)]
    return "\n".join([*parts, _not_ours(book)])


def _introduction(book: Book) -> str:
    partly = sum(rule.partly for rule in book.rules)
    unshown = sum(bool(rule.not_yet) and not rule.partly for rule in book.rules)
    return _INTRODUCTION.format(
        groups=_list(book.groups),
        seeds=_list(book.seeds),
        total=len(book.rules),
        shown=len(book.rules) - partly - unshown,
        partly=partly,
        open=unshown,
    )


def _list(entries: Mapping[str, str]) -> str:
    return "\n".join(f"- **{name}**: {text}" for name, text in entries.items())


def _chapter(book: Book, chapter: Chapter, shown: Shown) -> str:
    sentences = [
        f"- **{_names(book, rule)}** [{rule.seed}] {rule.sentence}" for rule in chapter.rules
    ]
    rows = [f"| {rule.id} | {_proof(rule, shown[rule.id])} |" for rule in chapter.rules]
    table = ["| Rule | Shown by |", "|---|---|", *rows]
    return "\n".join([f"## {chapter.title}", "", *sentences, "", *table, ""])


def _names(book: Book, rule: Rule) -> str:
    """Its id, and those of the items that say it again."""
    repeats = book.repeats.items()
    return ", ".join([rule.id, *(each for each, repeated in repeats if rule.id in repeated)])


def _proof(rule: Rule, shown: Sequence[str]) -> str:
    named = [f"`{each.removeprefix('tests/')}`" for each in shown]
    missing = f"{'in part; missing' if rule.partly else 'not yet'}: {rule.not_yet}"
    return "<br>".join([*named, missing] if rule.not_yet else named)


def _not_ours(book: Book) -> str:
    return _NOT_OURS + "".join(
        "| {id} | {seed} | {what} | {reason} |\n".format_map(each) for each in book.not_ours
    )


def main() -> None:
    """Write the document; tell what is wrong."""
    book, markers = read(), collect()
    if wrong := problems(book, markers):
        print("\n".join(wrong), file=sys.stderr)  # noqa: T201
    TARGET.write_text(document(book, shown_by(book, markers)), encoding="utf-8")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
