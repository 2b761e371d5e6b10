#!/usr/bin/env python3
"""The end of an alert call, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `page_ended`."""
    plain.main("page_ended")


if __name__ == "__main__":
    main()
