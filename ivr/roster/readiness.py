"""When a technician's telephone is tried before his duty, and when something happens every day.

Nobody is woken for a trial: between 21:00 and 08:00 only a duty that begins then itself is a reason
to call. A trial that would fall into the night is made in the morning, if the duty leaves an hour for
it, else the evening before.
"""

from datetime import datetime, time, timedelta

from ivr.roster.walltime import DAY, instant, local

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
EVENING = time(20)
ENOUGH = timedelta(hours=1)


def is_quiet(at: datetime) -> bool:
    """Whether people are left alone at this instant."""
    wall = local(at).time()
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


def when_to_try(starts_at: datetime, before: timedelta) -> datetime:
    """The instant of the trial for a duty that begins then."""
    at = starts_at - before
    if not is_quiet(at) or is_quiet(starts_at):
        return at
    wall = local(at)
    morning = wall.date() if wall.time() < QUIET_UNTIL else wall.date() + DAY
    due = instant(morning, QUIET_UNTIL)
    return due if due + ENOUGH <= starts_at else instant(morning - DAY, EVENING)


def next_daily(wall: time, now: datetime) -> datetime:
    """The next instant at which the clock shows `wall`."""
    today = local(now).date()
    found = instant(today, wall)
    return found if found > now else instant(today + DAY, wall)


def daily_before(wall: time, now: datetime) -> datetime:
    """The latest instant at which it did."""
    today = local(now).date()
    found = instant(today, wall)
    return found if found <= now else instant(today - DAY, wall)
