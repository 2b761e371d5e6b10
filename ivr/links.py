"""Signed addresses of our own pages, for mails; they expire and name nothing but a ticket."""

from itsdangerous import BadSignature, URLSafeTimedSerializer

TICKET_LINK_SECONDS = 30 * 24 * 3600


class SignedLinks:
    """Makes and reads ticket links under the public address of this installation."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="ticket")
        self._public_url = public_url.rstrip("/")

    def ticket(self, number: int) -> str:
        """Whoever has this address sees this ticket until it expires."""
        return f"{self._public_url}/tickets/{self._serializer.dumps(number)}"

    def read_ticket(self, token: str) -> int | None:
        """The ticket number of a valid token, None for a guessed, changed or expired one."""
        try:
            number = self._serializer.loads(token, max_age=TICKET_LINK_SECONDS)
        except BadSignature:
            return None
        return number if isinstance(number, int) else None
