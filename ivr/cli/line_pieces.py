"""Everything that this installation's line can say."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.contracts.windows import WindowState, local_time
from ivr.services.spoken_prices import Notice, prompts_with_figures
from ivr.services.spoken_prices import notices as notices_of
from ivr.storage import migrate
from ivr.storage.database import reading
from ivr.storage.models import Customer, Location, Technician
from ivr.voice.catalogue import Piece
from ivr.voice.spoken_pieces import all_pieces as pieces_of
from ivr.wording.shelf import Version


def all_pieces(app: Application) -> Iterator[Piece]:
    """Everything the line can say today."""
    today = local_time(app.clock.now()).date()
    return pieces_of(app.catalogue, app.prices, _names(app), today)


def kept_pieces(app: Application) -> Iterator[Piece]:
    """And what it said before: somebody may go back to it where no engine is at hand."""
    yield from all_pieces(app)
    today = local_time(app.clock.now()).date()
    figures = {each: prompts_with_figures(app.prices, each, today) for each in Language}
    for each in _published(app):
        if each.sound is None and app.catalogue.fits(each.key, each.words):
            found = figures[each.language].get(each.key, ())
            yield from app.studio.pieces(each.key, each.language, each.words, found)


def recordings(app: Application) -> frozenset[str]:
    """Their sounds stay, also where the folder that they came from is away."""
    return frozenset(each.sound for each in _published(app) if each.sound is not None)


def _published(app: Application) -> Collection[Version]:
    with app.storage.reading() as uow:
        _, versions = uow.prompts.published()
    return versions.values()


def notices(app: Application, language: Language) -> Iterator[tuple[WindowState, Notice]]:
    """Every notice that the present plans and tariffs can give."""
    return notices_of(app.prices, language)


def _names(app: Application) -> Iterator[str]:
    engine = app.storage.engine
    if not migrate.is_current(engine):
        return
    with reading(engine) as connection:
        for column in (Customer.name, Location.name, Technician.name):
            yield from connection.execute(select(column).distinct()).scalars()
