#!/usr/bin/env python3
"""The end of a call, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `call_ended`."""
    plain.main("call_ended")


if __name__ == "__main__":
    main()
