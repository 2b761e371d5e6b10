"""`pikett ticket`: what a ticket promises, and what technicians have said about its fault."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

from ivr.cli.common import migrated_application
from ivr.contracts.commitments import Promise, Standing
from ivr.contracts.faults import VOCABULARIES, Fact, Statement, YesNo
from ivr.contracts.windows import local_time
from ivr.services.faults import Faults, TicketState

FLAGS = (Fact.SPOF, Fact.PROVISIONAL)
OPTIONS = {Fact.FAULT_CLASS: "--class"}
"""Where an option has another name than its fact."""

Command = Callable[..., None]


@click.group()
def ticket() -> None:
    """Tickets: their commitments, and the facts of their faults.

    \b
    Examples:
      pikett ticket show 100001
      pikett ticket note 100001 --by "Anna Meier" --first-reaction "The SIP trunk refuses us"
    """


_number_argument = click.argument("number", type=click.IntRange(1))
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


def _choice(fact: Fact, text: str) -> Callable[[Command], Command]:
    option = OPTIONS.get(fact, f"--{fact}")
    values = click.Choice([str(value) for value in VOCABULARIES[fact]])
    return click.option(option, str(fact), type=values, help=text)


@ticket.command()
@_number_argument
@_json_option
def show(number: int, as_json: bool) -> None:
    """How ticket NUMBER stands: what was promised, by when, and what was said.

    A commitment is open, kept, missed, or ended (handed over to problem management). It is kept by
    the first reaction of a technician at or before its due time. Best effort has no due time.

    \b
    The JSON object has:
      number, kind, opened_at, rehearsal, customer, location
      fault        class, spof, cause, provisional, problem, category, mode, phase, responsible
      alarm        the first due time of all commitments, or null
      commitments  source, kind, hours, clock, started_at, due_at, next_business_day, rule,
                   calendar_version, plan, standing
      facts        at, author, fact, value, reason, in the order in which they were said

    \b
    Example:
      pikett ticket show 100001 --json
    """
    app = migrated_application("error")
    now = app.clock.now()
    _tell(Faults(app.storage).state(number, now), now, as_json)


@ticket.command()
@_number_argument
@click.option("--by", "author", required=True, help="The technician who says it.")
@click.option("--first-reaction", help="Feedback on a possible cause.")
@_choice(Fact.FAULT_CLASS, "How bad it is.")
@click.option("--spof/--no-spof", default=None, help="A single point of failure is affected.")
@_choice(Fact.CAUSE, "Where the fault was.")
@click.option("--provisional/--no-provisional", default=None, help="A provisional solution.")
@click.option("--problem", help="The number of the problem record.")
@_choice(Fact.CATEGORY, "What kind of work it was.")
@_choice(Fact.MODE, "Where the work was done.")
@_choice(Fact.PHASE, "Where the ticket stands.")
@click.option("--responsible", help="Who is responsible from now on.")
@click.option("--involved", help="A specialist or supplier who was called in.")
@click.option("--reason", help="Why; needed to lower the class.")
@_json_option
def note(number: int, author: str, reason: str | None, as_json: bool, **given: Any) -> None:
    """Write down what a technician says about ticket NUMBER; nothing is ever changed or removed.

    A single point of failure makes a fault at least "main". Lowering the class needs --reason.
    A first reaction, an end, or taking the ticket stops the telephones that ring for it.

    \b
    Examples:
      pikett ticket note 100001 --by "Anna Meier" --first-reaction "The SIP trunk refuses us"
      pikett ticket note 100001 --by "Anna Meier" --class major --spof
      pikett ticket note 100001 --by "Anna Meier" --class main --provisional --reason "spare router"
      pikett ticket note 100001 --by "Anna Meier" --cause third_party --reason "carrier fault"
    """
    facts = {Fact(name): _value(value) for name, value in given.items() if value is not None}
    if not facts:
        raise click.UsageError("say at least one thing, such as --first-reaction TEXT")
    app = migrated_application("error")
    now = app.clock.now()
    state = app.ticket_work.note(number, author, facts, reason, now)
    _tell(state, now, as_json)


def _value(given: Any) -> str:
    if isinstance(given, bool):
        return str(YesNo.YES if given else YesNo.NO)
    return str(given)


def _tell(state: TicketState, now: datetime, as_json: bool) -> None:
    click.echo(json.dumps(plain(state), ensure_ascii=False) if as_json else _page(state, now))


def plain(state: TicketState) -> dict[str, Any]:
    """A ticket as JSON values; instants with the provider's offset."""
    view = state.ticket
    customer = {"number": view.customer_number, "name": view.customer_name}
    return {
        "number": view.number,
        "kind": str(view.kind),
        "opened_at": _iso(view.opened_at),
        "rehearsal": view.rehearsal,
        "customer": customer if view.customer_number is not None else None,
        "location": view.location_name,
        "fault": _fault(state),
        "alarm": _iso(state.alarm.deadline.due) if state.alarm is not None else None,
        "commitments": [_commitment(*each) for each in state.promises],
        "facts": [_statement(each) for each in state.statements],
    }


def _fault(state: TicketState) -> dict[str, Any]:
    """What stands; flags that nobody has spoken of are false."""
    fault, last = state.fault, Fact.FIRST_REACTION
    said = {str(fact): fault.value(fact) for fact in Fact if fact not in (last, Fact.FAULT_CLASS)}
    flags = {str(fact): fault.value(fact) == YesNo.YES for fact in FLAGS}
    return {"class": fault.fault_class, **said, **flags}


def _commitment(promise: Promise, standing: Standing) -> dict[str, Any]:
    deadline, given = promise.deadline, promise.commitment
    day = deadline.next_business_day
    return {
        "source": given.source,
        "kind": str(deadline.kind),
        "hours": given.reaction.hours,
        "clock": str(given.clock),
        "started_at": _iso(promise.started_at),
        "due_at": _iso(deadline.due),
        "next_business_day": day.isoformat() if day is not None else None,
        "rule": deadline.rule,
        "calendar_version": deadline.calendar_version,
        "plan": promise.plan_id,
        "standing": str(standing),
    }


def _statement(said: Statement) -> dict[str, Any]:
    return {
        "at": _iso(said.at),
        "author": said.author,
        "fact": str(said.fact),
        "value": said.value,
        "reason": said.reason,
    }


def _page(state: TicketState, now: datetime) -> str:
    view, fault = state.ticket, state.fault
    rehearsal = ", rehearsal" if view.rehearsal else ""
    customer = f"{view.customer_number} {view.customer_name}" if view.customer_number else "unknown"
    lines = [
        f"Ticket       {view.number}, {_words(view.kind)}{rehearsal}",
        f"Opened       {_wall(view.opened_at)}, {_age(now - view.opened_at)} ago",
        f"Customer     {customer}{f', {view.location_name}' if view.location_name else ''}",
        f"Class        {fault.fault_class or 'none yet'}{', SPOF' if fault.spof else ''}",
    ]
    lines += [f"Commitment   {_promised(*each)}" for each in state.promises]
    if not state.promises:
        lines.append("Commitment   none")
    lines += [f"Said         {_said(each)}" for each in state.statements]
    return "\n".join(lines)


def _promised(promise: Promise, standing: Standing) -> str:
    """Best effort has no due time: the age of the ticket is all there is to look at."""
    due = promise.deadline.due
    when = f"due {_wall(due)}" if due is not None else "never due"
    return f"{promise.commitment.source}, {_words(promise.deadline.kind)}, {when}: {standing}"


def _said(statement: Statement) -> str:
    reason = f" (reason: {statement.reason})" if statement.reason else ""
    what = f"{_words(statement.fact)}: {statement.value}"
    return f"{_wall(statement.at)} {statement.author}, {what}{reason}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _wall(at: datetime) -> str:
    return f"{local_time(at):%d.%m.%Y %H:%M}"


def _age(span: timedelta) -> str:
    hours, minutes = divmod(max(span, timedelta(0)) // timedelta(minutes=1), 60)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h {minutes} min"


def _iso(at: datetime | None) -> str | None:
    return local_time(at).isoformat() if at is not None else None
