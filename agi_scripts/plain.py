"""Serving one conversation over standard input and output, for an Asterisk that starts it itself.

This does what the FastAGI server does, at the price of starting Python for every conversation.
"""

import io
import signal
import sys

from agi_scripts.app import create_app


def main(script: str) -> None:
    """Run `script`; Asterisk tells of a hang-up by SIGHUP, which must not end us half-way."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    reader = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    writer = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    create_app().converse(reader, writer, script)
