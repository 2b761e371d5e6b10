"""`pikett prompts check` and `where`: what is wrong with the voice of the line, and who says what."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey
from ivr.cli.common import application
from ivr.cli.line_pieces import all_pieces, notices
from ivr.storage import migrate
from ivr.voice.sound_defects import (
    damaged_recordings,
    damaged_sounds,
    long_notices,
    missing_sounds,
)
from ivr.voice.text_defects import Defect, faults_in, text_defects
from ivr.voice.usage import where_used


@click.command()
@click.option(
    "--texts",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Check only the texts of another folder, such as a translator's copy of prompts/.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for other programs.")
def check(folder: Path | None, as_json: bool) -> None:
    """Tell everything that is wrong with texts, sounds and recordings, and what to do.

    Texts of the release and those that admins have published; sounds that are missing, damaged or a
    last resort's; recordings that a price change has put out of use; notices that take too long. Ends
    with 0 if nothing is wrong, else with 1.

    \b
    Examples:
      pikett prompts check
      pikett prompts check --texts ~/translation/prompts
      pikett prompts check --json
    """
    app = application("error")
    if folder is None:
        found = list(dict.fromkeys(_everything(app)))
    else:
        found = [*_texts(app, folder), *damaged_recordings(folder)]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
    else:
        _tell(found)
    raise SystemExit(1 if found else 0)


def _tell(found: Sequence[Defect]) -> None:
    for each in found:
        click.secho(str(each), fg="red")
    if not found:
        languages = ", ".join(Language)
        click.secho(f"All right: {len(PromptKey)} prompts in {languages}.", fg="green")


def _everything(app: Application) -> Iterator[Defect]:
    """Sounds only where the texts let the line start."""
    folder = resources.folder("prompts")
    texts = list(_texts(app, folder))
    yield from texts
    yield from damaged_recordings(folder)
    if not texts:
        yield from _published(app)
        yield from _sounds(app)


def _texts(app: Application, folder: Path) -> Iterator[Defect]:
    """Names of plans are spoken too."""
    names = frozenset(plan.name for plan in app.plans.values())
    return text_defects(folder, app.settings.voice.longest_text, names)


def _published(app: Application) -> Iterator[Defect]:
    """What admins have made, where there is a database."""
    if not migrate.is_current(app.storage.engine):
        return
    most = app.settings.voice.longest_text
    for entry in app.prompts.entries():
        where = f"published: {entry.language} {entry.key}"
        if entry.changed:
            variables = set(app.catalogue.described(entry.key).values)
            yield from faults_in(where, entry.text, variables, most)
    for out in app.prompts.outdated():
        where = f"published: {out.slot.language} {out.slot.key}"
        words = f"recording {out.version_id} is of other prices and not heard: record it again"
        if out.same_words:
            words = f"recording {out.version_id} is of other prices and not heard: confirm it"
        yield Defect("recording_outdated", where, words)


def _sounds(app: Application) -> Iterator[Defect]:
    pieces = tuple(all_pieces(app))
    yield from missing_sounds(app.sounds, pieces)
    yield from damaged_sounds(app.sounds, pieces)
    said = (
        (window.open, notice) for language in Language for window, notice in notices(app, language)
    )
    yield from long_notices(app.sounds, said)


@click.command()
@click.argument("key", required=False, type=click.Choice([str(key) for key in PromptKey]))
def where(key: str | None) -> None:
    """Tell what each prompt is for and where the call flow says it, read from its source.

    \b
    Examples:
      pikett prompts where
      pikett prompts where still_trying
    """
    catalogue = application("error").catalogue
    for each in [PromptKey(key)] if key else PromptKey:
        described = catalogue.described(each)
        values = ", ".join(f"{name}: {kind}" for name, kind in described.values.items())
        click.secho(f"{each}" + (f" ({values})" if values else ""), bold=True)
        click.echo(f"  {described.purpose}\n  {', '.join(where_used().get(each, ('nowhere',)))}")


CHECK_COMMANDS = (check, where)
