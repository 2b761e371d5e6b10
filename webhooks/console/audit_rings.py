"""Telephones that were rung one after the other: one line of a story, to be opened."""

from collections.abc import Iterable, Iterator, Sequence

from ivr.contracts.windows import local_time
from ivr.services.audit_story import Deed
from ivr.services.listing import AuditRow

Line = Deed | AuditRow


def rounds_of(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    """Rings of one round of one day that follow one another come together, all else is alone."""
    together: list[Line] = []
    for each in lines:
        if together and _mark(each) != _mark(together[0]):
            yield together
            together = []
        together.append(each)
        if _mark(each) is None:
            yield together
            together = []
    if together:
        yield together


def _mark(line: Line) -> tuple[str, str] | None:
    """Equal for rings of the same round; a ring that somebody accepted stands for itself."""
    if isinstance(line, AuditRow) or line.key != "rung":
        return None
    return line.values.get("search", ""), f"{local_time(line.at):%Y-%m-%d}"


def round_number(line: Line) -> str:
    """Such as "2"; empty where the caller waited."""
    search = "" if isinstance(line, AuditRow) else line.values.get("search", "")
    return search.rpartition(".")[2]


def names_of(lines: Iterable[Line]) -> str:
    """Each once, in ringing order."""
    named = (line.values.get("name", "") for line in lines if isinstance(line, Deed))
    return ", ".join(dict.fromkeys(named))
