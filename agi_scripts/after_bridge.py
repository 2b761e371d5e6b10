#!/usr/bin/env python3
"""The question after a bridge, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `after_bridge`."""
    plain.main("after_bridge")


if __name__ == "__main__":
    main()
