"""Every page of the console in a large database, and the desk's board with all agents asking at once."""

import itertools
import re
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.services.work import Hand
from ivr.storage.models import Ticket
from tests.bench.figures import Bench, Figure, percentile
from tests.bench.http_load import FORM, TIMEOUT_SECONDS
from tests.bench.surroundings import at_once, demo_application
from tests.bench.twilio import OURS, web
from tests.fakes import Notebook
from tests.service.conftest import Telephone
from tests.service.console import PASSWORD
from tests.service.crowded import MANY_CUSTOMERS, MANY_TICKETS, crowd
from tests.service.desking import PREMIUM, PRO, direct, overflow

TITLE = "Pages of the console"
LIMIT_SECONDS = 900
NEEDS_ASTERISK = False
AGENTS, OPEN_CALLS = 20, 50
EVERY = timedelta(minutes=5)
"""A ticket of the crowd; a hundred thousand are those of a year."""
_DESK = ("desk", "lead", "admin")
_WATCHED = (
    "/console/roster",
    "/console/roster/rules",
    "/console/alerts",
    "/console/alerts/disturbances",
    "/console/reactions",
    "/console/readiness",
)
_SPOKEN = (
    "/console/prompts?size=100",
    "/console/prompts?search=notice&sort=state",
    "/console/prompts/notice_work/fr",
    "/console/prompts/greeting/de",
)
_SECRET = re.compile(r"[\w.-]{18,}")
"""Of a link; and the ids of cards are long as well."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Reader:
    """A person with a browser that stays connected."""

    def __init__(self, port: int, login: str = "") -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._cookies: dict[str, str] = {}
        self.seconds: list[float] = []
        self.error: Exception | None = None
        if login:
            self._log_in(login)

    def get(self, path: str) -> str:
        """The page, with how long it took."""
        started = time.perf_counter()
        response, body = self._ask("GET", path)
        self.seconds.append(time.perf_counter() - started)
        assert response.status == 200, f"{path}: {response.status}"
        return body

    def get_at(self, path: str, instants: Sequence[float]) -> None:
        """The page at each instant; waiting for the answer before counts."""
        try:
            for instant in instants:
                time.sleep(max(0.0, instant - time.perf_counter()))
                self.get(path)
                self.seconds[-1] = time.perf_counter() - instant
        except (OSError, AssertionError) as error:
            self.error = error

    def close(self) -> None:
        self._http.close()

    def _log_in(self, login: str) -> None:
        token = _TOKEN.search(self.get("/console/login"))
        assert token is not None
        typed = {"csrf_token": token[1], "login": login, "password": PASSWORD}
        response, _ = self._ask("POST", "/console/login", urlencode(typed))
        assert response.status == 302, f"{login} cannot log in: {response.status}"

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies} | ({"Content-Type": FORM} if body else {})
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return response, response.read().decode()


def measure(bench: Bench) -> Iterator[Figure]:
    """Each page by one reader after the other, then the board."""
    place = bench.place("pages")
    app = demo_application(place, bench.demo, 0.2)
    app.observer = Notebook()
    crowd(app, app.clock.now(), MANY_CUSTOMERS, bench.size(MANY_TICKETS, 20_000), EVERY)
    for number in range(OPEN_CALLS):
        overflow(app, (PREMIUM, PRO)[number % 2])
    with web(app, place, OURS) as port:
        yield from _pages(bench, app, port)
        yield _board(bench, port)


def _pages(bench: Bench, app: Application, port: int) -> Iterator[Figure]:
    for login, paths in _addresses(app).items():
        reader = Reader(port, login)
        for path in paths:
            yield _page(bench, reader, login, path)
        reader.close()


def _page(bench: Bench, reader: Reader, login: str, path: str) -> Figure:
    for _ in range(8):
        reader.get(path)
    reader.seconds.clear()
    times = bench.size(200, 30)
    for _ in range(times):
        reader.get(path)
    taken = [each * 1000 for each in reader.seconds]
    shown = _SECRET.sub("…", path)
    return Figure(
        f"Page {shown} for {login or 'who has its link'}, p99",
        percentile(taken, 99),
        200,
        "ms",
        how=f"{times} times; median {percentile(taken, 50):.0f} ms, longest {max(taken):.0f} ms",
    )


def _addresses(app: Application) -> dict[str, tuple[str, ...]]:
    """Every page, in the hardest way to ask for it that we know."""
    ticket = _ticket_of_anna(app)
    card = direct(app, "25000")
    names = "/console/customers?search=Firma+09&sort=-name&page=5"
    lists = (
        "/console/tickets",
        "/console/tickets?sort=due",
        "/console/tickets?state=all&page=2000",
    )
    searches = ("/console/tickets?state=all&search=firma+05", "/console/customers/25000")
    desk = ("/console/desk", "/console/desk?q=firma+09", "/console/desk/calls")
    customers = ("/console/customers", names, "/console/customers?search=0442005000")
    links = [app.links.ticket(ticket), app.links.technician(ticket, 1), app.links.customer(ticket)]
    own = f"/console/tickets/{ticket}"
    return {
        "": ("/console/login", "/notfall", *(urlsplit(each).path for each in links)),
        "desk": (*desk, f"/console/desk/{card}", f"/console/desk/{card}/glance", *customers),
        "anna": ("/console/duty", own, f"{own}/close", f"{own}/handover"),
        "lead": (*lists, *searches, "/console/duty", "/console/locations/1/handover", *_WATCHED),
        "admin": (
            "/console/people",
            "/console/audit",
            "/console/audit?search=25000",
            f"/console/audit?search={ticket}",
            "/console/own",
            *_SPOKEN,
        ),
    }


def _ticket_of_anna(app: Application) -> int:
    """Ordered by telephone, and hers."""
    Telephone(app, "ordered", app.clock.now()).ring()
    with app.storage.engine.connect() as connection:
        number = int(connection.execute(select(func.max(Ticket.number))).scalar_one())
    anna = app.work_pages.technician(1)
    assert anna is not None
    app.ticket_work.take(Hand(number, anna, "", app.clock.now()))
    return number


def _board(bench: Bench, port: int) -> Figure:
    """All agents in the same instant, every second, as the board asks by itself."""
    agents = [Reader(port, login) for login in itertools.islice(itertools.cycle(_DESK), AGENTS)]
    for agent in agents:
        agent.get("/console/desk/calls")
        agent.seconds.clear()
    start, seconds = time.perf_counter() + 0.5, bench.size(30, 5)
    instants = [start + second for second in range(seconds)]
    jobs = [
        threading.Thread(target=agent.get_at, args=("/console/desk/calls", instants))
        for agent in agents
    ]
    at_once(jobs)
    return _board_figure(agents, seconds)


def _board_figure(agents: Sequence[Reader], seconds: int) -> Figure:
    for agent in agents:
        agent.close()
        if agent.error is not None:
            raise AssertionError(f"an agent was not answered: {agent.error!r}")
    taken = [each for agent in agents for each in agent.seconds]
    return Figure(
        f"The desk's board for {AGENTS} agents at once with {OPEN_CALLS} calls, longest",
        max(taken),
        1,
        "s",
        how=f"{len(taken)} answers in {seconds} s, all of a second due in the same instant, each "
        f"with all calls; median {percentile(taken, 50):.2f} s, p99 {percentile(taken, 99):.2f} s",
    )
