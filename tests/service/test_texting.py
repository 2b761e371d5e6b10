"""Texts (SMS): promised with their cause, sent over Twilio, and what became of each is known."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.services.text_store import NewText, TextRecord, TextState
from ivr.services.texting import MAX_ATTEMPTS
from tests.fakes import FrozenClock, Notebook
from tests.lab.fake_twilio import FakeText, FakeTwilio
from tests.service.twilio_fake import with_twilio
from tests.wiring import quick_application

ANNA = "+41440009001"
BODY = "Pikett: Ticket 100001, Muster AG, Baden. Frist 14:30."


@pytest.fixture
def wired(
    data_dir: Path, clock: FrozenClock, notebook: Notebook
) -> Iterator[tuple[Application, FakeTwilio]]:
    with with_twilio(data_dir, clock=clock, observer=notebook) as both:
        yield both


@pytest.fixture
def app(wired: tuple[Application, FakeTwilio]) -> Application:
    return wired[0]


@pytest.fixture
def twilio(wired: tuple[Application, FakeTwilio]) -> FakeTwilio:
    return wired[1]


def promise(app: Application, *, held: bool = False, page_id: str | None = None) -> int:
    text = NewText(ANNA, BODY, app.clock.now(), page_id=page_id, held=held)
    with app.storage.writing() as uow:
        return uow.texts.add(text)


def stored(app: Application, text_id: int) -> TextRecord:
    with app.storage.reading() as uow:
        return uow.texts.get(text_id)


def send(app: Application) -> int:
    return app.texting.collect(app.clock.now())


def sent_text(app: Application, twilio: FakeTwilio) -> tuple[int, FakeText]:
    text_id = promise(app)
    assert send(app) == 1
    (text,) = twilio.texts.values()
    return text_id, text


def test_a_text_is_sent_once_from_the_line(app: Application, twilio: FakeTwilio) -> None:
    text_id, text = sent_text(app, twilio)
    assert {name: values[0] for name, values in text.form.items()} == {
        "To": ANNA,
        "From": "+41440001100",
        "Body": BODY,
        "StatusCallback": f"https://pikett.example/twilio/text-status/{text_id}",
    }
    assert send(app) == 0
    found = stored(app, text_id)
    assert (found.state, found.provider_id) == (TextState.SENT, text.sid)


def test_a_name_may_stand_for_the_number(data_dir: Path, clock: FrozenClock) -> None:
    with with_twilio(data_dir, clock=clock, paging={"text_sender": "Pikett"}) as (app, twilio):
        _, text = sent_text(app, twilio)
        assert text.form["From"] == ["Pikett"]


def test_what_twilio_says_of_it_is_kept(
    app: Application, twilio: FakeTwilio, notebook: Notebook
) -> None:
    text_id, text = sent_text(app, twilio)
    for word in ("sent", "delivered", "delivered"):
        assert twilio.text_becomes(text, word) == 204
    assert stored(app, text_id).state is TextState.DELIVERED
    assert notebook.troubles == []


def test_words_that_come_out_of_order_do_not_undo_the_last(
    app: Application, twilio: FakeTwilio
) -> None:
    text_id, text = sent_text(app, twilio)
    for word in ("delivered", "sent", "undelivered", "queued"):
        twilio.text_becomes(text, word)
    assert stored(app, text_id).state is TextState.DELIVERED


@pytest.mark.parametrize(
    ("word", "state"),
    [("undelivered", TextState.UNDELIVERED), ("failed", TextState.FAILED)],
)
def test_a_text_that_did_not_arrive_is_said_to_an_operator(
    word: str, state: TextState, app: Application, twilio: FakeTwilio, notebook: Notebook
) -> None:
    text_id, text = sent_text(app, twilio)
    for _ in range(2):
        twilio.text_becomes(text, word, "30005")
    found = stored(app, text_id)
    assert (found.state, found.error) == (state, "30005")
    assert notebook.troubles == [("text_undelivered", {"text": text_id, "error": "30005"})]


def test_the_last_word_may_come_before_our_own_note(app: Application, twilio: FakeTwilio) -> None:
    """Twilio calls back while we still write down that it took the text."""
    text_id = promise(app)
    app.texting.told(text_id, "SM" + "1" * 32, "delivered", "", app.clock.now())
    with app.storage.writing() as uow:
        uow.texts.sent(text_id, "SM" + "1" * 32, app.clock.now())
    assert stored(app, text_id).state is TextState.DELIVERED
    assert send(app) == 0


def test_a_word_about_another_text_changes_nothing(app: Application, twilio: FakeTwilio) -> None:
    text_id, text = sent_text(app, twilio)
    stranger = FakeText("SM" + "e" * 32, text.form)
    twilio.text_becomes(stranger, "delivered")
    for sid in ("", "CA" + "1" * 32, "nonsense"):
        twilio.text_becomes(FakeText(sid, text.form), "delivered")
    assert stored(app, text_id).state is TextState.SENT


def test_a_number_that_takes_no_texts_is_said_at_once_and_not_tried_again(
    app: Application, twilio: FakeTwilio, notebook: Notebook
) -> None:
    twilio.refusals[ANNA] = (400, 21614)
    text_id = promise(app)
    assert send(app) == 0
    app.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
    assert send(app) == 0
    assert len(twilio.requests) == 1
    assert stored(app, text_id).state is TextState.FAILED
    ((what, facts),) = notebook.troubles
    assert what == "text_refused"
    assert ANNA not in str(facts)


@pytest.mark.parametrize("refusal", [(429, 20429), (500, 20500), (401, 20003)])
def test_a_twilio_in_trouble_is_tried_again(
    refusal: tuple[int, int], app: Application, twilio: FakeTwilio, notebook: Notebook
) -> None:
    twilio.refusals[ANNA] = refusal
    text_id = promise(app)
    assert send(app) == 0
    assert send(app) == 0, "not at once"
    twilio.refusals.clear()
    app.clock.at += timedelta(seconds=2)  # type: ignore[attr-defined]
    assert send(app) == 1
    assert stored(app, text_id).state is TextState.SENT
    assert notebook.troubles == []


def test_after_half_an_hour_an_operator_is_told(
    app: Application, twilio: FakeTwilio, notebook: Notebook
) -> None:
    twilio.broken = True
    text_id, began = promise(app), app.clock.now()
    for _ in range(200):
        send(app)
        app.clock.at += timedelta(seconds=30)  # type: ignore[attr-defined]
    found = stored(app, text_id)
    assert (found.state, found.attempts) == (TextState.FAILED, MAX_ATTEMPTS - 1)
    assert found.settled_at is not None
    assert timedelta(minutes=20) < found.settled_at - began < timedelta(minutes=40)
    assert [what for what, _ in notebook.troubles] == ["text_lost"]


def test_a_rehearsal_sends_nothing(app: Application, twilio: FakeTwilio) -> None:
    text_id = promise(app, held=True)
    assert send(app) == 0
    assert (stored(app, text_id).state, twilio.requests) == (TextState.HELD, [])


def test_a_text_finds_its_page(app: Application) -> None:
    text_id = promise(app, page_id="a1")
    with app.storage.reading() as uow:
        found = uow.texts.find_of_page("a1")
        assert uow.texts.find_of_page("a2") is None
    assert found is not None
    assert found.id == text_id


def test_what_waits_can_be_held_back(app: Application, twilio: FakeTwilio) -> None:
    with app.storage.writing() as uow:
        uow.texts.add(NewText(ANNA, BODY, app.clock.now()))
        uow.texts.hold(100001)
    assert send(app) == 1, "a text of another cause is not meant"


def test_a_long_text_is_cut_to_what_twilio_takes(app: Application, twilio: FakeTwilio) -> None:
    with app.storage.writing() as uow:
        uow.texts.add(NewText(ANNA, "x" * 2000, app.clock.now()))
    assert send(app) == 1
    (text,) = twilio.texts.values()
    assert len(text.form["Body"][0]) == 1600


def test_without_twilio_texts_lie_in_the_mailbox(data_dir: Path, clock: FrozenClock) -> None:
    app = quick_application(data_dir, clock=clock, twilio={})
    text_id = promise(app)
    assert send(app) == 1
    (file,) = app.settings.path("mailbox").glob("sms-*.txt")
    assert file.read_text() == f"To: {ANNA}\n\n{BODY}\n"
    assert stored(app, text_id).state is TextState.SENT
    app.storage.engine.dispose()
