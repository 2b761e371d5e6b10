"""`pikett run` and `pikett worker`: the processes of an installation."""

import click


@click.command()
def run() -> None:
    """Start the web application, the FastAGI server and the worker; Ctrl-C stops all of them."""


@click.command()
def worker() -> None:
    """Do the background work: send mails, fetch messages, import what a fallback recorded."""
