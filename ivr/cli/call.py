"""`pikett call`: a call in the terminal, played by people or by a script."""

from collections.abc import Iterator

import click

from ivr.bootstrap import Application
from ivr.cli.call_views import JsonView, StoryView, TerminalView, View
from ivr.cli.common import migrated_application, moment_at
from ivr.errors import MalformedRequestError
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.ports import Wording
from ivr.services.rehearsal import Rehearsal
from ivr.services.reports import IncomingCall, rehearsed_id
from ivr.services.script import HangUpNow, NoKey, Script, Token, parse_script, parse_token

CHANNEL = "rehearsal"
_COMMANDS = "digits and Enter, /timeout, /dial RESULT, /message SECONDS, /hangup"


@click.command()
@click.option("--from", "caller", default="anonymous", help="The caller's number.")
@click.option("--at", "moment", help="ISO 8601; without an offset it is Europe/Zurich wall time.")
@click.option("--keys", help="What the people do, one token per point where the call waits.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.option("--again", is_flag=True, help="The caller of the last rehearsal calls once more.")
@click.option("--story", "as_story", is_flag=True, help="Print the call as a story file.")
def call(
    caller: str, moment: str | None, keys: str | None, as_json: bool, again: bool, as_story: bool
) -> None:
    """Make a rehearsed call: nothing is dialled, mailed, billed or counted.

    Tokens for --keys: digits; "-" for no key; "dial:RESULT" with accept, decline, no-answer, busy,
    failed, no-key or the keys pressed; "message:SECONDS"; "hangup". A token that does not fit the
    present wait is kept for the next one; when the tokens end, the caller hangs up. Earlier rehearsals
    are not known to the line, unless --again says that the caller of the last one calls once more.

    \b
    Examples:
      pikett call --from "+41 44 000 10 09" --at 2026-11-23T10:00
      pikett call --from "+41 44 000 10 01" --keys "1 - dial:accept" --json
      pikett call --keys "1 11001123456 1 - dial:no-answer dial:accept"
      pikett call --from "+41 44 000 10 01" --keys "1 - dial:accept" --story > story.yaml
    """
    if as_json and as_story:
        raise click.UsageError("--json and --story cannot be used together")
    app = migrated_application("critical" if (as_json or as_story) else "error")
    at = moment_at(moment, app.clock.now())
    view = _view(app.catalogue, as_json, as_story)
    asked = ask_tokens(view, aside=as_json or as_story)
    script = Script(parse_script(keys) if keys is not None else asked)
    incoming = IncomingCall(
        channel=CHANNEL,
        provider_call_id=rehearsed_id(_series(app, again), app.ids.new()),
        caller=parse_caller_id(caller, own_numbers=app.settings.own_numbers),
        raw_caller=caller,
        at=at,
        can_ring_at_once=True,
        rehearsal=True,
        clock_shift_seconds=(at - app.clock.now()).total_seconds(),
    )
    rehearsal = Rehearsal(app.calls, app.sounds, view, script, at)
    view.starts(caller, at, keys)
    call_id = rehearsal.play(incoming)
    with app.storage.reading() as uow:
        view.ends(uow.calls.summary(call_id), uow.attempts.list_of(call_id))


def _series(app: Application, again: bool) -> str:
    """A rehearsal knows nothing of earlier ones, unless it is to go on with the last."""
    known = None
    if again:
        with app.storage.reading() as uow:
            known = uow.repeats.newest_series(CHANNEL)
    return known or app.ids.new()


def ask_tokens(view: View, *, aside: bool) -> Iterator[Token]:
    """What somebody types, until he hangs up or ends the input; asked on standard error `aside`."""
    while True:
        try:
            line = click.prompt(
                view.question(), default="", show_default=False, prompt_suffix="> ", err=aside
            )
        except click.Abort:
            yield HangUpNow()
            return
        yield from _typed(line.strip())


def _typed(line: str) -> Iterator[Token]:
    if line in ("", "/timeout"):
        yield NoKey()
        return
    word = line.removeprefix("/").replace(" ", ":", 1) if line.startswith("/") else line
    try:
        yield parse_token(word)
    except MalformedRequestError as error:
        click.echo(f"{error} (here: {_COMMANDS})", err=True)


def _view(catalogue: Wording, as_json: bool, as_story: bool) -> View:
    if as_json:
        return JsonView(catalogue)
    return StoryView(catalogue) if as_story else TerminalView(catalogue)
