"""A browser that has logged in to the console: forms are sent with their token."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.bootstrap import Application
from webhooks.app import create_app

PASSWORD = "pikett-demo"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Keeps cookies, and puts the token of the last form into whatever is sent."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, address: str, **given: Any) -> TestResponse:
        response = self.client.get(address, **given)
        if found := _TOKEN.search(response.get_data(as_text=True)):
            self.token = found[1]
        return response

    def post(self, address: str, form: Any = None, **given: Any) -> TestResponse:
        """A form of a page of ours; `form` as a dict."""
        if not self.token:
            self.get("/console/login")
        typed = {"csrf_token": self.token} | (form or {})
        response = self.client.post(address, data=typed, **given)
        if found := _TOKEN.search(response.get_data(as_text=True)):
            self.token = found[1]
        return response

    def log_in(self, login: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        self.get("/console/login")
        typed = {"login": login, "password": password} | more
        response = self.post("/console/login", typed)
        if response.status_code == 302:
            self.get("/console/own")
        return response


def browser(app: Application) -> Browser:
    """Nobody yet."""
    return Browser(create_app(app).test_client())


def logged_in(app: Application, login: str = "desk") -> Browser:
    """A demo person."""
    found = browser(app)
    response = found.log_in(login)
    assert response.status_code == 302, response.get_data(as_text=True)
    return found
