"""An application whose Twilio is the fake one, wired both ways."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ivr.bootstrap import Application
from tests.lab.fake_twilio import FakeTwilio
from tests.wiring import TWILIO, quick_application
from webhooks.app import create_app


@contextmanager
def with_twilio(
    data_dir: Path, make: Callable[..., Application] = quick_application, **given: Any
) -> Iterator[tuple[Application, FakeTwilio]]:
    """The fake calls the web application back; whatever it found wrong fails the test."""
    fake = FakeTwilio(TWILIO["account_sid"], TWILIO["auth_token"], lambda *_: (500, ""))
    paging = {"telephones": ["twilio"], "twilio_api": fake.url, "twilio_calls_per_second": 100}
    try:
        app = make(data_dir, paging=paging | given.pop("paging", {}), **given)
    except BaseException:
        fake.stop()
        raise
    client = create_app(app).test_client()

    def webhook(url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        assert url.startswith(app.settings.public_url)
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"X-Twilio-Signature": signature}
        answer = client.post(target, data=dict(form), headers=headers, buffered=True)
        return answer.status_code, answer.text

    fake.webhook = webhook
    try:
        yield app, fake
    finally:
        fake.stop()
        app.storage.engine.dispose()
    assert fake.violations == []
