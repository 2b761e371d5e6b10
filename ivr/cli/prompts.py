"""`pikett prompts`: the sounds of the line."""

import click

from ivr.bootstrap import Application
from ivr.cli.common import application
from ivr.cli.line_pieces import all_pieces, kept_pieces, recordings
from ivr.cli.prompt_check import CHECK_COMMANDS
from ivr.cli.prompt_parcel import PARCEL_COMMANDS
from ivr.cli.prompt_versions import COMMANDS
from ivr.errors import SoundsUnwritableError
from ivr.storage import migrate
from ivr.voice.engines import UnspokenError
from ivr.voice.fallback_sounds import link_fallback as link


@click.group()
def prompts() -> None:
    """The prompts of the line and their sounds.

    \b
    Example:
      pikett prompts build
    """


for command in (*COMMANDS, *CHECK_COMMANDS, *PARCEL_COMMANDS):
    prompts.add_command(command)


@prompts.command()
@click.option("--quiet", is_flag=True, help="Only say what was done.")
def build(quiet: bool) -> None:
    """Synthesise every prompt that has no sound yet.

    Names of customers and locations are included, so that no call has to wait for them. What is
    there is kept: a second run takes a moment, and one that was ended goes on where it was. What a
    lesser engine has spoken in need is spoken again. Sounds that no text and no name needs any more
    and that nobody has heard for a month are removed.

    \b
    Example:
      pikett prompts build --quiet
    """
    app = application("warning")
    pieces = list(all_pieces(app))
    app.sounds.synthesis.sweep()
    missing = app.sounds.count_missing(pieces)
    try:
        with click.progressbar(
            app.sounds.build(pieces), length=missing, label="Speaking", hidden=quiet or not missing
        ) as files:
            for _ in files:
                pass
    except UnspokenError as error:
        missing -= _without_a_sound(error)
    except SoundsUnwritableError as error:
        folder = app.settings.path("sounds")
        raise click.ClickException(
            f"{folder} takes no more files ({error}). "
            "Make room and run this again: what is done is kept."
        ) from error
    link_fallback(app)
    there = len(set(pieces)) - app.sounds.count_missing(pieces)
    click.echo(f"{there} sounds are there, {missing} of them new.")
    knows_names = migrate.is_current(app.storage.engine)
    if knows_names and (gone := app.sounds.forget(kept_pieces(app), recordings(app))):
        click.echo(f"{gone} sounds that nothing needs any more were removed.")


def _without_a_sound(error: UnspokenError) -> int:
    """A name that no engine can say has its number; anything else is a failure."""
    needed = [piece for piece in error.pieces if not piece.can_do_without]
    if needed:
        texts = "; ".join(f"{piece.language}: {piece.text[:60]}" for piece in needed[:3])
        raise click.ClickException(f"{len(needed)} texts were not spoken, such as {texts}. {error}")
    click.echo(f"{len(error.pieces)} names cannot be spoken; customer numbers are said instead.")
    return len(error.pieces)


def link_fallback(app: Application) -> None:
    """Fixed names for the few prompts that the dialplan plays when nobody answers it."""
    link(app.catalogue, app.sounds, app.settings.path("sounds", "fallback"))
