"""All sounds of a data folder, so that a process started on it never waits for an engine."""

from pathlib import Path

from ivr.cli.line_pieces import all_pieces
from tests.wiring import quick_application


def speak_everything(data_dir: Path) -> None:
    """Silence of plausible lengths, under the names that the real engine would give."""
    app = quick_application(data_dir)
    for _ in app.sounds.build(all_pieces(app)):
        pass
    app.storage.engine.dispose()
