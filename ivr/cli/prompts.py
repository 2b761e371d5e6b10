"""`pikett prompts`: the sounds of the line."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import click
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.notices import notice_prompts
from ivr.callflow.prompts import Language, Moment, Name, Prompt
from ivr.callflow.support_session import SupportSession
from ivr.cli.common import application
from ivr.contracts.conditions import conditions
from ivr.contracts.offers import Case
from ivr.contracts.windows import WindowState, assess_window, at_wall_time, opening_times
from ivr.storage import migrate
from ivr.storage.database import reading
from ivr.storage.models import Customer, Location
from ivr.voice.catalogue import Piece
from ivr.voice.sounds import write_tone

Notice = tuple[Prompt, ...]
FALLBACK_KEYS = ("apology", "connecting_desk", "ask_message", "message_saved", "goodbye")


@click.group()
def prompts() -> None:
    """The prompts of the line and their sounds.

    \b
    Example:
      pikett prompts build
    """


@prompts.command()
@click.option("--quiet", is_flag=True, help="Only say what was done.")
def build(quiet: bool) -> None:
    """Synthesise every prompt that has no sound yet.

    Names of customers and locations are included, so that no call has to wait for them. What is
    there is kept: a second run takes a moment.

    \b
    Example:
      pikett prompts build --quiet
    """
    app = application("warning")
    pieces = list(all_pieces(app))
    missing = app.sounds.count_missing(pieces)
    with click.progressbar(
        app.sounds.build(pieces), length=missing, label="Speaking", hidden=quiet or not missing
    ) as files:
        for _ in files:
            pass
    link_fallback(app)
    click.echo(f"{len(set(pieces))} sounds are there, {missing} of them new.")


def all_pieces(app: Application) -> Iterator[Piece]:
    """Everything the line can say: fixed texts, vocabulary, plans, windows, names."""
    for language in Language:
        yield from app.catalogue.fixed_prompts(language)
        yield from app.catalogue.vocabulary(language)
        for plan in app.plans.values():
            yield from app.catalogue.value_pieces(plan.first_reaction, language)
            yield from app.catalogue.value_pieces(Name(plan.name), language)
        for _, notice in notices(app, language):
            for prompt in notice:
                yield from app.catalogue.pieces(prompt)
        for moment in _openings(app):
            yield from app.catalogue.value_pieces(moment, language)
        for name in _names(app):
            yield from app.catalogue.value_pieces(Name(name), language)


def notices(app: Application, language: Language) -> Iterator[tuple[WindowState, Notice]]:
    """Each notice of each plan in the window and outside, by day, at night, with each unit left."""
    session = SupportSession(language=language)
    by_day = at_wall_time(date(2026, 11, 24), time(10))
    for plan in app.plans.values():
        for at in (by_day, by_day + timedelta(hours=14)):
            now = assess_window(plan, app.calendar, at)
            for window in (WindowState(open=False), *((now,) if now.open else ())):
                case = Case(at, plan, window)
                for units in range(app.tariffs.free_units(plan.id) + 1):
                    found = conditions(case, plan, app.offer_rules, units)
                    yield window, notice_prompts(session, window, found, at)


def _openings(app: Application) -> Iterator[Moment]:
    """Each opening hour of the plans, today, tomorrow and on each weekday."""
    monday = date(2026, 11, 23)
    hours = {hour for plan in app.plans.values() for hour in opening_times(plan, app.calendar)}
    for days in range(8):
        for hour in sorted(hours):
            at = at_wall_time(monday + timedelta(days=days), hour)
            before = at - timedelta(days=3)
            yield Moment(at, before)
            if days == 0:
                yield Moment(at, at - timedelta(minutes=1))
                yield Moment(at, at - timedelta(days=1))


def _names(app: Application) -> Iterator[str]:
    engine = app.storage.engine
    if not migrate.is_current(engine):
        return
    with reading(engine) as connection:
        for column in (Customer.name, Location.name):
            yield from connection.execute(select(column).distinct()).scalars()


def link_fallback(app: Application) -> None:
    """Fixed names for the few prompts that the dialplan plays when nobody answers it."""
    folder = app.settings.path("sounds", "fallback")
    folder.mkdir(parents=True, exist_ok=True)
    for language in Language:
        for piece in app.catalogue.fixed_prompts(language):
            if piece.key in FALLBACK_KEYS:
                app.sounds.publish(piece, folder / f"{piece.key}_{language}")
    write_tone(folder / "tone.wav")
