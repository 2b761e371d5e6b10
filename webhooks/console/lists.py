"""Lists: search, filters, sorting, paging and CSV, all by plain addresses."""

import csv
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from flask import Response, request, url_for

from ivr.imports.columns import guard
from ivr.services.listing import ListQuery, Page
from webhooks.console.access import audit
from webhooks.console.pages import render, words

PAGE_SIZES = (25, 50, 100)
CSV_ROWS = 100_000


class ListRequest(ListQuery):
    """What a browser asks of a list; whatever it asks wrongly is taken for nothing."""

    @classmethod
    def parse(
        cls,
        args: Mapping[str, str],
        sortable: Collection[str],
        default: str,
        filters: Collection[str] = (),
    ) -> "ListRequest":
        """`?search=&sort=-due&page=2&size=50` and a parameter per filter; `-` sorts descending."""
        asked = str(args.get("sort", "")) or default
        if asked.removeprefix("-") not in sortable:
            asked = default
        size = _figure(args.get("size"), 50)
        return cls(
            search=" ".join(str(args.get("search", "")).split())[:100],
            filters={name: str(args[name])[:40] for name in filters if args.get(name)},
            sort=asked.removeprefix("-"),
            descending=asked.startswith("-"),
            page=min(max(_figure(args.get("page"), 1), 1), 100_000),
            size=size if size in PAGE_SIZES else 50,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row: a text, where it leads, and a colour if it is a mark."""

    text: str
    address: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its head is the text `list.KEY`."""

    key: str
    cell: Callable[[Any], Cell | str]
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter; each value is shown as its label, a key of a text where there is such a text."""

    name: str
    values: Sequence[str]
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list looks like. `key` begins its texts: KEY.title, KEY.search."""

    key: str
    columns: Sequence[Column]
    choices: Sequence[Choice] = ()


def render_list(
    listing: Listing, asked: ListRequest, fetch: Callable[[ListQuery], Page[Any]]
) -> Response:
    """The page, or with `format=csv` all its rows in a file."""
    if request.args.get("format") == "csv":
        return send_csv(listing, fetch(replace(asked, page=1, size=CSV_ROWS)).rows)
    found = fetch(asked)
    pages = max(1, -(-found.total // asked.size))
    return render(
        "console/list.html",
        listing=listing,
        asked=asked,
        total=found.total,
        pages=pages,
        rows=[[_cell(column, row) for column in listing.columns] for row in found.rows],
        address=address_of(asked),
        sizes=PAGE_SIZES,
    )


def looked_at(listing: Listing, asked: ListRequest) -> None:
    """A list shows customers too: who looks, and who takes it away, is written down."""
    action = "exported" if request.args.get("format") == "csv" else "listed"
    audit(action, listing.key, asked.search)


def address_of(asked: ListRequest) -> Callable[..., str]:
    """Makes addresses of this list with something else, on its first page unless it is told."""
    sort = f"-{asked.sort}" if asked.descending else asked.sort
    known = {"search": asked.search or None, "sort": sort, "size": asked.size, **asked.filters}

    def address(**other: Any) -> str:
        return url_for(str(request.endpoint), **(request.view_args or {}), **(known | other))

    return address


def _cell(column: Column, row: Any) -> Cell:
    made = column.cell(row)
    return Cell(made) if isinstance(made, str) else made


def send_csv(listing: Listing, rows: Sequence[Any]) -> Response:
    """For a Swiss spreadsheet: semicolons, a byte order mark, and nothing it would run as a formula."""
    t, text = words(), StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([t(f"list.{column.key}") for column in listing.columns])
    for row in rows:
        writer.writerow([guard(_cell(column, row).text) for column in listing.columns])
    name = f"{listing.key}.csv"
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _figure(text: Any, default: int) -> int:
    shown = str(text or "")
    return int(shown) if re.fullmatch(r"[0-9]{1,6}", shown) else default
