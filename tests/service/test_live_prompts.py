"""How long a turn waits to learn what is published: little, but once longer after idleness."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from ivr.bootstrap import Application
from ivr.services.stores import Storage
from ivr.voice.live import (
    IDLE_SECONDS,
    PATIENCE_AFTER_IDLENESS,
    PATIENCE_SECONDS,
    REFRESH_SECONDS,
    LiveShelf,
)
from ivr.wording.shelf import Slot
from tests.fakes import FrozenClock
from tests.service.prompting import DE, KEY, begin, save, say, with_quick_uploads

SLOT = Slot(KEY, DE)
SLOW_SECONDS = (PATIENCE_SECONDS + PATIENCE_AFTER_IDLENESS) / 2


class Slow:
    """A storage that takes its time to answer."""

    def __init__(self, app: Application) -> None:
        self._storage = app.storage

    @contextmanager
    def reading(self) -> Iterator[Any]:
        threading.Event().wait(SLOW_SECONDS)
        with self._storage.reading() as uow:
            yield uow


def test_who_was_idle_waits_for_what_is_published_and_who_is_busy_does_not(
    app: Application, clock: FrozenClock
) -> None:
    with_quick_uploads(app)
    storage, ticks = cast(Storage, Slow(app)), [1000.0]
    shelf = LiveShelf(lambda: storage, clock, lambda: "", lambda _: True, lambda: ticks[0])
    say(app, clock, save(app, "Eins."))
    assert shelf.text(SLOT) == "Eins."
    app.prompts.publish(save(app, "Zwei."), None)
    begin(app, clock)
    ticks[0] += REFRESH_SECONDS
    assert shelf.text(SLOT) == "Eins."
    with shelf._asking:  # until the question has its answer
        assert shelf.text(SLOT) == "Zwei."
    say(app, clock, save(app, "Drei."))
    ticks[0] += IDLE_SECONDS + 1
    assert shelf.text(SLOT) == "Drei."
