#!/usr/bin/env python3
"""An admin who records prompts by phone, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `recording_call`."""
    plain.main("recording_call")


if __name__ == "__main__":
    main()
