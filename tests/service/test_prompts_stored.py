"""Versions and publications in both databases, what a kept consent may have heard, and the commands."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey
from ivr.services.prompt_ports import NewVersion
from ivr.services.prompt_records import PromptRefusedError
from ivr.services.records import ConsentRecord, NewCall
from ivr.storage.models import PromptPublication
from ivr.wording.shelf import Publication, Slot
from tests.service.conftest import OpenLine
from tests.service.prompting import ANNA, begin, said, with_quick_uploads
from tests.service.terminal import Pikett, pikett, spoken_data_dir

FIXTURES = (pikett, spoken_data_dir)
DE, NOTICE = Language.DE, PromptKey.NOTICE_PRICE_LIST
SLOT = Slot(PromptKey.GREETING, DE)
TEXT = "Fehler gratis, sonst gilt die Preisliste plus Mehrwertsteuer, {reaction}."


def test_versions_and_publications_are_found_again(open_line: OpenLine) -> None:
    app = open_line()
    now = app.clock.now()
    made = NewVersion(
        SLOT.key, DE, "Grüezi.", now, "Anna", 1.5, "kürzer", warnings=("longer",), peaks=(-3, 3)
    )
    with app.storage.writing() as uow:
        uow.prompts.lock_sounds()
        number = uow.prompts.add_version(made)
        first = uow.prompts.publish(Publication(0, SLOT, number, now, now, "Anna"))
        second = uow.prompts.publish(Publication(0, SLOT, None, now, now, "Anna"))
        before = uow.prompts.mark()
        assert [uow.prompts.withdraw(second, now) for _ in range(2)] == [True, False]
        assert uow.prompts.mark() != before
        told = [uow.prompts.tell_outdated(number, each, now) for each in ("1", "1", "2")]
    with app.storage.reading() as uow:
        publications, versions = uow.prompts.published()
        found = uow.prompts.find_version(number)
        history = uow.prompts.list_publications(SLOT.key, DE)
    assert found is not None
    assert (found.slot, found.warnings, found.peaks) == (SLOT, ("longer",), (-3, 3))
    assert ([each.id for each in publications], list(versions)) == ([first], [number])
    assert [each.id for each in history] == [second, first]
    assert told == [True, False, True]


def test_a_publication_that_is_committed_after_a_later_one_is_noticed(open_line: OpenLine) -> None:
    """PostgreSQL gives numbers when they are asked for, not when they are committed."""
    app = open_line()
    now = app.clock.now()
    with app.storage.writing() as uow:
        late, _ = (uow.prompts.publish(Publication(0, SLOT, None, now, now, "A")) for _ in range(2))
        table = PromptPublication.__table__
        (row,) = uow.connection.execute(select(table).where(table.c.id == late)).mappings()
        uow.connection.execute(delete(PromptPublication).where(PromptPublication.id == late))
        without = uow.prompts.mark()
        uow.connection.execute(insert(PromptPublication), dict(row))
        assert uow.prompts.mark() != without


def test_what_somebody_heard_before_an_order_is_kept(app: Application) -> None:
    heard, unheard = (app.prompts.save_text(NOTICE, DE, each, ANNA).version_id for each in _texts())
    for version in (heard, unheard):
        app.prompts.publish(version, ANNA)
        begin(app, app.clock)  # type: ignore[arg-type]
        if version == heard:
            _order(app)
            app.clock.advance(60)  # type: ignore[attr-defined]
    app.prompts.reset(NOTICE, DE, "", ANNA)
    app.clock.advance(3600)  # type: ignore[attr-defined]
    with pytest.raises(PromptRefusedError, match="was_heard"):
        app.prompts.discard(heard, ANNA)
    app.prompts.discard(unheard, ANNA)
    assert [each.id for each in app.prompts.entry(NOTICE, DE).versions] == [heard]


def _texts() -> tuple[str, str]:
    return TEXT, TEXT.replace("gratis", "kostenlos")


def _order(app: Application) -> None:
    now = app.clock.now()
    prompts = f'[{{"key": "{NOTICE}"}}]'
    with app.storage.writing() as uow:
        uow.calls.add(NewCall("c1", "asterisk", "c1", False, 0.0, now, "", None, None))
        until = now + timedelta(seconds=8)
        consent = ConsentRecord("c1", "de", prompts, "Fehler", "0" * 64, now, until, "1", until)
        uow.consents.add(consent, None)


def test_what_another_release_published_does_not_stop_this_one(app: Application) -> None:
    """A key that is gone, and a text that names a value which its prompt no longer has."""
    now = app.clock.now()
    with app.storage.writing() as uow:
        for key, words in (("gone", "Weg."), ("greeting", "Guten Tag {name}.")):
            slot = Slot(key, DE)  # type: ignore[arg-type]
            number = uow.prompts.add_version(NewVersion(slot.key, DE, words, now, "Anna", 1.0))
            uow.prompts.publish(Publication(0, slot, number, now, now, "Anna"))
    assert said(app).startswith("Willkommen")
    assert len(app.prompts.entries()) == len(PromptKey) * len(Language)


def test_what_the_dialplan_says_by_itself_follows(app: Application) -> None:
    with_quick_uploads(app)
    folder = app.settings.path("sounds", "fallback")
    assert app.fallback_sounds.collect(app.clock.now()) == 0
    folder.mkdir(parents=True)
    assert [app.fallback_sounds.collect(app.clock.now()) for _ in range(2)] == [1, 0]
    before = (folder / "goodbye_de.wav").read_bytes()
    version = app.prompts.save_text("goodbye", DE, "Danke und auf Wiederhören.", ANNA).version_id
    app.prompts.publish(version, ANNA)
    begin(app, app.clock)  # type: ignore[arg-type]
    assert app.fallback_sounds.collect(app.clock.now()) == 1
    assert (folder / "goodbye_de.wav").read_bytes() != before


def test_the_commands_write_publish_and_go_back(pikett: Pikett) -> None:
    text = "Thank you for your call. Goodbye."
    assert "Version 1 is saved" in pikett("prompts", "text", "goodbye", "en", text).out
    assert "is published" in pikett("prompts", "publish", "1").out
    shown = pikett("prompts", "show", "goodbye", "en").out
    assert f": {text}" in shown
    assert "version 1, by -" in shown
    assert pikett("prompts", "rollback", "goodbye", "en").out == "In use: what is shipped.\n"
    assert "en  " in pikett("prompts", "list", "--language", "en").out
    assert pikett("prompts", "outdated").out == "0 recordings.\n"


def test_the_commands_say_what_is_wrong(pikett: Pikett) -> None:
    wrong = pikett("prompts", "text", "ticket_number", "en", "Ticket {tiket}.")
    assert wrong.code == 2
    assert "no variable {tiket}" in wrong.err
    assert "There is no prompt" in pikett("prompts", "show", "nonsense", "en").err
