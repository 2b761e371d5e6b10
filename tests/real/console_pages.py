"""A browser on the pages of the console: a web server of its own, and a hand that counts."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from werkzeug.serving import make_server

from ivr.bootstrap import Application
from ivr.clock import RandomIds
from ivr.services.ports import Clock
from tests.fakes import Notebook
from tests.lab.parts import CHROMIUM
from tests.lab.processes import Child, free_port, is_listening, wait_until
from tests.lab.servers import REPOSITORY, START_SECONDS, lab_environment
from tests.real.conftest import need
from tests.real.test_browser import CHROMIUM_FLAGS
from tests.service.console import PASSWORD
from tests.wiring import quick_application
from webhooks.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@contextmanager
def web_server(data_dir: Path, folder: Path, **settings: str) -> Iterator[str]:
    """gunicorn with the web application, as an installation starts it; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = lab_environment(data_dir) | {
        "PIKETT_WEB__BIND": f"127.0.0.1:{port}",
        "PIKETT_PUBLIC_URL": address,
        **settings,
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:webhooks.gunicorn_conf"]
    child = Child(
        [*command, "webhooks.app:create_app()"], folder / "web.log", environment, REPOSITORY
    )
    try:
        wait_until(lambda: is_listening(port), START_SECONDS, "the web server")
        yield address
    finally:
        child.stop(10)


@contextmanager
def served(data_dir: Path, clock: Clock, **given: Any) -> Iterator[Application]:
    """The web application in this process, on a port of this machine, at a time of the test's own."""
    port = free_port()
    app = quick_application(
        data_dir,
        clock=clock,
        ids=RandomIds(),
        observer=Notebook(),
        public_url=f"http://127.0.0.1:{port}",
        **given,
    )
    server = make_server("127.0.0.1", port, closing(create_app(app)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app
    server.shutdown()
    thread.join(10)
    server.server_close()
    app.storage.engine.dispose()


def closing(app: "WSGIApplication") -> "WSGIApplication":
    """werkzeug's server forgets to close a file where the browser breaks off; gunicorn does not."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        body = app(environ, start_response)
        try:
            yield from body
        finally:
            body.close()  # type: ignore[attr-defined]

    return answer


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own."""
    need([] if CHROMIUM.path else ["Chromium"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM.path, args=list(CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


@dataclass
class Hand:
    """Clicks and types like a person, and counts both."""

    page: Page
    clicks: int = 0
    texts: int = 0
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console",
            lambda message: self.troubles.append(message.text) if message.type == "error" else None,
        )

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)
        self.texts += 1


def log_in(page: Page, address: str, login: str) -> None:
    """To the page where this person begins."""
    page.goto(f"{address}/console/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.locator("form button[type=submit], form button").last.click()
    page.wait_for_url(lambda url: "/login" not in url)
