"""Keys outside the database: the PIN pepper and the key of signed links.

In production they come from the environment (`PIKETT_PEPPER`, `PIKETT_LINK_KEY`). Where nobody gave
them they are made once and kept in `secrets/` of the data folder, readable by the owner only.
"""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class SecretStore:
    """Reads keys from the environment or from files; makes what is missing."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def peppers(self) -> dict[int, bytes]:
        """Peppers by version; only version 1 until one is rotated."""
        return {1: self._key("pepper")}

    def link_key(self) -> bytes:
        """Signs the addresses of ticket pages and messages."""
        return self._key("link_key")

    def _key(self, name: str) -> bytes:
        given = os.environ.get(f"PIKETT_{name.upper()}")
        if given:
            return given.encode()
        path = self._directory / name
        if not path.exists():
            self._make(path)
        return path.read_bytes()

    def _make(self, path: Path) -> None:
        """Two processes may start at once: the first link wins, both read the same key."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._directory / f".{path.name}.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_hex(KEY_BYTES).encode())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
