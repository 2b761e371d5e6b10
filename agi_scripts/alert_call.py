#!/usr/bin/env python3
"""An alert call, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `alert_call`."""
    plain.main("alert_call")


if __name__ == "__main__":
    main()
