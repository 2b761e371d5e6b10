"""An application with all its sounds, as `pikett prompts build` leaves it."""

from ivr.bootstrap import Application
from ivr.cli.line_pieces import all_pieces


def with_all_sounds(app: Application) -> Application:
    """Nothing is left to be synthesised in the background while somebody hears the whisper."""
    for _ in app.sounds.build(all_pieces(app)):
        pass
    return app
