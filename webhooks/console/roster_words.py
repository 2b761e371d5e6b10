"""What the roster's pages have in common: names of levels and days, initials, and texts of problems."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from ivr.roster.duty import Standing, is_open
from ivr.roster.plan import Member
from ivr.roster.problems import Problem, ProblemKind
from ivr.roster.walltime import WEEKDAYS, Span, local
from webhooks.console.pages import words
from webhooks.container import pikett

COLOURS = 10
_OF_TELEPHONES = (ProblemKind.UNVERIFIED, ProblemKind.UNREACHABLE)


def level_name(level: str) -> str:
    """Of a place in the chain."""
    return words()(f"roster.level.{level}")


def weekday_name(day: date) -> str:
    """Two letters."""
    return words()(f"roster.day.{WEEKDAYS[day.weekday()]}")


def when(at: datetime) -> str:
    """Weekday, date and wall time."""
    return f"{weekday_name(local(at))} {local(at):%d.%m.%Y %H:%M}"


def until(at: datetime) -> str:
    """The end of a duty; a date that nobody means is none."""
    if is_open(at, pikett().clock.now()):
        return words()("roster.until_open")
    return words()("roster.until_at", at=when(at))


def span_name(span: Span) -> str:
    """From and to; the date once where it is the same, and none where the end is open."""
    if is_open(span.ends_at, pikett().clock.now()):
        return words()("roster.since_open", at=when(span.starts_at), until=until(span.ends_at))
    first, last = local(span.starts_at), local(span.ends_at)
    if first.date() == last.date():
        return f"{when(span.starts_at)}–{last:%H:%M}"
    return f"{when(span.starts_at)} – {when(span.ends_at)}"


def hours_of(span: Span, day: Span) -> str:
    """Of a duty on one day; nothing where it is the whole day."""
    part = span.within(day)
    if part is None or part == day:
        return ""
    ending = "24:00" if part.ends_at == day.ends_at else f"{local(part.ends_at):%H:%M}"
    return f"{local(part.starts_at):%H:%M}–{ending}"


def problem_text(problem: Problem) -> str:
    """A sentence; of a duty that runs it does not say that it begins now."""
    level = level_name(problem.level) if problem.level is not None else ""
    runs = problem.kind in _OF_TELEPHONES and problem.starts_at <= pikett().clock.now()
    return words()(
        f"roster.problem.{problem.kind}{'_now' if runs else ''}",
        name=problem.name,
        level=level,
        first=when(problem.starts_at),
        last=when(problem.ends_at),
        count=problem.count,
        limit=problem.limit,
    )


def standing_text(place: Standing) -> str:
    """Who has a place now, until when, and who is next."""
    t, level = words(), level_name(place.level)
    if place.rank > 1:
        level = f"{level} {place.rank}"
    shift, after = place.shift, place.after
    if shift is None:
        said = [t("roster.now.nobody", level=level)]
    else:
        said = [t("roster.now.is", level=level, name=shift.name, until=until(shift.ends_at))]
    if after is not None and place.is_handed_over:
        said.append(t("roster.now.after", name=after.name, until=until(after.ends_at)))
    elif after is not None:
        said.append(t("roster.now.next", name=after.name, at=when(after.starts_at)))
    elif shift is not None and not is_open(shift.ends_at, pikett().clock.now()):
        said.append(t("roster.now.nobody_after"))
    return " ".join(said)


def looks(members: Iterable[Member]) -> dict[int, tuple[str, int]]:
    """Initials and a colour for everybody; nobody has another's initials."""
    found: dict[int, tuple[str, int]] = {}
    taken: set[str] = set()
    for number, member in enumerate(sorted(members, key=lambda each: each.id)):
        initials = _initials(member.name, taken)
        taken.add(initials)
        found[member.id] = (initials, number % COLOURS)
    return found


def _initials(name: str, taken: set[str]) -> str:
    parts = name.split()
    usual = "".join(part[0] for part in (parts[0], parts[-1])) if len(parts) > 1 else name[:2]
    longer = [parts[0][0] + parts[-1][:size] for size in range(2, len(parts[-1]) + 1)]
    numbered = (f"{usual}{number}" for number in range(2, 1000))
    return next(each for each in (usual, *longer, *numbered) if each not in taken)


CONTEXT: dict[str, Callable[..., object]] = {
    "level_name": level_name,
    "weekday_name": weekday_name,
    "when": when,
    "until": until,
    "span_name": span_name,
    "standing_text": standing_text,
    "hours_of": hours_of,
    "problem_text": problem_text,
    "Span": Span,
}
"""For templates."""
