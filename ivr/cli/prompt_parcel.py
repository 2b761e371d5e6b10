"""`pikett prompts pack` and `unpack`: built sounds for a machine without a speech engine."""

from pathlib import Path

import click

from ivr.cli.common import application
from ivr.voice.fallback_sounds import link_fallback
from ivr.voice.parcel import pack as pack_into
from ivr.voice.parcel import unpack as unpack_from


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def pack(file: Path) -> None:
    """Write all built sounds into FILE, names of customers included.

    For a machine that has no speech engine: build here with its configuration, unpack there. What a
    release brings along is made by `make release`.

    \b
    Example:
      pikett prompts pack pikett-prompts.tar.gz
    """
    folder = application("warning").settings.path("sounds")
    click.echo(f"{pack_into(folder, file)} sounds, {file.stat().st_size / 1e6:.0f} MB: {file}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def unpack(file: Path) -> None:
    """Take the sounds of FILE, which `pikett prompts pack` or a release made; no engine is needed.

    Sounds that are there stay as they are. Only sounds are taken: anything else in FILE is refused.

    \b
    Example:
      pikett prompts unpack pikett-prompts-0.1.0.tar.gz
    """
    app = application("warning")
    folder = app.settings.path("sounds")
    count = unpack_from(file, folder)
    link_fallback(app.catalogue, app.sounds, folder / "fallback")
    click.echo(
        f"{count} new sounds in {folder}; `pikett prompts check` tells what is still missing."
    )


PARCEL_COMMANDS = (pack, unpack)
