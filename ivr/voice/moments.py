"""Day and wall time in words: today, tomorrow or a weekday; whatever is told begins within the week."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ivr.callflow.prompts import Moment
from ivr.contracts.windows import local_time

DAYS = ("today", "tomorrow", *(f"weekday_{day}" for day in range(7)))


def moment_words(moment: Moment, terms: Mapping[str, str]) -> str:
    """As one phrase."""
    at = local_time(moment.at)
    template = terms["time_on_the_hour"] if at.minute == 0 else terms["time"]
    wall = template.format(hour=at.hour, minute=f"{at.minute:02d}")
    return terms[_day(moment)].format(time=wall)


def moment_parts(moment: Moment, terms: Mapping[str, str]) -> tuple[str, ...]:
    """The same in day, hour and minutes, for a moment that nobody could foresee."""
    at = local_time(moment.at)
    if at.minute == 0:
        return _day_part(terms, _day(moment)), terms["time_on_the_hour"].format(hour=at.hour)
    return _day_part(terms, _day(moment)), _hour_part(terms, at.hour), f"{at.minute:02d}"


def vocabulary(terms: Mapping[str, str]) -> Iterator[str]:
    """Every part that a moment can have."""
    for day in DAYS:
        yield _day_part(terms, day)
    for hour in range(24):
        yield terms["time_on_the_hour"].format(hour=hour)
        yield _hour_part(terms, hour)
    for minute in range(1, 60):
        yield f"{minute:02d}"


def _day(moment: Moment) -> str:
    at, now = local_time(moment.at), local_time(moment.now)
    if at.date() == now.date():
        return "today"
    if at.date() == now.date() + timedelta(days=1):
        return "tomorrow"
    return f"weekday_{at.weekday()}"


def _day_part(terms: Mapping[str, str], day: str) -> str:
    return terms[day].partition("{time}")[0].strip()


def _hour_part(terms: Mapping[str, str], hour: int) -> str:
    return terms["time"].partition("{minute}")[0].format(hour=hour).strip()
