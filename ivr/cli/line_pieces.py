"""Everything that this installation's line can say."""

from collections.abc import Iterator

from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.contracts.windows import WindowState, local_time
from ivr.services.spoken_prices import Notice
from ivr.services.spoken_prices import notices as notices_of
from ivr.storage import migrate
from ivr.storage.database import reading
from ivr.storage.models import Customer, Location, Technician
from ivr.voice.catalogue import Piece
from ivr.voice.spoken_pieces import all_pieces as pieces_of


def all_pieces(app: Application) -> Iterator[Piece]:
    """Everything the line can say today."""
    today = local_time(app.clock.now()).date()
    return pieces_of(app.catalogue, app.prices, _names(app), today)


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
