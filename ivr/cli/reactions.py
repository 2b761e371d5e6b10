"""`pikett reactions`: promised reactions that were kept and missed."""

import json
from datetime import date, datetime

import click

from ivr.cli.common import migrated_application
from ivr.contracts.commitments import Standing
from ivr.contracts.windows import local_time
from ivr.services.reactions import PlanReactions


def _month(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, no instant
    except ValueError:
        raise click.BadParameter("a month is written 2026-11") from None


@click.command()
@click.option("--month", callback=_month, help="Such as 2026-11; without it, this month.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def reactions(month: date | None, as_json: bool) -> None:
    """How many promised first reactions were kept and missed, by plan.

    Counted are tickets opened in the month. Best effort is never due and not counted; only the
    recorded feedback of a technician keeps a promise.

    \b
    Examples:
      pikett reactions
      pikett reactions --month 2026-10 --json
    """
    app = migrated_application()
    now = app.clock.now()
    found = app.reactions.of_month(month or local_time(now).date(), now)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2))
    elif not found:
        click.echo("Nothing was promised in this month.")
    else:
        click.echo(f"{'':24}{'kept':>8}{'missed':>8}{'open':>8}{'ended':>8}{'share':>8}")
        for each in found:
            click.echo(_line(each))


def _line(each: PlanReactions) -> str:
    counts = "".join(f"{each.counts[standing]:>8}" for standing in _ORDER)
    share = f"{each.share_kept:.1%}" if each.share_kept is not None else "-"
    missed = f"   missed: {', '.join(map(str, each.missed[:20]))}" if each.missed else ""
    return f"{each.source:24}{counts}{share:>8}{missed}"


_ORDER = (Standing.KEPT, Standing.MISSED, Standing.OPEN, Standing.ENDED)


def _plain(each: PlanReactions) -> dict[str, object]:
    counts = {str(standing): each.counts[standing] for standing in _ORDER}
    return {
        "source": each.source,
        **counts,
        "share_kept": each.share_kept,
        "missed_tickets": each.missed,
    }
