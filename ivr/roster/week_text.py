"""The hours of a week as somebody writes them: `mon-fri 18:00-08:00; sat,sun 00:00-00:00`.

A window that does not end later than it begins ends on the following day.
"""

from datetime import time

from ivr.roster.walltime import WEEKDAYS, Week, Window


def parse_week(text: str) -> Week | None:
    """None for no text: always. Raises ValueError that says which part is wrong."""
    days: list[list[Window]] = [[] for _ in WEEKDAYS]
    for part in filter(None, (each.strip() for each in text.lower().split(";"))):
        names, _, times = part.partition(" ")
        windows = [_window(each, part) for each in times.replace(" ", "").split(",")]
        for name in names.split(","):
            for day in _days(name, part):
                days[day] += windows
    if not any(days):
        return None
    return tuple(tuple(sorted(day)) for day in days)


def write_week(week: Week) -> str:
    """The same, days with the same hours together."""
    written: dict[str, list[str]] = {}
    for name, windows in zip(WEEKDAYS, week, strict=True):
        text = ",".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in windows)
        if text:
            written.setdefault(text, []).append(name)
    return "; ".join(f"{','.join(names)} {text}" for text, names in written.items())


def _days(name: str, part: str) -> range:
    first, dash, last = name.partition("-")
    try:
        begin = WEEKDAYS.index(first)
        end = WEEKDAYS.index(last) if dash else begin
    except ValueError:
        raise ValueError(
            f"{part!r}: {name!r} is no weekday; write mon, tue, ... or mon-fri"
        ) from None
    if end < begin:
        raise ValueError(f"{part!r}: {name!r} runs backwards")
    return range(begin, end + 1)


def _window(text: str, part: str) -> Window:
    opens, _, closes = text.partition("-")
    try:
        return _wall(opens), _wall(closes)
    except ValueError:
        raise ValueError(f"{part!r}: {text!r} is not HH:MM-HH:MM") from None


def _wall(text: str) -> time:
    if len(text) != len("00:00"):
        raise ValueError(text)
    return time(0) if text == "24:00" else time.fromisoformat(text)
