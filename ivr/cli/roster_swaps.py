"""`pikett roster swap`: one technician asks, the other answers; both on their pages, or here."""

import click

from ivr.cli.common import migrated_application
from ivr.roster.walltime import local
from ivr.services.roster_store import SwapState
from ivr.services.roster_swaps import Answer, describe_swap


@click.group()
def swap() -> None:
    """Swaps of duties. Nothing changes before the other has agreed; both consents are kept.

    \b
    Examples:
      pikett roster swap ask "Luca Bernasconi" "Anna Meier" 2026-12-24T18:00 2026-12-25T08:00
      pikett roster swap agree 4 "Anna Meier"
    """


@swap.command()
@click.argument("asker")
@click.argument("other")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--back-from", default="", help="What ASKER takes over for it.")
@click.option("--back-to", default="")
def ask(asker: str, other: str, first: str, last: str, back_from: str, back_to: str) -> None:
    """ASKER asks OTHER to take his duties from FROM to TO.

    \b
    Example:
      pikett roster swap ask "Luca Bernasconi" "Anna Meier" 2026-12-24T18:00 2026-12-25T08:00
    """
    app = migrated_application("error")
    found, _ = app.technicians.get(asker)
    typed = {"person": other, "from": first, "to": last}
    typed |= {"back_from": back_from, "back_to": back_to}
    asked = app.swaps.ask(found.id, typed, None, app.clock.now())
    click.echo(f"Swap {asked} is asked; it counts when {other} agrees.")


@swap.command(name="list")
def list_() -> None:
    """Questions whose duties are not over.

    \b
    Example:
      pikett roster swap list
    """
    app = migrated_application("error")
    now = app.clock.now()
    plan = app.rosters.plan(now)
    with app.storage.reading() as uow:
        known = uow.swaps.list_since(now)
    for each in known:
        at = each.answered_at
        answered = f" {local(at):%Y-%m-%d %H:%M}" if at is not None else ""
        asked = f"asked {local(each.asked_at):%Y-%m-%d %H:%M}"
        state = "" if each.state is SwapState.ASKED else f", {each.state}{answered}"
        click.echo(f"[{each.id}] {describe_swap(each, plan)}; {asked}{state}")


_id_argument = click.argument("swap_id", type=int, metavar="ID")
_who_argument = click.argument("technician")


@swap.command()
@_id_argument
@_who_argument
def agree(swap_id: int, technician: str) -> None:
    """TECHNICIAN, who was asked, agrees: the duties change hands.

    \b
    Example:
      pikett roster swap agree 4 "Anna Meier"
    """
    _answer(swap_id, technician, SwapState.AGREED)


@swap.command()
@_id_argument
@_who_argument
def refuse(swap_id: int, technician: str) -> None:
    """TECHNICIAN, who was asked, keeps what he has.

    \b
    Example:
      pikett roster swap refuse 4 "Anna Meier"
    """
    _answer(swap_id, technician, SwapState.REFUSED)


@swap.command()
@_id_argument
@_who_argument
def withdraw(swap_id: int, technician: str) -> None:
    """TECHNICIAN, who asked, takes the question back.

    \b
    Example:
      pikett roster swap withdraw 4 "Luca Bernasconi"
    """
    _answer(swap_id, technician, SwapState.WITHDRAWN)


def _answer(swap_id: int, technician: str, state: SwapState) -> None:
    app = migrated_application("error")
    found, _ = app.technicians.get(technician)
    app.swaps.answer(Answer(swap_id, found.id, state), None, app.clock.now())
    click.echo(f"Swap {swap_id} is {state}.")
