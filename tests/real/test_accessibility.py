"""axe on every page of every role, light and dark, on a desk and on a telephone: WCAG 2.2 AA."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ivr.bootstrap import Application
from ivr.services.work import Hand
from tests.fakes import FrozenClock
from tests.real.console_pages import DESKTOP, PHONE, chromium, log_in, served
from tests.real.test_technician import mailed, order
from tests.service.desking import MIA, direct, overflow, prepare, write
from tests.service.monitored import Source
from tests.service.prompting import ANNA, record_greeting, save, with_quick_uploads
from tests.service.test_technician_pages import CLOSED
from tests.service.ticketed import add_ticket
from tests.story import disturb

pytestmark = pytest.mark.chromium
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BAD = ("serious", "critical")
LOOKS = [(theme, size) for theme in ("light", "dark") for size in (DESKTOP, PHONE)]
RUN = """async ([rules, theme]) => {
  const page = document.documentElement.dataset;
  while (page.bsTheme && page.bsTheme !== theme) await new Promise(requestAnimationFrame);
  return axe.run(document, {
    runOnly: rules, resultTypes: ['violations'], selectors: false, preload: false, iframes: false
  });
}"""
ORDERED = 100001
"""The ticket that a caller left."""


@dataclass
class Inspector:
    """Goes to pages with axe in the hand, and keeps what it says."""

    page: Page
    address: str
    found: list[str] = field(default_factory=list)

    def visit(self, *paths: str, status: int = 200) -> None:
        """Pages that answer so."""
        for path in paths:
            answer = self.page.goto(path if "://" in path else self.address + path)
            assert answer is not None
            assert answer.status == status, path
            self.look(path.removeprefix(self.address))

    def look(self, name: str) -> None:
        """In every look; the page as it is now, which may be the answer to a form."""
        self.page.evaluate(AXE)
        for theme, size in LOOKS:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.found += [
                f"{theme}, {size['width']} px, {name[:40]}: {told}"
                for told in findings(self.page, theme)
            ]

    def send(self, button: str, name: str) -> None:
        """A form whose fields the browser would not let pass."""
        with self.page.expect_navigation() as answer:
            self.page.locator(button).first.evaluate("b => { b.form.noValidate = true; b.click() }")
        assert answer.value.status in (400, 401, 409, 422), name
        self.look(name)


def findings(page: Page, theme: str) -> list[str]:
    """What is seriously wrong, each with the first element and the reason."""
    result: dict[str, Any] = page.evaluate(RUN, [RULES, theme])
    return [
        f"{rule['impact']} {rule['id']}, {len(rule['nodes'])} times: {node['html'][:200]} "
        f"({' '.join(node['failureSummary'].split())[:300]})"
        for rule in result["violations"]
        if rule["impact"] in BAD
        for node in rule["nodes"][:1]
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def line(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    with served(data_dir, clock) as app:
        yield app


@contextmanager
def inspecting(browser: Browser, line: Application, login: str = "") -> Iterator[Inspector]:
    """Somebody of this role; nobody without a login."""
    context = browser.new_context(viewport=DESKTOP, locale="de-CH")  # type: ignore[arg-type]
    inspector = Inspector(context.new_page(), line.settings.public_url)
    if login:
        log_in(inspector.page, inspector.address, login)
    yield inspector
    context.close()


def test_every_page_can_be_used_by_everybody(line: Application, browser: Browser) -> None:
    order(line)
    add_ticket(line, "11008")
    found = []
    for login, tour in TOURS:
        with inspecting(browser, line, login) as inspector:
            tour(inspector, line)
        found += inspector.found
    assert found == [], "\n" + "\n".join(found)


def _tour_of_nobody(inspector: Inspector, line: Application) -> None:
    """Who comes with a link, or with nothing."""
    inspector.visit("/console/login")
    inspector.page.fill("#login", "desk")
    inspector.page.fill("#password", "wrong")
    inspector.send("main form button", "a wrong login")
    inspector.visit(mailed(line, "anna@", "/t/"), mailed(line, "eva@", "/c/"))
    inspector.visit(line.links.ticket(ORDERED))
    inspector.visit("/t/dead", "/c/dead", status=404)


def _tour_of_the_desk(inspector: Inspector, line: Application) -> None:
    card, ordered, of_nobody = overflow(line), overflow(line), direct(line, None)
    prepare(line, ordered)
    write(line, ordered, words="Seit neun Uhr sind alle Telefone tot.")
    line.desk_orders.call_out(ordered, MIA)
    desk = "/console/desk"
    inspector.visit(desk, f"{desk}?q=huber", f"{desk}/{ordered}", f"{desk}/{of_nobody}?q=huber")
    inspector.visit(f"{desk}/{card}")
    write(line, card, words="Alle Telefone sind tot.")
    inspector.page.fill("#words", "Der Fax ist tot.")
    inspector.send('.card button[value="save"]', "a card that somebody else has changed")
    inspector.visit("/console/tickets?state=all", f"/console/tickets/{ORDERED}")
    inspector.visit("/console/people", status=403)


def _tour_of_a_technician(inspector: Inspector, line: Application) -> None:
    ticket = f"/console/tickets/{ORDERED}"
    document = "PBX: cellar, left rack.\nPasswords: safe, compartment 3."
    line.handovers.store(1, document, "https://remote.example", "Lead", 0, line.clock.now())
    inspector.visit("/console/duty", ticket)
    anna = line.work_pages.technician(1)
    assert anna is not None
    line.ticket_work.take(Hand(ORDERED, anna, "", line.clock.now()))
    inspector.visit(f"{ticket}/handover", f"{ticket}/close")
    inspector.page.fill("#minutes_other", "x")
    inspector.send("main form button", "a case that cannot be closed yet")
    _close(inspector.page)
    inspector.visit(ticket, f"{ticket}/correct")
    inspector.page.locator("input[name=cause]:not(:checked)").first.evaluate("i => i.click()")
    inspector.send("main form button", "a correction without a reason")
    Source(line).fire("router", "critical")
    disturb(line, "2026-11-01T08:00:00+01:00", scopes=["all"], texts={"de": "Internet"})
    inspector.visit("/console/alerts?state=all", "/console/alerts/disturbances")
    inspector.page.fill("#title", "Mail")
    inspector.send("section:has(#declare) form button", "a disturbance that touches nobody")


def _close(page: Page) -> None:
    page.fill("#minutes_other", "")
    for name, value in CLOSED.items():
        if value and name != "minutes_other":
            field = page.locator(f"main [name={name}]")
            chosen = field.and_(page.locator(f'[type=radio][value="{value}"]'))
            if chosen.count():
                chosen.evaluate("i => i.click()")
            else:
                field.fill(value)
    with page.expect_navigation():
        page.locator("main form button").click()


def _tour_of_the_lead(inspector: Inspector, line: Application) -> None:
    inspector.visit("/console/tickets", "/console/customers/11001", "/console/locations/1/handover")
    inspector.page.fill("#remote_access", "no address")
    inspector.send("main form button", "a hand-over that cannot be stored")


def _tour_of_an_admin(inspector: Inspector, line: Application) -> None:
    inspector.visit("/console/customers", "/console/customers?search=nobody", "/console/audit")
    inspector.visit("/console/people")
    inspector.send("form:has(#technician) button", "a person without a name")
    _prompts(inspector, line)
    inspector.visit("/console/own")
    inspector.send("main form button", "a password that cannot be changed")
    inspector.visit("/console/nothing", status=404)
    inspector.visit(f"/console/drafts/{_draft_of(line, 'admin')}")


def _prompts(inspector: Inspector, line: Application) -> None:
    """A text and a recording, each as a draft and with what can be done with it."""
    with_quick_uploads(line)
    number = save(line, "Guten Tag, hier ist der Pikett-Dienst.")
    line.prompts.publish(number, ANNA)
    record_greeting(line)
    inspector.visit("/console/prompts?size=25")
    inspector.page.goto(inspector.address + "/console/prompts/greeting/de")
    inspector.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    inspector.look("a prompt with everything open")
    inspector.page.fill("#words", "{nothing}")
    inspector.send("#words ~ div button[value=draft]", "a text that cannot be said")


def _draft_of(line: Application, login: str) -> int:
    """A form that was sent when the session was over."""
    with line.storage.reading() as uow:
        found = uow.people.find(login)
    assert found is not None
    page, now = "/console/people", line.clock.now()
    line.drafts.keep(found.id, page, page, [("name", "Nina Frei")], now)
    (draft,) = line.drafts.waiting(found.id, now)
    return draft.id


TOURS = [
    ("", _tour_of_nobody),
    ("desk", _tour_of_the_desk),
    ("anna", _tour_of_a_technician),
    ("lead", _tour_of_the_lead),
    ("admin", _tour_of_an_admin),
]


def test_axe_would_tell(browser: Browser) -> None:
    """What the test above would say of a page with small, pale, nameless things on it."""
    page = browser.new_page()
    page.set_content(
        '<html lang="de"><title>x</title><p style="color:#ccc">pale</p><img src="data:,">'
        '<div><a href="#1" style="display:inline-block;width:9px;height:9px">a</a>'
        '<a href="#2" style="display:inline-block;width:9px;height:9px">b</a></div>'
    )
    page.evaluate(AXE)
    told = " ".join(findings(page, "light"))
    page.close()
    for rule in ("color-contrast", "image-alt", "target-size"):
        assert rule in told
