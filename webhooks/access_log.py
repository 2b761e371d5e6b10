"""gunicorn's logs without keys that stand in addresses.

A path below /alerts/ may end with the key of a source. It is left out wherever gunicorn writes an
address: in the access log, where one is switched on, and in what it says about bad requests.
"""

import re
from collections.abc import Mapping
from typing import Any

from gunicorn.glogging import Logger

_KEY = re.compile(r"((?<!/console)/alerts/[^/\s?\"]+[/?])[^\s\"]+")


def without_keys(text: str) -> str:
    """`/alerts/SOURCE/KEY` without the key."""
    return _KEY.sub(r"\1…", text)


class RedactingLogger(Logger):  # type: ignore[misc]
    """As gunicorn's own, which takes what it prints from these atoms."""

    def atoms(self, *given: Any) -> Mapping[str, Any]:
        """Request line, path, referrer and headers."""
        found = super().atoms(*given)
        return {
            name: without_keys(value) if isinstance(value, str) else value
            for name, value in found.items()
        }
