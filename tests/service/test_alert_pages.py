"""The pages of alerts and disturbances in the console."""

import html
from datetime import timedelta

import pytest

from ivr.bootstrap import Application
from ivr.contracts.windows import local_time
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.monitored import Source
from tests.story import disturb

ALERTS, STATE = "/console/alerts", "/console/alerts/disturbances"


@pytest.fixture
def anna(app: Application) -> Browser:
    """A technician."""
    return logged_in(app, "anna")


def shown(page: Browser, address: str) -> str:
    response = page.get(address)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def wall(clock: FrozenClock, minutes: int) -> str:
    return f"{local_time(clock.at + timedelta(minutes=minutes)):%Y-%m-%dT%H:%M}"


def test_alerts_are_searched_filtered_and_sorted(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    source = Source(app)
    source.fire("router", "critical")
    clock.advance(60)
    source.fire("disk <b>", "minor")
    source.fire("gone")
    source.resolve("gone")
    page = shown(anna, ALERTS)
    assert page.index("disk &lt;b&gt;") < page.index("router is down")
    assert "kritisch" in page
    assert "gone is down" not in page
    assert "gemeldet, niemand wird angerufen" in page
    assert "gone is down" in shown(anna, f"{ALERTS}?state=all")
    critical = shown(anna, f"{ALERTS}?class=critical")
    assert "router" in critical
    assert "disk" not in critical
    assert "disk" not in shown(anna, f"{ALERTS}?search=ROUTER")
    by_title = shown(anna, f"{ALERTS}?sort=-title")
    assert by_title.index("router is down") < by_title.index("disk &lt;b&gt;")
    assert "router is down" in anna.get(f"{ALERTS}?format=csv").get_data(as_text=True)


def test_what_is_held_says_until_when(app: Application, anna: Browser, clock: FrozenClock) -> None:
    source = Source(app)
    form = {
        "source": "probe",
        "ends": wall(clock, 60),
        "labels": "job=x, room=B 1",
        "reason": "Test",
    }
    assert anna.post("/console/alerts/maintenance", form).status_code == 302
    page = shown(anna, STATE)
    assert "job=x" in page
    assert "room=B 1" in page
    source.fire("a", labels={"job": "x", "room": "B 1"})
    assert "Wartung bis 23.11.2026 11:00" in shown(anna, ALERTS)
    assert anna.post("/console/alerts/maintenance/1/end").status_code == 302
    assert "Keines eingetragen" in shown(anna, STATE)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Das Ende muss"),
        ({"ends": "2026-11-23T09:00"}, "Das Ende muss"),
        ({"ends": "nonsense"}, "Das Ende muss"),
        ({"ends": "2026-11-23T12:00", "labels": "job"}, "Name=Wert"),
        ({"ends": "2026-11-23T12:00", "begins": "2026-03-29T02:30"}, "Diese Zeit gibt es nicht"),
    ],
)
def test_a_window_that_cannot_be(
    form: dict[str, str], words: str, app: Application, anna: Browser
) -> None:
    Source(app)
    response = anna.post("/console/alerts/maintenance", {"source": "probe"} | form)
    assert response.status_code == 400
    assert words in response.get_data(as_text=True)


def test_a_disturbance_is_declared_changed_and_ended(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    form = {
        "title": "Core <router>",
        "scopes": "plan:premium",
        "customers": "11009,",
        "services": "mail",
        "text_de": "Internet in Baden",
        "expected": wall(clock, 90),
    }
    assert anna.post(STATE, form).status_code == 302
    page = shown(anna, STATE)
    assert "Core &lt;router&gt;" in page
    assert "höchstens" in page
    assert "Kunde 11009, Vertrag winCall premium, Dienst mail" in page
    assert "customer:" not in page
    assert "Anna Meier" in page
    change = {"action": "change", "text_fr": "Internet à Baden", "expected": ""}
    assert anna.post(f"{STATE}/1", {"text_de": "Internet in Baden"} | change).status_code == 302
    with app.storage.reading() as uow:
        found = uow.disturbances.find(1)
    assert found is not None
    assert found.expected_at is None
    assert found.texts["fr"] == "Internet à Baden"
    anna.post(f"{STATE}/1", {"action": "end"})
    page = shown(anna, STATE)
    assert "Die Störung ist beendet" in page
    assert "Zurzeit ist keine Störung ausgerufen" in page
    assert page.index("In den letzten 30 Tagen beendet") < page.index("Core &lt;router&gt;: 23.11.")
    with app.storage.engine.connect() as connection:
        log = connection.exec_driver_sql("SELECT action FROM audit_entry ORDER BY id").scalars()
        assert [each for each in log if each.startswith("disturbance")] == [
            "disturbance_declared",
            "disturbance_changed",
            "disturbance_ended",
        ]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"title": ""}, "Bitte bezeichnen"),
        ({"scopes": "everybody"}, "wen sie betrifft"),
        ({"scopes": ""}, "wen sie betrifft"),
        ({"customers": "99999"}, "wen sie betrifft"),
        ({"text_it": "x" * 61}, "60 Buchstaben"),
        ({"expected": "2026-11-23T09:00"}, "Diese Zeit ist vorbei"),
        ({"expected": "2026-13-99T09:00"}, "Diese Zeit ist vorbei"),
    ],
)
def test_what_was_typed_stays_beside_what_is_wrong(
    form: dict[str, str], words: str, anna: Browser
) -> None:
    typed = {"title": "Kept title", "scopes": "all"} | form
    response = anna.post(STATE, typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert words in page
    assert f'value="{typed["title"]}"' in page
    assert ('value="all" checked' in page) == (typed["scopes"] == "all")
    assert f'value="{typed.get("customers", "")}"' in page


def test_a_language_without_a_text_says_what_callers_hear_instead(
    app: Application, anna: Browser
) -> None:
    disturb(app, "2026-11-23T08:00:00+01:00", scopes=["all"], texts={"de": "Internet", "it": ""})
    page = html.unescape(shown(anna, STATE))
    in_list = page.split("Störung ausrufen")[0]
    for language, sentence in (
        ("Français", '<q lang="fr">Nous avons actuellement une panne.</q>'),
        ("Italiano", '<q lang="it">Al momento abbiamo un guasto.</q>'),
    ):
        told = f"{language}: ohne Text, Anrufende hören nicht, was gestört ist, sondern nur:"
        assert f"{told} {sentence}" in in_list
    assert "Deutsch: ohne Text" not in page
    assert page.count("Leer hören Anrufende") == 4 + 4, "in both forms"
    assert "«We have an outage at the moment.»" in page


def test_ending_is_asked_once_more(app: Application, anna: Browser) -> None:
    disturb(app, "2026-11-23T08:00:00+01:00", scopes=["all"])
    page = shown(anna, STATE)
    asked, sure = page.index('<details class="sure'), page.index('name="action" value="end"')
    assert asked < page.index("Das lässt sich nicht zurücknehmen.") < sure
    assert page.count('value="end"') == 1


def test_what_ended_long_ago_is_no_longer_listed_and_what_goes_on_always(
    app: Application, anna: Browser
) -> None:
    disturb(app, "2026-09-01T08:00:00+01:00", scopes=["all"], title="Goes on")
    for day, title in (("2026-10-23", "Long over"), ("2026-10-25", "Over")):
        disturb(app, f"{day}T08:00:00+01:00", f"{day}T12:00:00+01:00", scopes=["all"], title=title)
    page = shown(anna, STATE)
    assert "Long over" not in page
    assert page.index("Goes on") < page.index("beendet</h2>") < page.index("Over: 25.10.2026 08:00")


def test_what_is_over_cannot_be_ended_again(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    disturb(app, "2026-11-23T08:00:00+01:00", ends=clock.at.isoformat(), scopes=["all"])
    anna.post(f"{STATE}/1", {"action": "end"})
    assert "schon beendet" in shown(anna, STATE)
    assert anna.post(f"{STATE}/999", {"action": "end"}).status_code == 302
