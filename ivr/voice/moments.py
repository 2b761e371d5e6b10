"""Day and wall time in words: today, tomorrow or a weekday; whatever is told begins within the week."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ivr.callflow.prompts import Moment
from ivr.contracts.windows import local_time

TEN = 10
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
    day, at_the = _day_parts(terms, _day(moment))
    if at.minute == 0:
        return day, _hour_part(terms, "time_on_the_hour", at_the, at.hour)
    return day, _hour_part(terms, "time_hour", at_the, at.hour), _minute_part(terms, at.minute)


def vocabulary(terms: Mapping[str, str]) -> Iterator[str]:
    """Every part that a moment can have."""
    days = [_day_parts(terms, day) for day in DAYS]
    for day, _ in days:
        yield day
    for at_the in dict.fromkeys(word for _, word in days):
        for hour in range(24):
            yield _hour_part(terms, "time_on_the_hour", at_the, hour)
            yield _hour_part(terms, "time_hour", at_the, hour)
    for minute in range(1, 60):
        yield _minute_part(terms, minute)


def _day(moment: Moment) -> str:
    at, now = local_time(moment.at), local_time(moment.now)
    if at.date() == now.date():
        return "today"
    if at.date() == now.date() + timedelta(days=1):
        return "tomorrow"
    return f"weekday_{at.weekday()}"


def _day_parts(terms: Mapping[str, str], day: str) -> tuple[str, str]:
    """The day, and the last word before the time, which is said with it: "all'una"."""
    before = terms[day].partition("{time}")[0].strip()
    name, _, at_the = before.rpartition(" ")
    return name, at_the


def _hour_part(terms: Mapping[str, str], term: str, at_the: str, hour: int) -> str:
    return f"{at_the} {terms[term].format(hour=hour)}"


def _minute_part(terms: Mapping[str, str], minute: int) -> str:
    """As it is said behind a pause: in Italian "e trenta", in French "trente minutes"."""
    few = "_below_ten" if minute < TEN else ""
    return terms[f"time_minute{few}"].format(minute=minute)
