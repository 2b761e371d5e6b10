#!/usr/bin/env python3
"""The inbound call as a plain AGI script: `PIKETT_AGI=/opt/pikett/.venv/bin` in the dialplan."""

from agi_scripts import plain


def main() -> None:
    """The command `support_line`."""
    plain.main("support_line")


if __name__ == "__main__":
    main()
