"""Recording by phone over AGI: who is let in, what is kept, and what is left when it fails."""

import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agi_scripts.app import FastAgiApp
from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey
from ivr.callflow.recording_session import State
from ivr.callflow.verbs import Listen
from ivr.errors import MalformedRequestError
from ivr.people.roles import Role
from ivr.services.calls import Reply
from ivr.services.people import PersonRefusedError
from ivr.services.prompt_numbers import PromptNumbers
from ivr.services.recording_pins import RULES, PhoneCode
from ivr.services.script import Script, parse_script
from ivr.storage.models import AuditEntry, Person
from ivr.voice.intake import TakenIn, UploadRefusedError
from tests.fakes import FrozenClock, Notebook
from tests.players.agi_player import CallerKeys, Channel
from tests.service.admin import admin
from tests.service.captured_logs import captured_logs
from tests.service.console import logged_in
from tests.service.terminal import Pikett
from webhooks.twilio.twiml import TwimlRenderer

FIXTURES = (admin,)
ADMIN, WRONG = "admin", "000000"
GREETING, DE = PromptKey.GREETING, Language.DE
PRICED = PromptKey.NOTICE_WORK


def quick_take(source: Path, target: Path) -> TakenIn:
    """Levelled in no time; what lasts a second and less is of no use."""
    target.mkdir(parents=True, exist_ok=True)
    if source.stat().st_size < 20_000:
        raise UploadRefusedError("silent")
    digest = f"{source.stat().st_size:032x}"
    for ending in (".wav", ".wav16", ".original"):
        shutil.copy(source, target / f"{digest}{ending}")
    return TakenIn(digest, 2.0, (), (0, 1))


@dataclass
class Phone:
    """An internal telephone, and the admin's number and PIN."""

    app: Application
    clock: FrozenClock
    code: PhoneCode

    def call(self, keys: str, caller: str = "21") -> Channel:
        channel = Channel(FastAgiApp(self.app), self.clock, caller, "lab-1795341600.9")
        channel.agi("recording_call", CallerKeys(Script(parse_script(keys)), self.clock))
        return channel

    def records(self, keys: str) -> Channel:
        """Admitted, then these keys; GREETING stands for the number of the German greeting."""
        number = self.app.prompt_numbers.fixed()[GREETING, DE]
        typed = keys.replace("GREETING", f"{number}#")
        return self.call(f"{self.code.number}# {self.code.pin} {typed}")

    def is_let_in(self, pin: str, caller: str = "21") -> bool:
        call = self.app.recording_pins
        return call.admit(PhoneCode(self.code.number, pin), caller, self.clock.now()) is not None

    def drafts(self) -> list[tuple[str, str, str]]:
        found = self.app.prompts.entry(GREETING, DE).versions
        return [(each.made_by, each.note, each.words) for each in found]

    def leftovers(self) -> list[str]:
        folders = (self.app.settings.path("inbox"), self.app.settings.path("sounds", "takes"))
        return [path.name for folder in folders for path in folder.glob("*")]


@pytest.fixture
def phone(app: Application, clock: FrozenClock) -> Phone:
    app.studio._intake = quick_take
    return Phone(app, clock, app.recording_pins.assign(ADMIN, None, clock.now()))


def change_admin(app: Application, **columns: object) -> None:
    with app.storage.engine.begin() as connection:
        connection.execute(update(Person).where(Person.login == ADMIN).values(**columns))


def audited(app: Application) -> list[tuple[str, str]]:
    with app.storage.engine.connect() as connection:
        rows = connection.execute(
            select(AuditEntry.login, AuditEntry.action).order_by(AuditEntry.id)
        )
        return [(login, action) for login, action in rows]


# What is kept -------------------------------------------------------------------------------------


def test_what_is_recorded_is_heard_again_and_kept_as_a_draft_by_phone(
    phone: Phone, notebook: Notebook
) -> None:
    channel = phone.records("GREETING 1 2 message:4 1 3 *#")
    entry = phone.app.prompts.entry(GREETING, DE)
    assert phone.drafts() == [("Admin", "by phone", entry.entry.text)]
    assert not entry.publications
    assert any("/takes/" in line for line in channel.commands)
    assert channel.variables["PIKETT_NEXT"] == "done"
    assert phone.leftovers() == []
    assert audited(phone.app)[-2:] == [(ADMIN, "recording_call"), (ADMIN, "prompt_recording_saved")]
    assert notebook.turns[-1].session.state == State.OVER


@pytest.mark.parametrize(
    "keys",
    [
        "GREETING 2 message:4 hangup",
        "GREETING 2 message:4:hangup",
        "GREETING 2 hangup",
        "GREETING 2 message:4 *",
        "GREETING 2 message:4 -",
        "GREETING 2 message:4 9 *",
        "GREETING 2 message:4 2 message:1 *",
    ],
)
def test_what_is_not_kept_leaves_nothing(phone: Phone, keys: str) -> None:
    phone.records(keys)
    assert phone.drafts() == []
    assert phone.leftovers() == []


def test_what_a_dead_process_left_is_cleared_by_the_next_take(phone: Phone) -> None:
    takes = phone.app.settings.path("sounds", "takes")
    takes.mkdir(parents=True)
    for name, days in (("old.wav", 2), ("new.wav", 0)):
        (takes / name).touch()
        left = time.time() - days * 86_400
        os.utime(takes / name, (left, left))
    half_done = takes / ".upload-dead"
    half_done.mkdir()
    os.utime(half_done, (0, 0))
    phone.records("GREETING 2 message:4 3 *#")
    half_done.rmdir()  # the conversion clears those
    assert phone.leftovers() == ["new.wav"]
    assert len(phone.drafts()) == 1


def test_a_recording_of_no_use_is_told_and_another_one_is_kept(phone: Phone) -> None:
    channel = phone.records("GREETING 2 message:1 2 message:5 3 *#")
    assert channel.variables["PIKETT_NEXT"] == "done"
    assert len(phone.drafts()) == 1


def test_a_key_during_what_he_listens_to_counts(phone: Phone) -> None:
    phone.records("GREETING 2 message:4 1 !3 *#")
    assert len(phone.drafts()) == 1


@pytest.mark.parametrize("typed", ["*", "12*", "NUMBER# *", "NUMBER# 12*", "NUMBER# PIN *"])
def test_the_star_ends_the_call_at_once_also_where_a_number_is_entered(
    phone: Phone, typed: str
) -> None:
    keys = typed.replace("NUMBER", phone.code.number).replace("PIN", phone.code.pin)
    channel = phone.call(keys)
    waited = [line for line in channel.commands if line.startswith("WAIT FOR DIGIT")]
    assert len(waited) == len(keys.replace(" ", ""))
    assert channel.variables["PIKETT_NEXT"] == "done"


def test_the_call_ends_where_no_prompt_has_the_number(phone: Phone) -> None:
    channel = phone.records("0# 99999# 999999#")
    assert channel.variables["PIKETT_NEXT"] == "done"
    assert phone.drafts() == []


def test_what_fails_is_left_to_the_apology_of_the_dialplan(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away when he keeps it: nothing is kept and nothing left."""
    number = phone.app.prompt_numbers.fixed()[GREETING, DE]
    monkeypatch.setattr(phone.app.prompts, "save_recording", _away)
    channel = phone.call(f"{phone.code.number}# {phone.code.pin} {number}# 2 message:4 3")
    assert channel.variables["PIKETT_NEXT"] == "fallback"
    assert phone.leftovers() == []


def _away(*_: object) -> None:
    raise OSError("no database")


# Who is let in ------------------------------------------------------------------------------------


def test_three_wrong_entries_end_the_call(phone: Phone) -> None:
    number = phone.code.number
    channel = phone.call(f"{number}# {WRONG} 99999# {phone.code.pin} {number}# 1#")
    assert channel.variables["PIKETT_NEXT"] == "done"
    assert (ADMIN, "recording_call") not in audited(phone.app)


def test_nobody_writes_the_pin_down(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    with captured_logs() as logs:
        phone.records("GREETING *")
    assert "recording_call" in str(audited(phone.app))
    for turn in phone.app.observer.turns:  # type: ignore[attr-defined]
        assert phone.code.pin not in repr((turn.session, turn.verbs, turn.log))
    assert phone.code.pin not in logs.getvalue()
    with phone.app.storage.engine.connect() as connection:
        held = connection.execute(select(Person.recording_pin_hash, Person.login)).all()
    assert [str(row[0]).startswith("$argon2id$") for row in held if row[0]] == [True]


def test_wrong_pins_lock_the_number_for_a_while(phone: Phone, notebook: Notebook) -> None:
    for _ in range(RULES.tries):
        assert not phone.is_let_in(WRONG)
    assert notebook.troubles[-1][0] == "recording_pin_locked"
    assert not phone.is_let_in(phone.code.pin)
    phone.clock.advance(RULES.first_lock.total_seconds())
    assert phone.is_let_in(phone.code.pin)


def test_zeros_before_a_number_make_no_other_number(phone: Phone) -> None:
    for _ in range(RULES.tries):
        assert not phone.is_let_in(WRONG)
    phone.code = replace(phone.code, number=f"0{phone.code.number}")
    assert not phone.is_let_in(phone.code.pin)
    phone.clock.advance(RULES.first_lock.total_seconds())
    assert not phone.is_let_in(phone.code.pin)


def test_a_telephone_that_tries_too_much_is_not_listened_to(
    phone: Phone, clock: FrozenClock
) -> None:
    with phone.app.storage.writing() as uow:
        for _ in range(RULES.per_number):
            uow.logins.add_failure("22", clock.now())
    assert not phone.is_let_in(phone.code.pin, "22")
    assert phone.is_let_in(phone.code.pin)


@pytest.mark.parametrize(
    "changed",
    [{"role": Role.LEAD.value}, {"disabled_at": FrozenClock().now()}, {"recording_pin_hash": None}],
)
def test_only_an_admin_with_a_pin_is_let_in(phone: Phone, changed: dict[str, object]) -> None:
    change_admin(phone.app, **changed)
    assert not phone.is_let_in(phone.code.pin)


def test_a_new_pin_takes_the_place_of_the_old_one_and_can_be_withdrawn(
    phone: Phone, clock: FrozenClock
) -> None:
    new = phone.app.recording_pins.assign(ADMIN, None, clock.now())
    assert new.number == phone.code.number
    assert not phone.is_let_in(phone.code.pin)
    assert phone.is_let_in(new.pin)
    phone.app.recording_pins.withdraw(ADMIN, None, clock.now())
    assert not phone.is_let_in(new.pin)
    assert ("-", "recording_pin_taken") in audited(phone.app)


@pytest.mark.parametrize("login", ["desk", "nobody"])
def test_only_an_admin_gets_a_pin(phone: Phone, clock: FrozenClock, login: str) -> None:
    with pytest.raises(PersonRefusedError):
        phone.app.recording_pins.assign(login, None, clock.now())


# Numbers ------------------------------------------------------------------------------------------


def test_each_prompt_and_each_sentence_with_figures_has_a_number_that_stays(
    app: Application,
) -> None:
    fixed = app.prompt_numbers.fixed()
    priced = app.prompt_numbers.of(app.prompts.entry(PRICED, DE))
    numbers = [*fixed.values(), *priced.values()]
    assert len(set(numbers)) == len(numbers)
    again = PromptNumbers(app.storage, app.prompts, app.catalogue)
    assert again.fixed() == fixed
    words, number = next(iter(priced.items()))
    found = again.find(number)
    assert found is not None
    assert (found.key, found.language, found.sentence.words) == (PRICED, DE, words)


def test_the_number_of_a_fixed_prompt_outlives_its_text(
    app: Application, clock: FrozenClock
) -> None:
    number = app.prompt_numbers.fixed()[GREETING, DE]
    saved = app.prompts.save_text(GREETING, DE, "Grüezi, hier ist das Pikett.", None)
    app.prompts.publish(saved.version_id, None)
    clock.advance(timedelta(minutes=1).total_seconds())
    found = app.prompt_numbers.find(number)
    assert found is not None
    assert found.sentence.words == "Grüezi, hier ist das Pikett."


# Other telephones ---------------------------------------------------------------------------------


def test_twilio_refuses_it_clearly(app: Application, clock: FrozenClock) -> None:
    reply = Reply("a", "a", 1, (Listen("takes/a"),), "deciding", over=False)
    renderer = TwimlRenderer(app.settings, app.catalogue, app.sounds, app.sound_links)
    with pytest.raises(MalformedRequestError, match="Asterisk"):
        renderer.render(reply, clock.now())


# The page of people and the commands --------------------------------------------------------------


def test_an_admin_gives_a_pin_on_the_page_of_people(phone: Phone, app: Application) -> None:
    page = logged_in(app, ADMIN)
    shown = page.post("/console/people/admin/recording-pin").text
    found = re.search(rf"Nummer {phone.code.number} und die PIN (\d{{6}})", shown)
    assert found is not None
    assert not phone.is_let_in(phone.code.pin)
    assert phone.is_let_in(found[1])
    listed = page.get("/console/people").text
    assert found[1] not in listed
    assert "Aufnahmen am Telefon" in listed
    assert page.post("/console/people/desk/recording-pin").status_code == 400
    assert page.post("/console/people/nobody/recording-pin").status_code == 404


def test_the_command_gives_and_takes_a_pin(admin: Pikett) -> None:
    told = admin("person", "recording-pin", ADMIN)
    assert re.search(r"number 105 and PIN \d{6}", told.out)
    assert "no PIN" in admin("person", "recording-pin", ADMIN, "--remove").out
    refused = admin("person", "recording-pin", "desk")
    assert refused.code != 0
    assert "'desk' is no admin" in refused.err


def test_only_the_internal_context_of_the_dialplan_leads_there() -> None:
    folder = resources.folder("config") / "asterisk"
    files = [folder / name for name in ("extensions.conf", "extensions_pikett.conf")]
    parts = [part for file in files for part in re.split(r"(?m)^\[", file.read_text())[1:]]
    bodies = {part.partition("]")[0]: re.sub(r"(?m)^;.*$", "", part) for part in parts}
    leading = {name for name, body in bodies.items() if "Goto(pikett-recording" in body}
    asking = {name for name, body in bodies.items() if "/recording_call" in body}
    assert (leading, asking) == ({"pikett-internal"}, {"pikett-recording"})
    assert not any("include => pikett-internal" in body for body in bodies.values())
    assert "GROUP_COUNT(pikett-recording)} > 2" in bodies["pikett-recording"]
    assert "TIMEOUT(absolute)" in bodies["pikett-recording"]
