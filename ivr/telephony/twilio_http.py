"""How Twilio's own library reaches Twilio: bounded in seconds, without redirects, without a log.

The library's own client writes bodies, and with them whole numbers, to its log.
"""

from collections.abc import Mapping
from typing import Any

import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

HOST = "https://api.twilio.com"
TIMEOUT_SECONDS = 8.0


class TwilioHttp(HttpClient):  # type: ignore[misc]  # its base is untyped
    """Sends what the library asks for to `host`: Twilio, one of its regions, or a test's own."""

    def __init__(self, host: str = HOST, seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__(None, False, seconds)
        self._host = host

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request; raises requests.RequestException."""
        answer: Any = requests.request(
            method,
            url.replace(HOST, self._host, 1),
            params=params,  # type: ignore[arg-type]
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
            allow_redirects=False,
        )
        return Response(answer.status_code, answer.text)


def open_client(
    account_sid: str, auth_token: str, host: str = HOST, seconds: float = TIMEOUT_SECONDS
) -> Client:
    """Twilio's client for this account; nothing of the environment steers it."""
    return Client(
        account_sid,
        auth_token,
        http_client=TwilioHttp(host, seconds),
        environment={"TWILIO_EDGE": ""},
    )
