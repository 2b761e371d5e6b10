"""Keeps the processes of one machine running together and ends them together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from ivr.errors import ConfigurationError
from ivr.settings import Settings

LOOK_SECONDS = 0.2
STOP_SECONDS = 20
RESTART_SECONDS = 1.0
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

SERVERS = {"web": "webhooks", "fastagi": "agi_scripts"}

Commands = Mapping[str, Sequence[str]]


def child_commands() -> Commands:
    """The processes by name."""
    gunicorn = [sys.executable, "-m", "gunicorn"]
    return {
        name: [*gunicorn, "-c", f"python:{package}.gunicorn_conf", f"{package}.app:create_app()"]
        for name, package in SERVERS.items()
    } | {"worker": [sys.executable, "-m", "ivr", "worker"]}


def refuse_taken_ports(settings: Settings) -> None:
    """Say at once which setting to change, instead of a server that never starts."""
    for name, bind in (("web.bind", settings.web.bind), ("fastagi.bind", settings.fastagi.bind)):
        host, _, port = bind.rpartition(":")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError as error:
                variable = f"PIKETT_{name.replace('.', '__').upper()}"
                raise ConfigurationError(
                    f"{bind} cannot be used ({error.strerror}): end what uses it or set {variable}"
                ) from error


def servers_answer(settings: Settings) -> bool:
    """Whether both servers take connections."""
    return all(_is_listening(bind) for bind in (settings.web.bind, settings.fastagi.bind))


def _is_listening(bind: str) -> bool:
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


class Supervisor:
    """Starts children, starts a dead one again, and ends all of them on SIGINT or SIGTERM."""

    def __init__(self, commands: Commands, metrics: Path) -> None:
        self._commands = commands
        self._metrics = metrics
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False
        self._environment = dict(os.environ)

    def run(self, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        """Until somebody says stop; `on_ready` is called once, when everything answers."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        _fresh_folder(self._metrics)
        self._environment[METRICS_VARIABLE] = str(self._metrics)
        for name in self._commands:
            self._start(name)
        ready = False
        while not self._stopping:
            time.sleep(LOOK_SECONDS)
            self._restart_dead()
            if not ready and is_ready():
                ready = True
                on_ready()
        self._stop_all()

    def _on_signal(self, *_: object) -> None:
        """The second time everything is killed at once."""
        if self._stopping:
            self._kill_all()
        self._stopping = True

    def _start(self, name: str) -> None:
        """In a session of its own: Ctrl-C reaches the supervisor only, which ends them in order."""
        self._children[name] = subprocess.Popen(
            self._commands[name], start_new_session=True, env=self._environment
        )

    def _restart_dead(self) -> None:
        for name, child in self._children.items():
            if child.poll() is not None and not self._stopping:
                click.echo(f"{name} ended with {child.returncode}; starting it again", err=True)
                time.sleep(RESTART_SECONDS)
                self._start(name)
                return

    def _stop_all(self) -> None:
        click.echo("\nStopping; calls in progress may end. Ctrl-C again stops at once.", err=True)
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._kill(child)
        click.echo("Stopped.", err=True)

    def _kill_all(self) -> None:
        for child in self._children.values():
            self._kill(child)

    @staticmethod
    def _kill(child: "subprocess.Popen[bytes]") -> None:
        """The whole session, gunicorn's workers included."""
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _fresh_folder(path: Path) -> None:
    """Counters of processes that are gone would be counted again."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
