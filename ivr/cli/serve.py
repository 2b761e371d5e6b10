"""`pikett run` and `pikett worker`: the processes of an installation."""

import signal
import sys
import threading

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.cli.locks import held_lock
from ivr.cli.supervisor import Supervisor, child_commands, refuse_taken_ports, servers_answer
from ivr.worker import Worker

UNSET = {
    "fast_lane.price": "the line offers no Fast Lane.",
    "technical_service.rate_per_hour": "the notice says that your price list applies.",
}


@click.command()
def run() -> None:
    """Start web application, FastAGI server and worker; Ctrl-C stops all of them.

    Meant for a demonstration and for a single machine. A process that dies is started again.

    \b
    Example:
      PIKETT_WEB__BIND=127.0.0.1:8081 PIKETT_PUBLIC_URL=http://127.0.0.1:8081 pikett run
    """
    app = migrated_application()
    settings = app.settings
    with held_lock(settings.path("run.lock")) as first:
        if not first:
            click.echo(f"Pikett is already running: {settings.public_url}")
            return
        refuse_taken_ports(settings)
        supervisor = Supervisor(child_commands(), settings.path("metrics"))
        supervisor.run(
            is_ready=lambda: servers_answer(settings), on_ready=lambda: _say_what_next(app)
        )


def _say_what_next(app: Application) -> None:
    settings = app.settings
    click.echo(
        f"""
Pikett is running.

  A telephone in your browser   http://{settings.web.bind}
  A call in the terminal        {sys.argv[0]} call --from "+41 44 000 10 09" --at 2026-11-23T10:00
  FastAGI for your Asterisk     agi://{settings.fastagi.bind}/support_line
  State, mails, recordings      {settings.path()}

Ctrl-C stops everything.
"""
    )
    for entry in app.tariffs.unset:
        click.echo(f"{entry} is not set in {settings.tariffs}: {UNSET[entry]}", err=True)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def worker(once: bool) -> None:
    """Ring people for cases, watch deadlines, send mails, fetch messages.

    On SQLite one worker does it, and a second one on the same data folder refuses to start. On
    PostgreSQL as many as you like share the work, on any number of machines.

    \b
    Example:
      pikett worker --once
    """
    app = migrated_application()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with held_lock(app.settings.path("worker.lock")) as first:
        if not first and app.storage.engine.dialect.name != "postgresql":
            raise click.ClickException("another worker is at work on this data folder")
        at_work = Worker(app, stop)
        at_work.once() if once else at_work.run()
