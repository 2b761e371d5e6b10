"""Passwords of people: argon2id with a salt of their own, by OWASP's minimum for it."""

import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ivr.errors import PikettError

MIN_LENGTH, MAX_LENGTH = 12, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class PasswordRefusedError(PikettError):
    """A password that is too easy to guess; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        self.key = key
        reasons = {
            "password.short": f"a password has at least {MIN_LENGTH} characters",
            "password.long": f"a password has at most {MAX_LENGTH} characters",
            "password.name": "a password must not contain the login name",
            "password.simple": "a password needs at least five different characters",
        }
        super().__init__(reasons[key])


class Passwords:
    """Hashes and checks passwords; for nobody it takes as long as for somebody."""

    def __init__(self) -> None:
        self._made_up = _HASHER.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """The text to store."""
        return _HASHER.hash(password)

    def fits(self, held: str | None, password: str) -> bool:
        """True if the password is the one of this hash."""
        try:
            _HASHER.verify(held or self._made_up, password[: MAX_LENGTH + 1])
        except (Argon2Error, InvalidHashError):
            return False
        return held is not None


def refuse_weak(login: str, password: str) -> None:
    """Raises PasswordRefusedError."""
    if len(password) < MIN_LENGTH:
        raise PasswordRefusedError("password.short")
    if len(password) > MAX_LENGTH:
        raise PasswordRefusedError("password.long")
    if login in password.lower():
        raise PasswordRefusedError("password.name")
    if len(set(re.sub(r"\s", "", password))) < 5:
        raise PasswordRefusedError("password.simple")


def new_password() -> str:
    """To be handed over once and changed at the first login: about 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
