"""Fetching and deleting messages that Twilio recorded."""

import re
from pathlib import Path

import requests

from ivr.services.recordings import RecordingUnavailableError

HOST = "https://api.twilio.com"
TIMEOUT_SECONDS = 20
MAX_BYTES = 8 * 1024 * 1024
_ADDRESS = re.compile(
    r"https://api\.twilio\.com/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})"
    r"/Recordings/(?P<recording>RE[0-9a-f]{32})"
)


class TwilioRecordings:
    """Messages of one account. `host` is replaced by tests only."""

    def __init__(self, account_sid: str, auth_token: str, host: str = HOST) -> None:
        self._account_sid = account_sid
        self._auth = (account_sid, auth_token)
        self._host = host

    def owns(self, source: str) -> bool:
        """Only an address of this account at Twilio itself: it came from the network."""
        found = _ADDRESS.fullmatch(source)
        return found is not None and found["account"] == self._account_sid

    def fetch(self, source: str, target: Path) -> None:
        """Download as WAV."""
        response = self._request("GET", f"{source}.wav")
        if response.status_code != requests.codes.ok:
            raise RecordingUnavailableError(f"Twilio answered {response.status_code}")
        if len(response.content) > MAX_BYTES:
            raise RecordingUnavailableError("the recording is too large")
        target.write_bytes(response.content)

    def delete(self, source: str) -> None:
        """Gone already is as good as deleted."""
        response = self._request("DELETE", f"{source}.json")
        if response.status_code not in (requests.codes.no_content, requests.codes.not_found):
            raise RecordingUnavailableError(f"Twilio answered {response.status_code}")

    def _request(self, method: str, address: str) -> requests.Response:
        try:
            return requests.request(
                method,
                address.replace(HOST, self._host, 1),
                auth=self._auth,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise RecordingUnavailableError(type(error).__name__) from error
