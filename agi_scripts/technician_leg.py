#!/usr/bin/env python3
"""The leg of somebody who was rung, as a plain AGI script."""

from agi_scripts import plain


def main() -> None:
    """The command `technician_leg`."""
    plain.main("technician_leg")


if __name__ == "__main__":
    main()
