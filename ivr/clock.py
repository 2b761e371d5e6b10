"""The real clock and real ids; tests put frozen ones in their place."""

import secrets
from datetime import UTC, datetime

ID_BYTES = 10


class SystemClock:
    """The present time of this machine."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Unguessable names: lower-case hexadecimal, so that they fit a dialplan and an address."""

    def new(self) -> str:
        """Twenty characters."""
        return secrets.token_hex(ID_BYTES)
