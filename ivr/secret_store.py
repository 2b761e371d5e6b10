"""Keys outside the database: the PIN pepper, the key of signed links and others.

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
        """Peppers by version: the first, and `pepper_2`, `pepper_3` ... for as many as there are.

        A new one is added beside the old ones, which are needed until every PIN has been renewed.
        """
        peppers = {1: self._key("pepper")}
        while (further := self._given(f"pepper_{len(peppers) + 1}")) is not None:
            peppers[len(peppers) + 1] = further
        return peppers

    def link_key(self) -> bytes:
        """Signs the addresses of ticket pages and messages."""
        return self._key("link_key")

    def consent_key(self) -> bytes:
        """Seals the chain of consents; with another key no old seal fits."""
        return self._key("consent_key")

    def form_key(self) -> bytes:
        """Signs the token in every form of the console; with another one open forms are refused."""
        return self._key("form_key")

    def authenticator_key(self) -> bytes:
        """The secrets of all authenticators are made of it; with another one none fits."""
        return self._key("authenticator_key")

    def _key(self, name: str) -> bytes:
        given = self._given(name)
        if given is not None:
            return given
        path = self._directory / name
        self._make(path)
        return path.read_bytes()

    def _given(self, name: str) -> bytes | None:
        """From the environment or from its file."""
        variable = os.environ.get(f"PIKETT_{name.upper()}")
        if variable:
            return variable.encode()
        path = self._directory / name
        return path.read_bytes() if path.exists() else None

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
