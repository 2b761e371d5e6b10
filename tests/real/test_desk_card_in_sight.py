"""No control of the desk's card is ever covered, whatever way one gets to it (WCAG 2.2, 2.4.11)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.real.console_pages import PHONE, chromium, log_in, served
from tests.service.desking import (
    MIA,
    PREMIUM,
    answered,
    call_desk,
    direct,
    overflow,
    prepare,
    write,
)

pytestmark = pytest.mark.chromium
PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
LAPTOP, SMALL = {"width": 1366, "height": 768}, {"width": 1280, "height": 720}
CONTROLS = "main :is(a, button, input, select, textarea, summary)"
UNFOLD = "document.querySelectorAll('main details').forEach(each => { each.open = true })"
COVERED = """
element => {
  const rect = element.getClientRects()[0];
  // Of a large field the browser shows the line with the caret: so its centre, or what is nearest to it.
  const y = Math.min(Math.max(rect.y + rect.height / 2, 4), innerHeight - 4);
  const hit = document.elementFromPoint(rect.x + rect.width / 2, y);
  const name = element.id || element.value || element.textContent.trim();
  const under = element.disabled ? element.parentElement : element;  // nobody hits a disabled button
  return under.contains(hit) || hit?.closest('label')?.control === element ? '' : name;
}"""
BROUGHT = f"""
async controls => {{
  const covered = {COVERED.strip()}, found = [];
  const shown = controls.filter(each => each.checkVisibility() && !each.closest('.visually-hidden'));
  const ways = {{scrolled: each => each.scrollIntoView({{block: 'nearest', behavior: 'instant'}}), focused: each => each.focus()}};
  for (const each of shown) for (const start of [0, 1e6]) for (const [way, bring] of Object.entries(ways)) {{
    if (way === 'focused' && each.disabled) continue;
    document.activeElement.blur();
    scrollTo({{top: start, behavior: 'instant'}});
    bring(each);
    await new Promise(requestAnimationFrame);
    if (covered(each)) found.push(`${{covered(each)}}, ${{way}} from ${{start ? 'below' : 'above'}}`);
  }}
  return [shown.length, found];
}}"""

FOCUSED = f"""() => {{
  const focus = document.activeElement;
  return focus.closest('main') && focus !== document.querySelector('main') ? ({COVERED})(focus) : null;
}}"""
"""The name of what has the focus and is covered, empty where it is not; null outside the card."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def line(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    with served(data_dir, clock) as app:
        yield app


def _ordered(line: Application) -> str:
    card_id = overflow(line)
    prepare(line, card_id)
    write(line, card_id, words="Alle Telefone sind tot.")
    line.desk_orders.call_out(card_id, MIA)
    return card_id


CARDS: dict[str, Callable[[Application], str]] = {
    "free": lambda line: overflow(line, PREMIUM),
    "to-be-checked": direct,
    "unknown": lambda line: direct(line, None),
    "of-two-places": lambda line: direct(line, "11008"),
    "ordered": _ordered,
}


@pytest.fixture(params=[LAPTOP, SMALL, PHONE], ids=lambda size: str(size["width"]))
def page(line: Application, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport=request.param, reduced_motion="reduce")
    log_in(page, line.settings.public_url, "desk")
    yield page
    page.close()


def test_every_control_of_the_card_comes_into_sight(
    line: Application, page: Page, tmp_path: Path
) -> None:
    found = []
    for name, card in CARDS.items():
        found += [f"{name}, {each}" for each in _covered(line, page, card(line), tmp_path / name)]
    assert found == [], "\n" + "\n".join(found)


def test_so_it_does_while_another_call_rings(line: Application, page: Page, tmp_path: Path) -> None:
    """Its notice stays at the head of the page, wherever that is scrolled to."""
    page.goto(f"{line.settings.public_url}/console/desk")
    page.locator("#ready").click()
    expect(page.locator("#ready")).to_contain_text("Bereit")
    answered(line, call_desk(line, PREMIUM))
    found = _covered(line, page, direct(line), tmp_path / "rings")
    assert page.locator(".duty-call").count() == 1
    assert found == [], "\n" + "\n".join(found)


def _covered(line: Application, page: Page, card_id: str, picture: Path) -> list[str]:
    """In both themes, with everything unfolded; photographed as it comes first."""
    found = []
    page.goto(f"{line.settings.public_url}/console/desk/{card_id}")
    width = page.viewport_size["width"]  # type: ignore[index]
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("scrollTo(0, 0)")
        folder = Path(PICTURES) if PICTURES else picture.parent
        page.screenshot(path=folder / f"card-{picture.name}-{width}-{theme}.png")
        page.evaluate(UNFOLD)
        found += [f"{theme}: {each}" for each in _brought(page)]
    found += _by_keyboard(page)
    _clicked(page)
    return found


def _brought(page: Page) -> list[str]:
    """Controls that are covered although they were scrolled to, or have the focus."""
    count, found = page.locator(CONTROLS).evaluate_all(BROUGHT)
    assert count > 5
    return list(found)


def _by_keyboard(page: Page) -> list[str]:
    """The same for whoever goes through the whole page, and back again."""
    found, reached = [], 0
    for key in ("Tab", "Shift+Tab"):
        for _ in range(page.locator(CONTROLS).count()):
            page.keyboard.press(key)
            name = page.evaluate(FOCUSED)
            reached += name is not None
            found += [f"{name}, {key}"] if name else []
    assert reached > 10
    return found


def _clicked(page: Page) -> None:
    """Playwright itself clicks none that something else lies over."""
    for control in page.locator(f"{CONTROLS}:enabled:visible:not(.visually-hidden)").all():
        control.click(trial=True, timeout=2000)
