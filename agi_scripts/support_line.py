#!/usr/bin/env python3
"""The inbound call as a plain AGI script: `AGI(/opt/pikett/.venv/bin/pikett-support-line)`."""

from agi_scripts import plain


def main() -> None:
    """The command `pikett-support-line`."""
    plain.main("support_line")


if __name__ == "__main__":
    main()
