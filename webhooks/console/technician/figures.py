"""The time that is left, as a figure that can be read half asleep."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.contracts.commitments import Standing

SOON = timedelta(minutes=15)
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Left:
    """`text` such as 1:05 or 2 d 03:10; `late` says that it counts up. `tone` is its colour."""

    text: str
    late: bool
    tone: str


def time_left(due: datetime | None, standing: Standing | None, now: datetime) -> Left | None:
    """None where nothing runs: never due, kept, or ended."""
    if due is None or standing not in (Standing.OPEN, Standing.MISSED):
        return None
    left = due - now
    late = left < timedelta(0)
    minutes = abs(left) // timedelta(minutes=1)
    days, rest = divmod(minutes, DAY_MINUTES)
    shown = f"{rest // 60}:{rest % 60:02}"
    text = f"{days} d {shown}" if days else shown
    tone = "danger-emphasis" if late else "warning-emphasis" if left <= SOON else "body"
    return Left(f"−{text}" if late else text, late, tone)
