"""The time that is left, as words that can be read half asleep."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.contracts.commitments import Standing
from webhooks.console.words import Translate

SOON = timedelta(minutes=15)
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Left:
    """So much time is left, or has passed since if it is `late`. `tone` is its colour."""

    minutes: int
    late: bool
    tone: str

    def words(self, t: Translate) -> str:
        """Such as "noch 1 h 20 min", or "seit 12 min überfällig"."""
        key = "tech.left_late" if self.late else "tech.left"
        return t(key, span=span(self.minutes, t))


def span(minutes: int, t: Translate) -> str:
    """Such as "2 Tg. 3 h 10 min"; what is nought is left out."""
    days, rest = divmod(minutes, DAY_MINUTES)
    parts = (f"{days} {t('tech.days')}", days), (f"{rest // 60} h", rest // 60)
    shown = [text for text, number in parts if number]
    if rest % 60 or not shown:
        shown.append(f"{rest % 60} min")
    return " ".join(shown)


def time_left(due: datetime | None, standing: Standing | None, now: datetime) -> Left | None:
    """None where nothing runs: never due, kept, or ended."""
    if due is None or standing not in (Standing.OPEN, Standing.MISSED):
        return None
    left = due - now
    late = left < timedelta(0)
    tone = "danger-emphasis" if late else "warning-emphasis" if left <= SOON else "body"
    return Left(abs(left) // timedelta(minutes=1), late, tone)
