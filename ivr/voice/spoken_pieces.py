"""Everything the line can say, as pieces: what a build speaks beforehand."""

from collections.abc import Iterable, Iterator
from datetime import date

from ivr.callflow.prompts import Count, Language, Name
from ivr.services.spoken_prices import AN_ORDINARY_DAY, Prices, notices, openings
from ivr.voice.catalogue import Catalogue, Piece

MOST_CASES = 20
"""That one page is told to be about; more are spoken when they are."""


def all_pieces(
    catalogue: Catalogue, prices: Prices, names: Iterable[str], day: date = AN_ORDINARY_DAY
) -> Iterator[Piece]:
    """Fixed texts, vocabulary, plans, notices, windows, names; texts that are scheduled too."""
    known = tuple(names)
    for language in Language:
        yield from catalogue.fixed_prompts(language)
        yield from catalogue.vocabulary(language)
        for plan in prices.plans.values():
            yield from catalogue.value_pieces(plan.first_reaction, language)
            yield from catalogue.value_pieces(Name(plan.name), language)
        yield from _of_notices(catalogue, prices, language, day)
        for moment in openings(prices):
            yield from catalogue.value_pieces(moment, language)
        for name in known:
            yield from catalogue.value_pieces(Name(name, optional=True), language)
        for cases in range(1, MOST_CASES + 1):
            yield from catalogue.value_pieces(Count("further_case", cases), language)


def _of_notices(
    catalogue: Catalogue, prices: Prices, language: Language, day: date
) -> Iterator[Piece]:
    for _, notice in notices(prices, language, day):
        for prompt in notice:
            yield from catalogue.pieces(prompt)
            if catalogue.described(prompt.key).whole:
                yield from catalogue.sentences(prompt)
