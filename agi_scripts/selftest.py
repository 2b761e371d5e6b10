#!/usr/bin/env python3
"""The caller of the line's own test call, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `selftest`."""
    plain.main("selftest")


if __name__ == "__main__":
    main()
