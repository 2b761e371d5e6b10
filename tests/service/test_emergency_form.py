"""The emergency form: what it asks, what it tells to whom, what it costs, and once only."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey
from ivr.numbers.dial_guard import may_dial
from ivr.services import pins
from ivr.storage.database import reading
from ivr.storage.models import Call, CodeFailure, Consent, DeskCard, FormRequest, OutboxMail, Ticket
from tests.fakes import FrozenClock
from tests.service.calling_back import FILLED
from tests.service.escalating import Night, NotingTelephone
from tests.service.linked import HTTPS, Visitor
from tests.service.prompting import save, say
from tests.wiring import quick_application
from webhooks.app import create_app
from webhooks.console.words import LANGUAGES

GERMAN = {"Accept-Language": "de"}
SUNDAY_NIGHT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
REFUSED = "Kundennummer und PIN passen nicht zusammen"
PRICE = "Kostenpflichtig bestellen – EUR 200.00 zzgl. MwSt"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(Visitor):
    """Fills the form in."""

    def send(self, source: str = "198.51.100.7", **other: str) -> Any:
        page = self.get("/notfall", headers=GERMAN)
        data = FILLED | {"csrf_token": token(page)} | other
        environ = {"REMOTE_ADDR": source}
        return self.post("/notfall", data=data, headers=GERMAN, environ_base=environ)

    def confirm(self, **other: str) -> Any:
        """The second page."""
        answer = self.send(**other)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"], headers=GERMAN)

    def decide(self, page: Any, action: str = "order", **other: str) -> Any:
        address = html.unescape(re.search(r'action="(/notfall/[^"]+)"', page.text)[1])  # type: ignore[index]
        data = {"csrf_token": token(page), "action": action} | other
        return self.post(address, data=data, headers=GERMAN)


def token(page: Any) -> str:
    found = _TOKEN.search(page.text)
    assert found is not None, page.text
    return found[1]


def without_token(page: Any) -> str:
    """It has the time in it."""
    text: str = page.text
    return text.replace(token(page), "")


@pytest.fixture
def browser(app: Application) -> Browser:
    return Browser(create_app(app))


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each slow verification of a PIN."""
    done: list[str] = []
    real = pins._HASHER

    class Counting:
        def verify(self, hashed: str, given: str) -> bool:
            done.append(hashed)
            return real.verify(hashed, given)

        def hash(self, given: str) -> str:
            return real.hash(given)

    monkeypatch.setattr(pins, "_HASHER", Counting())
    return done


def count(app: Application, table: Any) -> int:
    with reading(app.storage.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.rule("A.82", "A.83", "A.84")
def test_form_confirmation_and_mail_say_that_a_mail_alerts_nobody(
    app: Application, browser: Browser
) -> None:
    """And what to put into one, under which subject; none of the descriptions is mandatory."""
    confirm = browser.confirm()
    browser.decide(confirm)
    with app.storage.reading() as uow:
        bodies = [each.body for each in uow.outbox.list_for_ticket(100001)]
    told = [browser.get("/notfall", headers=GERMAN).text, html.unescape(confirm.text)]
    told += [body for body in bodies if "Ein Techniker wird gerufen" in body]
    assert len(told) == 3
    for text in told:
        assert "Eine E-Mail allein alarmiert niemanden" in text
        assert "Betreff «Notfall-Support»" in text
        assert "was zuletzt geändert wurde" in text


@pytest.mark.rule("A.85", "A.94", "B.8", "A.89")
def test_filled_in_confirmed_and_ordered(app: Application, browser: Browser) -> None:
    form = browser.get("/notfall", headers=GERMAN)
    assert form.status_code == 200
    assert "EUR 200.00 zzgl. MwSt" in form.text
    confirm = browser.confirm()
    assert PRICE in confirm.text
    assert "Mit 8.1 % MwSt: EUR 216.20." in confirm.text
    for fact in (
        "Eva Muster",
        "11001, Bäckerei Sonnenschein",
        "eva@customer.invalid",
        "+41 44 000 10 01",
    ):
        assert fact in html.unescape(confirm.text)
    assert count(app, Ticket) == 0, "nothing is ordered by a form that was only checked"
    done = browser.decide(confirm)
    assert done.status_code == 303
    status = browser.get(done.headers["Location"])
    assert "Wir rufen einen Techniker." in status.text
    assert "Auftrag kostenlos zurückziehen" in status.text
    assert "Danach haben Sie um" in status.text
    assert (count(app, Ticket), count(app, Consent)) == (1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_four_languages_asked_for_or_chosen(browser: Browser, language: str) -> None:
    chosen = browser.get(f"/notfall?lang={language}", headers=GERMAN)
    asked = browser.get("/notfall", headers={"Accept-Language": language})
    for page in (chosen, asked):
        assert f'<html lang="{language}"' in page.text
        assert "notfall." not in re.sub(r"notfall\.css", "", page.text), "a text is missing"
    assert "script-src 'self'" in chosen.headers["Content-Security-Policy"]


@pytest.mark.rule("A.80", "A.76")
def test_while_free_support_is_there_it_says_so_first(browser: Browser, clock: FrozenClock) -> None:
    free = "Unser normaler Support ist jetzt erreichbar und kostenlos."
    assert free in browser.get("/notfall", headers=GERMAN).text
    clock.at = SUNDAY_NIGHT
    assert free not in browser.get("/notfall", headers=GERMAN).text


@pytest.mark.rule("Q9")
def test_what_is_not_enabled_is_not_offered(app: Application) -> None:
    bare = quick_application(app.settings.data_dir, tariffs="tariffs.yaml")
    browser = Browser(create_app(bare))
    page = browser.get("/notfall", headers=GERMAN)
    assert page.status_code == 404
    assert "wird hier nicht angeboten" in page.text
    assert "EUR" not in page.text
    assert "+41 44 000 11 00" in page.text, "never a dead end"
    assert browser.post("/notfall", data=FILLED, headers=GERMAN).status_code == 404


@pytest.mark.rule("A.78", "A.79", "A.81", "A.89")
@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("unreachable", "no", "für Dienste da, die ausgefallen sind"),
        ("no_maintenance", "no", "Eine laufende Wartung endet von selbst"),
        ("application", "yes", "hilft deren Hersteller"),
        ("unreachable", "", "Bitte wählen Sie eine Antwort"),
    ],
)
def test_a_precondition_blocks_with_what_to_do_instead(
    browser: Browser, verifications: list[str], question: str, answer: str, told: str
) -> None:
    page = browser.send(**{question: answer})
    assert page.status_code == 422
    assert told in page.text
    assert 'value="Eva Muster"' in page.text
    assert "123456" not in page.text
    assert verifications == []


@pytest.mark.rule("A.82", "A.83")
@pytest.mark.parametrize(
    "words",
    [
        {"what": "Error 503 on every page", "how": "Open the shop", "changes": "New firewall"},
        {"what": "", "how": "", "changes": ""},
    ],
    ids=["all three", "none"],
)
def test_descriptions_stand_with_the_ticket_and_none_is_asked_for(
    app: Application, browser: Browser, words: dict[str, str]
) -> None:
    done = browser.decide(browser.confirm(**words))
    assert done.status_code == 303
    with reading(app.storage.engine) as connection:
        (kept,) = connection.scalars(select(DeskCard.words))
    assert all(each in kept for each in words.values())
    assert count(app, Ticket) == 1


WRONG = {
    "no such customer": {"customer": "99999"},
    "wrong PIN": {"pin": "654321"},
    "another's PIN": {"pin": "281940"},
    "customer without a word": {"customer": "00000", "pin": "000000"},
    "a program": {"website": "https://spam.example"},
}


@pytest.mark.rule("B.7", "B.12")
def test_one_answer_after_one_verification_for_all_that_is_wrong(
    app: Application, browser: Browser, verifications: list[str]
) -> None:
    answers = set()
    for other in WRONG.values():
        before = len(verifications)
        page = browser.send(**other)
        assert len(verifications) == before + 1, other
        assert REFUSED in page.text
        assert "+41 44 000 90 09" in page.text, "never a dead end"
        plain = without_token(page)
        answers.add((page.status_code, plain.replace(other.get("customer", "11001"), "11001")))
    assert len(answers) == 1
    before = len(verifications)
    assert browser.send().status_code == 303
    assert len(verifications) == before + 1
    assert count(app, Ticket) == 0


@pytest.mark.rule("B.7")
def test_a_locked_code_gets_the_same_answer_and_so_does_its_right_pin(browser: Browser) -> None:
    wrong = [without_token(browser.send(pin="654321")) for _ in range(6)]
    right = without_token(browser.send())
    assert len({*wrong, right}) == 1


@pytest.mark.rule("B.7", "B.12")
def test_a_flood_from_one_address_is_stopped_before_any_verification(
    app: Application, browser: Browser, verifications: list[str]
) -> None:
    """By a counter in the database; another address is not stopped with it."""
    limit = app.settings.codes.per_number_and_hour
    for number in range(limit):
        assert browser.send(customer=f"{20000 + number}").status_code == 422
    done = len(verifications)
    stopped = browser.send()
    assert stopped.status_code == 429
    assert "+41 44 000 90 09" in stopped.text
    assert len(verifications) == done
    assert count(app, CodeFailure) == limit
    assert browser.send(source="203.0.113.9").status_code == 303
    assert count(app, FormRequest) == 1
    assert count(app, Call) == 0, "a flood leaves no calls behind"


@pytest.mark.rule("B.12")
def test_checked_forms_of_one_address_are_limited_too(app: Application, browser: Browser) -> None:
    limit = app.settings.callbacks.forms_per_hour
    assert [browser.send().status_code for _ in range(limit)] == [303] * limit
    assert browser.send().status_code == 429


@pytest.mark.rule("B.12")
def test_not_more_than_two_orders_an_hour_of_one_customer(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    for source in ("198.51.100.1", "198.51.100.2"):
        assert browser.decide(browser.confirm(source=source)).status_code == 303
        with app.storage.writing() as uow:
            found = uow.callbacks.find_running(1, "emergency")  # type: ignore[arg-type]
        assert found is not None
        app.callbacks.cancel(found.ticket_number, clock.now())
    third = browser.confirm(source="198.51.100.3")
    refused = browser.decide(third)
    assert refused.status_code == 429
    assert "bestellen Sie bitte am Telefon" in refused.text
    assert count(app, Ticket) == 2
    clock.advance(3700)
    assert browser.decide(browser.confirm()).status_code == 303


@pytest.mark.rule("A.85")
def test_sent_twice_it_is_charged_once(app: Application, browser: Browser) -> None:
    confirm = browser.confirm()
    first, second = browser.decide(confirm), browser.decide(confirm)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"].split("/c/")[0] == second.headers["Location"].split("/c/")[0]
    assert (count(app, Ticket), count(app, Consent)) == (1, 1)
    back = browser.get(html.unescape(re.search(r'action="(/notfall/[^"]+)"', confirm.text)[1]))  # type: ignore[index]
    assert back.status_code == 303, "the back button leads to where it stands"


def test_a_page_that_is_read_again_says_what_will_be_sealed(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    """Also where an admin has published another text meanwhile."""
    confirm = browser.confirm()
    address = html.unescape(re.search(r'action="(/notfall/[^"]+)"', confirm.text)[1])  # type: ignore[index]
    shipped = app.catalogue.shipped(PromptKey.NOTICE_EMERGENCY, Language.DE)
    say(app, clock, save(app, f"{shipped} Danke.", PromptKey.NOTICE_EMERGENCY))
    again = browser.get(address, headers=GERMAN)
    browser.decide(again)
    with reading(app.storage.engine) as connection:
        sealed = connection.execute(select(Consent.text)).scalar_one()
    assert f"<p>{sealed}</p>" in html.unescape(again.text)


@pytest.mark.rule("A.85")
def test_a_second_form_while_one_runs_adds_nothing(app: Application, browser: Browser) -> None:
    one, two = browser.confirm(), browser.confirm()
    browser.decide(one)
    again = browser.get(browser.decide(two).headers["Location"])
    assert "Es wurde nichts weiter bestellt und nichts weiter verrechnet." in again.text
    assert (count(app, Ticket), count(app, Consent)) == (1, 1)


def test_withdrawn_before_the_order_nobody_is_called(app: Application, browser: Browser) -> None:
    confirm = browser.confirm()
    assert "Niemand wird gerufen" in browser.decide(confirm, "withdraw").text
    assert browser.decide(confirm).status_code == 410
    assert count(app, Ticket) == 0


def test_changing_brings_everything_back_but_the_pin(browser: Browser) -> None:
    confirm = browser.confirm()
    change = html.unescape(re.search(r'href="(/notfall\?change=[^"]+)"', confirm.text)[1])  # type: ignore[index]
    form = browser.get(change, headers=GERMAN).text
    assert 'value="Eva Muster"' in form
    assert "Nobody reaches us" in form
    assert "123456" not in form


def test_another_browser_cannot_confirm(app: Application, browser: Browser) -> None:
    address = browser.send().headers["Location"]
    stranger = Browser(create_app(app))
    assert stranger.get(address, headers=GERMAN).status_code == 410
    forged = stranger.get("/notfall", headers=GERMAN)
    data = {"csrf_token": token(forged), "action": "order"}
    assert stranger.post(address, data=data, headers=GERMAN).status_code == 410
    assert count(app, Ticket) == 0


def test_a_checked_form_does_not_last_for_ever(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    confirm = browser.confirm()
    clock.advance(31 * 60)
    assert browser.decide(confirm).status_code == 410
    assert count(app, Ticket) == 0


def test_without_the_token_of_its_page_nothing_is_taken(
    app: Application, browser: Browser, verifications: list[str]
) -> None:
    answer = browser.post("/notfall", data=FILLED, headers=GERMAN)
    assert answer.status_code == 400
    assert 'value="Eva Muster"' in answer.text, "what was typed is kept"
    assert verifications == []
    confirm = browser.confirm()
    assert browser.decide(confirm, csrf_token="guessed").status_code == 400
    assert count(app, Ticket) == 0


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "Bitte geben Sie Ihren Namen an."),
        ("name", "x" * 201, "Bitte geben Sie Ihren Namen an."),
        ("name", "Eva\x1b[31m", "Bitte geben Sie Ihren Namen an."),
        ("customer", "1100", "Die Kundennummer hat fünf Ziffern."),
        ("customer", "1100١", "Die Kundennummer hat fünf Ziffern."),
        ("pin", "12345", "Die PIN hat sechs Ziffern."),
        ("email", "eva", "Das ist keine E-Mail-Adresse."),
        ("email", "eva@a.example\nBcc: all@b.example", "Das ist keine E-Mail-Adresse."),
        ("email", "a@b.example,c@d.example", "Das ist keine E-Mail-Adresse."),
        ("phone", "", "Das ist keine Telefonnummer."),
        ("phone", "112", "Das ist keine Telefonnummer."),
        ("phone", "500&SIP/itsp/0900", "Das ist keine Telefonnummer."),
        ("what", "x" * 2001, "Höchstens 2000 Zeichen"),
        ("what", "a\x00\x07b", "Höchstens 2000 Zeichen"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    browser: Browser, verifications: list[str], field: str, value: str, told: str
) -> None:
    page = browser.send(**{field: value})
    assert page.status_code == 422
    assert told in page.text
    assert verifications == []


def test_a_script_in_the_name_is_a_name(app: Application, browser: Browser) -> None:
    name = "<script>alert(1)</script>"
    confirm = browser.confirm(name=name, what="{{ 7*7 }} </textarea><b>now</b>")
    assert name not in confirm.text
    assert "&lt;script&gt;" in confirm.text
    assert "49" not in re.sub(r'"[^"]*"|[0-9a-f]{16,}', "", confirm.text)
    status = browser.get(browser.decide(confirm).headers["Location"])
    assert "<b>now" not in status.text


@pytest.mark.rule("B.12")
@pytest.mark.parametrize("phone", ["+41 44 000 10 02", "+41 900 123 123", "+49 30 1234567"])
def test_a_number_that_is_not_on_file_goes_through_the_desk_and_costs_nothing(
    app: Application, browser: Browser, clock: FrozenClock, phone: str
) -> None:
    night = Night(app, clock, NotingTelephone())
    app.telephones = (night.telephone,)
    form = browser.get("/notfall", headers=GERMAN).text
    assert "Jede andere prüft zuerst der Service-Desk" in form, "said before"
    confirm = browser.confirm(phone=phone)
    assert PRICE not in confirm.text
    assert "An den Service-Desk senden, kostenlos" in confirm.text
    browser.decide(confirm)
    night.pass_time(hours=2)
    assert may_dial(phone).address not in night.telephone.numbers
    assert "callback" not in [each.reason for each in night.escalations(100001)]
    with app.storage.reading() as uow:
        file = uow.ticket_files.get(100001)
        view = uow.tickets.view(100001)
        assert uow.consents.list_of_call(file.call_id) == []
        card = uow.desk.find_of_call(file.call_id)
    assert (view.kind, file.order_state, file.ordered_at) == ("callback", "none", None)
    assert card is not None
    assert card.callback_number == view.callback_number
    with reading(app.storage.engine) as connection:
        mails = connection.execute(select(OutboxMail.recipient)).scalars().all()
    assert {"desk@demo.pikett.invalid", "eva@customer.invalid"} <= set(mails)


def test_nothing_secret_is_stored_or_shown(app: Application, browser: Browser) -> None:
    confirm = browser.confirm()
    browser.decide(confirm)
    with reading(app.storage.engine) as connection:
        rows = connection.execute(select(FormRequest)).all()
    assert "123456" not in str(rows)
    assert "Jede Adresse" not in confirm.text
    for page in (confirm, browser.get("/notfall")):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.rule("K-11", "K-17")
def test_the_status_page_cancels_until_somebody_has_accepted(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    night = Night(app, clock, NotingTelephone())
    app.telephones = (night.telephone,)
    done = browser.decide(browser.confirm())
    night.work()
    status = browser.get(done.headers["Location"])
    gone = browser.tap(status, "callback/cancel")
    assert "Abgesagt. Niemand ruft Sie an, und es wird nichts verrechnet." in gone.text
    night.work()
    assert night.telephone.ended == [night.last]
    late = browser.tap(status, "callback/cancel")
    assert late.status_code == 409


def test_call_me_back_on_the_page_of_a_ticket(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    night = Night(app, clock, NotingTelephone())
    app.telephones = (night.telephone,)
    ticket = night.open("", contract_id=1)
    address = app.links.customer(ticket).removeprefix(HTTPS)
    page = browser.get(address)
    assert "Rufen Sie mich zurück" in page.text
    done = browser.tap(page, "callback", phone="+41440001001")
    assert "Danke. Ein Techniker ruft Sie an." in done.text
    assert browser.tap(page, "callback", phone="+41440001002").status_code == 422
    clock.at = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
    closed = night.open("", contract_id=13, customer_id=13, location_id=14)
    assert "Rufen Sie mich zurück" not in browser.get(app.links.customer(closed)).text


def test_old_forms_that_came_to_nothing_are_forgotten(
    app: Application, browser: Browser, clock: FrozenClock
) -> None:
    browser.confirm()
    clock.at += timedelta(days=2)
    browser.confirm()
    assert count(app, FormRequest) == 1
