"""The list of prompts: a row for each, and how it stands in every language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request

from ivr.callflow.prompts import Language, PromptKey
from ivr.people.roles import Role
from ivr.services.prompt_records import Entry, State
from webhooks.console.access import allowed
from webhooks.console.ground import blueprint
from webhooks.console.lists import (
    PAGE_SIZES,
    Choice,
    Column,
    Listing,
    ListRequest,
    address_of,
    send_csv,
)
from webhooks.console.pages import page_language, render, words
from webhooks.console.prompt_view import anchor_of
from webhooks.console.prompt_words import (
    AREAS,
    SYMBOLS,
    TONES,
    WORST_FIRST,
    area_of,
    purpose_of,
)
from webhooks.container import pikett

LISTING = Listing(
    "prompts",
    (
        Column("prompt", lambda each: each.key),
        Column("language", lambda each: words()(f"language.{each.language}")),
        Column("area", lambda each: words()(f"prompts.area.{area_of(each.key)}")),
        Column("state", lambda each: words()(f"prompts.state.{each.state}")),
        Column("text", lambda each: each.text),
        Column("sentences", lambda each: str(each.sentences)),
        Column("recorded", lambda each: str(each.recorded)),
    ),
)
"""As a file: a line for each prompt and language, such as for whoever records them all."""
FILTERS = ("state", "language", "prices", "area")
SORTS = ("order", "key", "state")


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt in the languages that are looked at; `text` in the first language of interest.

    `place` is its area in words.
    """

    key: PromptKey
    purpose: str
    area: str
    place: str
    text: str
    text_language: Language
    has_prices: bool
    cells: Sequence[Entry]

    @property
    def worst(self) -> int:
        """Its place where what lacks something comes first."""
        return min(WORST_FIRST.index(each.state) for each in self.cells)

    def holds(self, search: str) -> bool:
        """Whether what is searched for stands in its key, its texts, or what is told of it."""
        texts = [self.key, self.purpose, self.place, *[each.text for each in self.cells]]
        return any(search.casefold() in text.casefold() for text in texts)


@blueprint.get("/prompts")
@allowed(Role.ADMIN)
def prompts() -> Response:
    """All that the line says."""
    asked = ListRequest.parse(request.args, SORTS, "order", FILTERS)
    found = list(_found(asked))
    if asked.sort != "order":
        found.sort(key=lambda row: row.key)
    if asked.sort == "state":
        found.sort(key=lambda row: row.worst)
    if asked.descending:
        found.reverse()
    if request.args.get("format") == "csv":
        state = asked.filters.get("state")
        cells = (cell for row in found for cell in row.cells)
        return send_csv(LISTING, [each for each in cells if state in (None, each.state)])
    language = asked.filters.get("language")
    return render(
        "console/prompts.html",
        asked=asked,
        total=len(found),
        pages=max(1, -(-len(found) // asked.size)),
        rows=found[asked.offset : asked.offset + asked.size],
        languages=[each for each in Language if language in (None, each)],
        choices=_choices(),
        outdated=pikett().prompts.outdated(),
        anchor_of=anchor_of,
        symbols=SYMBOLS,
        tones=TONES,
        sizes=PAGE_SIZES,
        sorts=SORTS,
        address=address_of(asked),
    )


def _found(asked: ListRequest) -> Iterator[Row]:
    state, prices = asked.filters.get("state"), asked.filters.get("prices")
    area = asked.filters.get("area")
    for row in _rows(asked.filters.get("language")):
        if state and all(each.state != state for each in row.cells):
            continue
        if (prices and not row.has_prices) or (area and row.area != area):
            continue
        if row.holds(asked.search):
            yield row


def _rows(language: str | None) -> Iterator[Row]:
    cells: dict[PromptKey, list[Entry]] = {}
    for each in pikett().prompts.entries():
        if language in (None, each.language):
            cells.setdefault(each.key, []).append(each)
    shown = page_language()
    for key, those in cells.items():
        first = next((each for each in those if each.language == shown), those[0])
        yield Row(
            key=key,
            purpose=purpose_of(key, first.purpose),
            area=area_of(key),
            place=words()(f"prompts.area.{area_of(key)}"),
            text=first.text,
            text_language=first.language,
            has_prices=first.has_prices,
            cells=those,
        )


def _choices() -> tuple[Choice, ...]:
    t = words()
    return (
        Choice("state", ("", *State), ("list.all", *[f"prompts.state.{each}" for each in State])),
        Choice(
            "language", ("", *Language), ("list.all", *[f"language.{each}" for each in Language])
        ),
        Choice("area", ("", *AREAS), ("list.all", *[t(f"prompts.area.{each}") for each in AREAS])),
        Choice("prices", ("", "yes"), ("list.all", "prompts.with_prices")),
    )
