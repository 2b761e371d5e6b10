"""The rules of docs/rules.md: each is shown by a test or a story, or says why it is not."""

from pathlib import Path
from typing import Any

import pytest

from tools import rules

BOOK = rules.read()
MARKERS = rules.collect()
EVERY_ITEM = (
    {f"A.{number}" for number in range(1, 117)}
    | {f"K-{number}" for number in range(1, 22)}
    | {f"Q{number}" for number in range(1, 20)}
    | {f"P.{number}" for number in range(1, 17)}
)
"""Of the seeds, of their contradictions, of the owner's decisions, of what others suffered from."""

ENTRY = {"id": "A.1", "seed": "000", "sentence": "It holds."}
SHOWN = [rules.Marker("tests/test_x.py::test_it", "A.1")]


def book(*entries: dict[str, Any], **more: Any) -> rules.Book:
    """A book of one chapter."""
    document = {
        "seeds": {"000": "a text", "owner": "decided"},
        "groups": {"A": "an item"},
        "chapters": [{"title": "Answering", "rules": list(entries)}],
    }
    return rules.load(document | more)


# The project's own rules --------------------------------------------------------------------------


def test_the_committed_document_is_the_generated_one() -> None:
    """Made anew by `python -m tools.rules`."""
    made = rules.document(BOOK, rules.shown_by(BOOK, MARKERS))
    assert rules.TARGET.read_text(encoding="utf-8") == made


def test_every_rule_is_shown_or_says_why_not() -> None:
    assert rules.problems(BOOK, MARKERS) == []


def test_every_item_is_there_once() -> None:
    assert {each for each in BOOK.ids if not each.startswith("B.")} == EVERY_ITEM
    assert len(BOOK.ids) == len(set(BOOK.ids))


def test_every_sentence_is_one() -> None:
    for rule in BOOK.rules:
        assert rule.sentence.endswith("."), rule.id
        assert ". " not in rule.sentence, rule.id
        assert "|" not in rule.sentence, rule.id


# What fails the build -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "markers", "problem"),
    [
        ({}, [], "A.1 has neither a test nor a reason"),
        ({"not_yet": "soon"}, SHOWN, "A.1 is shown, but its reason still says: soon"),
        (
            {"not_yet": "soon", "partly": True},
            [],
            "A.1 is said to be shown in part, but nothing shows it",
        ),
        ({"partly": True}, SHOWN, "A.1 is shown in part and does not say what is missing"),
        ({"stories": ["gone"]}, [], "A.1 names the story gone, which is not there"),
        ({"seed": "000, 009"}, SHOWN, "A.1 names the unknown seed 009"),
    ],
)
def test_a_wrong_rule_is_told(
    change: dict[str, Any], markers: list[rules.Marker], problem: str, tmp_path: Path
) -> None:
    assert rules.problems(book(ENTRY | change), markers, tmp_path) == [problem]


@pytest.mark.parametrize(
    ("change", "markers"),
    [
        ({}, SHOWN),
        ({"not_yet": "soon"}, []),
        ({"not_yet": "soon", "partly": True}, SHOWN),
        ({"stories": ["told"]}, []),
        ({"seed": "000, owner"}, SHOWN),
    ],
)
def test_a_right_rule_is_not(
    change: dict[str, Any], markers: list[rules.Marker], tmp_path: Path
) -> None:
    (tmp_path / "told.yaml").touch()
    assert rules.problems(book(ENTRY | change), markers, tmp_path) == []


def test_a_story_counts_like_a_test(tmp_path: Path) -> None:
    (tmp_path / "told.yaml").touch()
    late = book(ENTRY | {"stories": ["told"], "not_yet": "soon"})
    assert rules.problems(late, [], tmp_path) == ["A.1 is shown, but its reason still says: soon"]


@pytest.mark.parametrize("named", ["A.2", "A.117", "a.1", ""])
def test_a_marker_of_no_rule_is_told(named: str) -> None:
    stray = rules.Marker("tests/test_x.py::test_other", named)
    assert rules.problems(book(ENTRY), [*SHOWN, stray]) == [
        f"tests/test_x.py::test_other names {named}, which is no rule"
    ]


def test_what_is_not_ours_cannot_be_shown() -> None:
    other = {"id": "A.2", "seed": "000", "what": "A name", "reason": "a name"}
    stray = rules.Marker("tests/test_x.py::test_other", "A.2")
    assert len(rules.problems(book(ENTRY, not_ours=[other]), [*SHOWN, stray])) == 1


def test_a_marker_of_a_repetition_shows_what_it_repeats() -> None:
    again = book(ENTRY, repeats={"A.9": ["A.1"]})
    marker = rules.Marker("tests/test_x.py::test_it", "A.9")
    assert rules.problems(again, [marker]) == []
    assert rules.shown_by(again, [*SHOWN, marker]) == {"A.1": ["tests/test_x.py::test_it"]}
    assert "**A.1, A.9**" in rules.document(again, rules.shown_by(again, SHOWN))


@pytest.mark.parametrize("repeats", [{"A.9": ["A.2"]}, {"A.9": []}])
def test_a_repetition_of_nothing_is_told(repeats: dict[str, list[str]]) -> None:
    assert rules.problems(book(ENTRY, repeats=repeats), SHOWN) == ["A.9 repeats what is no rule"]


def test_an_item_that_is_there_twice_is_told() -> None:
    twice = book(ENTRY, repeats={"A.1": ["A.1"]})
    assert rules.problems(twice, SHOWN) == ["A.1 is in docs/rules.yaml more than once"]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="notyet"):
        book(ENTRY | {"notyet": "soon"})


# Where the markers are ----------------------------------------------------------------------------

MARKED = """\
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.rule("A.1")]

@pytest.mark.rule("A.2", "K-3")
@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.rule("Q4"))])
def test_one(x): ...

@pytest.mark.rule("A.9")
def no_test(): ...

@pytest.mark.rule("B.5")
class TestTwo:
    pytestmark = pytest.mark.rule("B.6")

    @pytest.mark.rule("A.1", computed)
    async def test_three(self): ...
"""


def test_markers_are_found_on_modules_classes_functions_and_parameters(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_x.py").write_text(MARKED)
    (folder / "conftest.py").write_text(MARKED)
    found: dict[str, list[str]] = {}
    for marker in rules.collect(folder):
        found.setdefault(marker.test, []).append(marker.rule)
    assert found == {
        "tests/test_x.py::test_one": ["A.1", "A.2", "K-3", "Q4"],
        "tests/test_x.py::TestTwo::test_three": ["A.1", "B.5", "B.6", "computed"],
    }


def test_the_document_tells_sentence_proof_and_reason() -> None:
    unshown = {"id": "A.2", "seed": "owner", "sentence": "It will hold.", "not_yet": "soon"}
    both = book(ENTRY | {"not_yet": "the rest", "partly": True}, unshown)
    text = rules.document(both, rules.shown_by(both, SHOWN))
    assert "- **A.1** [000] It holds." in text
    assert "| A.1 | `test_x.py::test_it`<br>in part; missing: the rest |" in text
    assert "| A.2 | not yet: soon |" in text
    assert "2 rules: 0 are shown, 1 in part, 1 not yet." in text
