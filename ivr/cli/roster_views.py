"""The roster as the terminal shows it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from ivr.bootstrap import Application
from ivr.roster.difference import Move
from ivr.roster.problems import Problem, ProblemKind
from ivr.roster.walltime import Span, local
from ivr.services.roster_changes import Change
from ivr.services.roster_plans import Preview

MOST_MOVES = 20


def span_text(starts_at: datetime, ends_at: datetime) -> str:
    """By the clock on the wall."""
    return f"{local(starts_at):%a %Y-%m-%d %H:%M} to {local(ends_at):%a %Y-%m-%d %H:%M}"


def problem_text(problem: Problem) -> str:
    """One line."""
    when = span_text(problem.starts_at, problem.ends_at)
    day = f"{local(problem.starts_at):%a %Y-%m-%d}"
    match problem.kind:
        case ProblemKind.EMPTY:
            return f"the roster is empty: nobody has duty, {when}"
        case ProblemKind.GAP:
            return f"gap: no {problem.level}, {when}"
        case ProblemKind.UNVERIFIED:
            return f"{problem.name} has duty from {day}, and no telephone of his is checked"
        case ProblemKind.UNREACHABLE:
            return f"{problem.name} has duty from {day}, and his telephone could not be rung"
        case ProblemKind.ABSENT:
            return f"{problem.name} is away and has duty ({problem.level}), {when}"
        case ProblemKind.LAW_REST:
            free = f"{problem.count} of {problem.limit} free days"
            return f"labour law: {problem.name} has duty on {day} after {free}"
    days = f"{problem.count} days of on-call in four weeks, {problem.limit} are allowed"
    often = ": called out too often for more" if problem.kind is ProblemKind.LAW_CALL_OUTS else ""
    return f"labour law: {problem.name} has {days}, from {day}{often}"


def show_preview(found: Preview) -> None:
    """Who is affected, and what it does to the roster."""
    click.echo(found.said)
    for move in found.moves[:MOST_MOVES]:
        click.echo(f"  {_move_text(move)}")
    if len(found.moves) > MOST_MOVES:
        click.echo(f"  ... and {len(found.moves) - MOST_MOVES} more")
    _show_problems("New problem", found.new_problems)
    _show_problems("Solved", found.solved)


def store(app: Application, change: Change, *, yes: bool) -> None:
    """Show, ask, store."""
    show_preview(app.rosters.preview(change, app.clock.now()))
    if not yes:
        click.confirm("Store it?", abort=True)
    rule_id = app.rosters.change(change, None, app.clock.now())
    click.echo(f"Stored as {rule_id}.")


def coming(app: Application, days: int) -> Span:
    """From now on."""
    now = app.clock.now()
    return Span(now, now + timedelta(days=days))


def _move_text(move: Move) -> str:
    sign = "+" if move.gained else "-"
    return f"{sign} {move.name}, {move.level} {move.rank}: {span_text(*move.span.ends)}"


def _show_problems(title: str, problems: Sequence[Problem]) -> None:
    for each in problems:
        click.echo(f"  {title}: {problem_text(each)}")
