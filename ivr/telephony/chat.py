"""Telling somebody in a chat, or by whatever else `apprise` reaches.

The address of a chat is its password: it is never logged and stands in no error.
"""

import logging
from typing import Any

from ivr.errors import PikettError

CONNECT_SECONDS, READ_SECONDS = 4.0, 6.0


class ChatError(PikettError):
    """The message was not delivered. `retry`: later it may be."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


class Chat:
    """One message to one address of apprise's kind, such as `slack://...` or `mailto://...`."""

    def notify(self, url: str, title: str, text: str) -> None:
        """Deliver it now, within seconds; raises ChatError."""
        apprise = _library()
        target = apprise.Apprise.instantiate(url, suppress_exceptions=True)
        if target is None:
            raise ChatError("not an address of a chat", retry=False)
        target.socket_connect_timeout = CONNECT_SECONDS
        target.socket_read_timeout = READ_SECONDS
        try:
            delivered = target.notify(body=text, title=title)
        except Exception as error:  # noqa: BLE001 - any of its hundred services, none may end a job
            raise ChatError(type(error).__name__, retry=True) from None
        if not delivered:
            raise ChatError("the chat did not take it", retry=True)


def _library() -> Any:
    """Loaded when it is first needed: most installations have no chat."""
    try:
        import apprise  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise ChatError("apprise is not installed: pip install pikett[chat]", retry=False) from None
    logging.getLogger("apprise").disabled = True  # it names addresses
    return apprise
