"""`pikett prompts list` and its like: what the line says, without a page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from ivr import resources
from ivr.bootstrap import Application
from ivr.bootstrap_prompts import price_version
from ivr.callflow.prompts import Language
from ivr.cli.common import migrated_application, moment_at
from ivr.contracts.offers import OfferRules
from ivr.contracts.plans import parse_plans
from ivr.contracts.tariffs import parse_tariffs
from ivr.contracts.windows import local_time
from ivr.errors import ConfigurationError
from ivr.services.prompt_records import EntryDetail, PromptRefusedError, State
from ivr.services.spoken_prices import Prices
from ivr.voice.prompt_words import refusal_words, warning_words
from ivr.wording.shelf import Version

_LANGUAGES = click.Choice([str(each) for each in Language])


@click.command("list")
@click.option("--language", type=_LANGUAGES, help="Only this one.")
@click.option("--state", type=click.Choice([str(each) for each in State]), help="Only these.")
def list_prompts(language: str | None, state: str | None) -> None:
    """List every prompt, how it stands, its number for recording by phone and its text.

    A prompt with figures has a number for each sentence: `pikett prompts show` tells them.

    \b
    Example:
      pikett prompts list --language de --state outdated
    """
    app = migrated_application("warning")
    numbers = app.prompt_numbers.fixed()
    for each in app.prompts.entries():
        if language in (None, each.language) and state in (None, each.state):
            number = numbers.get((each.key, each.language), "-")
            click.echo(f"{each.language}  {each.state:<11}  {number:>4}  {each.key}: {each.text}")


@click.command()
@click.argument("key")
@click.argument("language")
def show(key: str, language: str) -> None:
    """Show one prompt with its versions and when each was published.

    \b
    Example:
      pikett prompts show greeting de
    """
    with _in_words():
        app = migrated_application("warning")
        found = app.prompts.entry(key, language)
    for line in _told(found, app.prompt_numbers.of(found)):
        click.echo(line)


@click.command()
@click.argument("key")
@click.argument("language")
@click.argument("text")
@click.option("--note", default="", help="Why, for the history.")
def text(key: str, language: str, text: str, note: str) -> None:
    """Save TEXT as a new version; it is spoken at once and heard once it is published.

    \b
    Example:
      pikett prompts text goodbye en "Thank you for calling. Goodbye."
    """
    with _in_words():
        app = migrated_application("warning")
        saved = app.prompts.save_text(key, language, text, None, note)
    for warning in saved.warnings:
        click.echo(warning_words(warning, Language.EN), err=True)
    click.echo(
        f"Version {saved.version_id} is saved; publish it: pikett prompts publish {saved.version_id}"
    )


@click.command()
@click.argument("version", type=int)
@click.option("--at", help="From when it is heard, local time; without it now.")
def publish(version: int, at: str | None) -> None:
    """Let callers hear VERSION.

    \b
    Example:
      pikett prompts publish 12 --at "2027-01-01 00:00"
    """
    app = migrated_application("warning")
    from_at = moment_at(at, app.clock.now()) if at else None
    with _in_words():
        number = app.prompts.publish(version, None, from_at)
    click.echo(f"Version {version} is published (publication {number}).")


@click.command()
@click.argument("key")
@click.argument("language")
@click.option("--words", default="", help="Of the recording; without it the text goes back.")
def rollback(key: str, language: str, words: str) -> None:
    """Go one step back, as often as it is repeated; at its end is what is shipped.

    \b
    Example:
      pikett prompts rollback greeting de
    """
    with _in_words():
        before = migrated_application("warning").prompts.roll_back(key, language, words, None)
    click.echo(f"In use: {f'version {before}' if before else 'what is shipped'}.")


@click.command()
@click.option("--plans", type=click.Path(path_type=Path), help="Another plans.yaml.")
@click.option("--tariffs", type=click.Path(path_type=Path), help="Another tariffs.yaml.")
def outdated(plans: Path | None, tariffs: Path | None) -> None:
    """List recordings that prices keep out of use; with files: that they would.

    \b
    Example:
      pikett prompts outdated --tariffs /etc/pikett/tariffs.new.yaml
    """
    app = migrated_application("warning")
    found = app.prompts.outdated_by(prices_of_files(app, plans, tariffs))
    for each in found:
        hint = "can be confirmed" if each.same_words else "other words: record it again"
        click.echo(f"{each.slot.language}  {each.slot.key}: {each.slot.words}")
        click.echo(f"    version {each.version_id}, {hint}")
    click.echo(f"{len(found)} recordings.")


def prices_of_files(app: Application, plans: Path | None, tariffs: Path | None) -> Prices:
    """What the line would sell with these files; those that are not given stay."""
    here = app.settings.config_dir or resources.folder("config")
    plans, tariffs = plans or here / "plans.yaml", tariffs or here / app.settings.tariffs
    sold, costs = resources.load_yaml(plans), resources.load_yaml(tariffs)
    version = price_version(plans, tariffs)
    rules = OfferRules(parse_tariffs(costs), app.calendar, version)
    return Prices(parse_plans(sold), rules, version)


def _told(found: EntryDetail, numbers: Mapping[str, int]) -> Iterator[str]:
    entry = found.entry
    yield f"{entry.key} {entry.language}: {entry.state}"
    yield entry.purpose
    yield f"In use:   {entry.text}"
    if entry.changed:
        yield f"Shipped:  {found.shipped}"
    for sentence in found.sentences:
        by = f"version {sentence.version_id}" if sentence.version_id else "synthesised"
        yield f"Sentence {numbers[sentence.words]}: {sentence.words}  [{by}]"
    for version in found.versions:
        yield _line(version)
    for each in found.publications:
        which = f"version {each.version_id}" if each.version_id else "what is shipped"
        taken_back = ", withdrawn" if each.withdrawn_at else ""
        yield f"From {_wall(each.from_at)}: {which}, by {each.made_by}{taken_back}"


def _line(version: Version) -> str:
    kind = f"recording, {version.seconds:.1f} s" if version.sound else "text"
    made = f"{_wall(version.made_at)} by {version.made_by}"
    return f"Version {version.id} ({kind}, {made}): {version.words}"


def _wall(at: datetime) -> str:
    return f"{local_time(at):%Y-%m-%d %H:%M:%S}"


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except PromptRefusedError as error:
        told = " ".join(refusal_words(reason, Language.EN) for reason in error.reasons)
        raise ConfigurationError(told) from error


COMMANDS = (list_prompts, show, text, publish, rollback, outdated)
