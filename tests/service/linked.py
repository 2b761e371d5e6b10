"""A browser that follows a signed link and sends the forms of its page."""

import html
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse

HTTPS = "https://pikett.example"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Visitor(FlaskClient):
    """Comes to the public address; reads every answer to its end, so that its file is closed."""

    def open(self, *args: Any, **named: Any) -> TestResponse:
        if args and not isinstance(args[0], EnvironBuilder):
            named.setdefault("base_url", HTTPS)
        return super().open(*args, **(named | {"buffered": True}))

    def tap(self, page: TestResponse, action: str, **typed: str) -> TestResponse:
        """Send the form of this action as the page has it, and see where it leads."""
        form = re.search(rf'action="([^"]+/{action})"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        assert form is not None, page.text
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(form[2])}
        return self.post(form[1], data=hidden | typed, follow_redirects=True)
