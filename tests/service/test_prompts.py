"""The life of a prompt: written, heard, published, taken back, outdated by prices, confirmed."""

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.callflow.support_session import State as CallState
from ivr.callflow.verbs import Announce
from ivr.cli.prompt_versions import prices_of_files
from ivr.errors import SoundsUnwritableError, SpeechError
from ivr.services.prompt_entries import SETTLES
from ivr.services.prompt_ports import NewVersion
from ivr.services.prompt_records import PromptRefusedError, State
from ivr.services.spoken_prices import prompts_with_figures
from ivr.storage.models import AuditEntry, OutboxMail, PromptVersion
from ivr.voice.intake import TakenIn, take_in
from tests.fakes import FrozenClock, Notebook, QuickSpeaker, write_silence
from tests.service.conftest import Telephone
from tests.service.prompting import (
    ANNA,
    BRUNO,
    DE,
    GREETING,
    KEY,
    begin,
    change_prices,
    prices_of,
    quick_take_in,
    reread,
    said,
    save,
    say,
    upload,
    with_quick_uploads,
)

SHIPPED = "Willkommen beim Pikett-Dienst. Bei Gefahr für Personen wählen Sie 112 oder 144."
OURS = "Guten Tag, hier ist der Pikett-Dienst. Bei Gefahr wählen Sie 112."
NOTICE = PromptKey.NOTICE_WORK
KEY_OF_PREMIUM = PromptKey.NOTICE_WORK_UNITS
"""What the caller of the demonstration hears within his hours."""
FULL = SoundsUnwritableError("no space left on device")


@pytest.fixture
def app(app: Application) -> Application:
    return with_quick_uploads(app)


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(PromptRefusedError) as caught:
        act()
    return [reason.code for reason in caught.value.reasons]


def notice(app: Application) -> Prompt:
    """A price that the line can name today."""
    day = app.clock.now().date()
    return prompts_with_figures(app.prices, DE, day)[NOTICE][0]


def record(app: Application, folder: Path, key: str, words: str, content: str = "a voice") -> int:
    source = upload(folder, content)
    return app.prompts.save_recording(key, DE, words, source, ANNA).version_id


# Texts ----------------------------------------------------------------------------------------------


def test_a_text_is_heard_from_its_publication_on_and_after_a_roll_back_the_old_one(
    app: Application, clock: FrozenClock
) -> None:
    assert said(app) == SHIPPED
    first = save(app, OURS)
    reread(app)
    assert said(app) == SHIPPED
    say(app, clock, first)
    assert said(app) == OURS
    say(app, clock, save(app, "Grüezi."))
    assert said(app) == "Grüezi."
    assert app.prompts.roll_back(KEY, DE, "", BRUNO) == first
    begin(app, clock)
    assert said(app) == OURS
    assert app.prompts.roll_back(KEY, DE, "", BRUNO) is None
    begin(app, clock)
    assert said(app) == SHIPPED
    assert refused(lambda: app.prompts.roll_back(KEY, DE, "", BRUNO)) == ["nothing_to_undo"]
    detail = app.prompts.entry(KEY, DE)
    assert [each.made_by for each in detail.publications] == [
        BRUNO.name,
        BRUNO.name,
        ANNA.name,
        ANNA.name,
    ]


def test_one_step_asked_twice_is_one_step(app: Application, clock: FrozenClock) -> None:
    """A double click, or two admins at once: each saw the same version in use."""
    first, second = save(app, OURS), save(app, "Grüezi.")
    for version in (first, second):
        say(app, clock, version)
    assert app.prompts.roll_back(KEY, DE, "", ANNA, seen=second) == first
    for way in (app.prompts.roll_back, app.prompts.reset):
        assert refused(lambda way=way: way(KEY, DE, "", BRUNO, seen=second)) == [
            "changed_meanwhile"
        ]
    begin(app, clock)
    assert said(app) == OURS


def test_a_text_begins_at_its_time_also_while_the_database_is_away(
    app: Application, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = clock.now() + timedelta(hours=9)
    app.prompts.publish(save(app, OURS), ANNA, evening)
    reread(app)
    assert said(app) == SHIPPED
    assert app.prompts.entry(KEY, DE).entry.state is State.SCHEDULED
    monkeypatch.setattr(app.storage, "reading", lambda: 1 / 0)
    clock.at = evening
    reread(app)
    assert said(app) == OURS


def test_what_has_not_begun_can_be_withdrawn_and_what_has_cannot(
    app: Application, clock: FrozenClock
) -> None:
    later = app.prompts.publish(save(app, OURS), ANNA, clock.now() + timedelta(hours=1))
    app.prompts.withdraw(later, BRUNO)
    clock.advance(3600)
    reread(app)
    assert said(app) == SHIPPED
    assert refused(lambda: app.prompts.withdraw(later, BRUNO)) == ["already_begun"]
    assert refused(lambda: app.prompts.withdraw(99, BRUNO)) == ["no_such_publication"]
    assert refused(lambda: app.prompts.publish(1, ANNA, clock.now() - SETTLES)) == ["in_the_past"]


def test_what_begins_in_this_moment_cannot_be_withdrawn_for_some_have_begun_it(
    app: Application, clock: FrozenClock
) -> None:
    soon = app.prompts.publish(save(app, OURS), ANNA, clock.now() + timedelta(minutes=1))
    clock.advance(60 - SETTLES.total_seconds())
    assert refused(lambda: app.prompts.withdraw(soon, BRUNO)) == ["already_begun"]


def test_what_is_published_after_a_withdrawn_and_discarded_one_is_noticed(
    app: Application, clock: FrozenClock
) -> None:
    """Its row has the same number again."""
    discarded = save(app, "Falsch.")
    planned = app.prompts.publish(discarded, ANNA, clock.now() + timedelta(hours=1))
    reread(app)
    assert said(app) == SHIPPED
    clock.advance(60)
    app.prompts.withdraw(planned, ANNA)
    app.prompts.discard(discarded, ANNA)
    say(app, clock, save(app, OURS))
    assert said(app) == OURS
    clock.advance(3600)
    assert said(app) == OURS


def test_two_admins_at_once_are_both_in_the_history_and_the_later_is_heard(
    app: Application, clock: FrozenClock
) -> None:
    first, second = save(app, "Eins."), save(app, "Zwei.")
    app.prompts.publish(second, ANNA)
    app.prompts.publish(first, BRUNO)
    begin(app, clock)
    assert said(app) == "Eins."
    history = app.prompts.entry(KEY, DE).publications
    assert [(each.version_id, each.made_by) for each in history] == [
        (first, BRUNO.name),
        (second, ANNA.name),
    ]


@pytest.mark.parametrize("way", ["publish", "reset"])
def test_the_newest_wins_also_where_the_clock_was_set_back(
    app: Application, clock: FrozenClock, way: str
) -> None:
    """Else the former one would begin a second time, and stay."""
    first = save(app, OURS)
    say(app, clock, first)
    say(app, clock, save(app, "Grüezi."))
    clock.advance(-3600)
    reread(app)
    if way == "publish":
        app.prompts.publish(first, BRUNO)
    else:
        app.prompts.reset(KEY, DE, "", BRUNO)
    wanted = OURS if way == "publish" else SHIPPED
    begin(app, clock)
    assert said(app) == wanted
    clock.advance(3600)
    assert said(app) == wanted


def test_what_was_planned_before_begins_at_its_time(app: Application, clock: FrozenClock) -> None:
    """It is no former one: whoever publishes at once sees it on the page."""
    app.prompts.publish(save(app, OURS), ANNA, clock.now() + timedelta(hours=1))
    say(app, clock, save(app, "Grüezi."))
    assert said(app) == "Grüezi."
    clock.advance(3600)
    assert said(app) == OURS


def test_a_text_is_refused_with_every_reason(app: Application) -> None:
    def wrong(template: str, key: str = "ticket_number", language: str = "de") -> list[str]:
        return refused(lambda: app.prompts.save_text(key, language, template, ANNA))

    assert wrong("Ticket {tiket} <b>") == ["markup", "unknown_variable", "missing_variable"]
    assert wrong("a" * 10_000, KEY) == ["text_too_long"]
    assert wrong("Guten Tag.", "nonsense") == ["unknown_key"]
    assert wrong("Guten Tag.", KEY, "rm") == ["unknown_language"]


def test_a_text_that_is_said_already_is_refused_unless_another_is_to_come(
    app: Application, clock: FrozenClock
) -> None:
    """Else the shipped text could not be planned for the end of the holidays."""

    def same(text: str, at: datetime | None = None) -> list[str]:
        return refused(lambda: app.prompts.save_text(KEY, DE, text, ANNA, heard_from=at))

    assert same(f"  {SHIPPED} ") == ["text_same"]
    say(app, clock, save(app, OURS))
    assert same(OURS) == ["text_same"]
    tomorrow, later = clock.now() + timedelta(days=1), clock.now() + timedelta(days=9)
    app.prompts.publish(save(app, SHIPPED), ANNA, tomorrow)
    assert same(OURS, clock.now()) == same(SHIPPED, tomorrow) == ["text_same"]
    save(app, OURS)
    app.prompts.publish(
        app.prompts.save_text(KEY, DE, OURS, ANNA, heard_from=later).version_id, ANNA, later
    )


def test_a_text_that_gives_no_sound_is_refused(
    app: Application, speaker: QuickSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, code in ((SpeechError("silent"), "unspeakable"), (FULL, "no_space")):

        def mute(_utterances: object, error: SpeechError = error) -> object:
            raise error

        monkeypatch.setattr(speaker, "speak", mute)
        assert refused(lambda: save(app, "Привет.")) == [code]


def test_a_text_is_spoken_when_it_is_saved_and_never_in_a_turn(
    app: Application, clock: FrozenClock, speaker: QuickSpeaker
) -> None:
    say(app, clock, save(app, OURS))
    speaker.spoken.clear()
    (sound,) = app.sounds.sounds([GREETING])
    assert (speaker.spoken, sound.recorded) == ([], False)


@pytest.mark.parametrize("way", ["publish", "roll_back"])
def test_an_old_text_is_spoken_before_it_is_heard_again(
    app: Application, clock: FrozenClock, way: str
) -> None:
    """Its sounds may be gone, or name other figures by now."""
    old = save(app, OURS)
    say(app, clock, old)
    say(app, clock, save(app, "Grüezi."))
    for sound in app.settings.path("sounds").glob("??/*"):
        sound.unlink()
    app.sounds._known.clear()
    if way == "publish":
        app.prompts.publish(old, ANNA)
    else:
        app.prompts.roll_back(KEY, DE, "", ANNA)
    begin(app, clock)
    assert said(app) == OURS
    assert app.sounds.seconds_if_there([GREETING]) is not None


def test_a_text_that_another_release_could_fill_in_is_not_published(
    app: Application, clock: FrozenClock
) -> None:
    strange = NewVersion(PromptKey.TICKET_NUMBER, DE, "Ihr Ticket.", clock.now(), "anna", 1.0)
    with app.storage.writing() as uow:
        version = uow.prompts.add_version(strange)
    assert refused(lambda: app.prompts.publish(version, ANNA)) == ["missing_variable"]


def test_longer_than_the_shipped_text_is_a_warning(app: Application) -> None:
    found = app.prompts.save_text(KEY, DE, SHIPPED + " " + SHIPPED, ANNA)
    assert [reason.code for reason in found.warnings] == ["longer"]
    assert app.prompts.save_text(KEY, DE, OURS, ANNA).warnings == ()


@pytest.mark.parametrize("gone", [False, True])
def test_a_consent_is_sealed_with_the_words_that_were_announced(
    app: Application, clock: FrozenClock, gone: bool
) -> None:
    """Another text begins while they are heard, and the former one is even thrown away."""
    first = save(app, f"Zuerst: {app.catalogue.shipped(KEY_OF_PREMIUM, DE)}", KEY_OF_PREMIUM)
    say(app, clock, first)
    caller = Telephone(app)
    reply = caller.wait_for(CallState.HEARING_NOTICE)
    (announced,) = [verb for verb in reply.verbs if isinstance(verb, Announce)]
    heard = [app.catalogue.text(prompt) for prompt in announced.prompts]
    sounds = app.sounds.sounds(announced.prompts)
    assert heard[0].startswith("Zuerst: ")
    say(app, clock, save(app, f"Neu: {app.catalogue.shipped(KEY_OF_PREMIUM, DE)}", KEY_OF_PREMIUM))
    if gone:
        app.prompts.discard(first, ANNA)
    assert app.catalogue.text(replace(announced.prompts[0], template="")).startswith("Neu: ")
    assert app.sounds.sounds(announced.prompts) == sounds

    for state in (CallState.CONFIRMING, CallState.MAY_WITHDRAW):
        reply = app.calls.report(reply.leg_id, reply.turn, caller.answer(reply))
        assert reply.state == state
    with app.storage.reading() as uow:
        (sealed,) = uow.consents.walk()
    assert sealed.consent.text == " ".join(heard)


# Recordings -----------------------------------------------------------------------------------------


def test_a_recording_is_played_where_its_words_are_said_and_nowhere_else(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    saved = app.prompts.save_recording(KEY, DE, SHIPPED, upload(tmp_path), ANNA, "in the studio")
    assert ([each.code for each in saved.warnings], saved.peaks) == (["quiet"], (-1, 1))
    say(app, clock, saved.version_id)
    (sound,) = app.sounds.sounds([GREETING])
    assert sound.recorded
    assert Path(f"{sound.stem}.wav").is_file()
    assert app.prompts.entry(KEY, DE).entry.state is State.RECORDED
    say(app, clock, save(app, OURS))
    (sound,) = app.sounds.sounds([GREETING])
    assert not sound.recorded
    detail = app.prompts.entry(KEY, DE)
    assert (detail.entry.state, [each.id for each in detail.gone]) == (
        State.OUTDATED,
        [saved.version_id],
    )


def test_a_recording_survives_the_folder_of_sounds(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    say(app, clock, record(app, tmp_path, KEY, SHIPPED))
    (sound,) = app.sounds.sounds([GREETING])
    Path(f"{sound.stem}.wav").unlink()
    assert app.sounds.restore(sound)


def test_a_recording_that_cannot_be_put_where_it_is_heard_is_replaced_by_synthesis(
    app: Application, clock: FrozenClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    say(app, clock, record(app, tmp_path, KEY, SHIPPED))
    monkeypatch.setattr("ivr.voice.sounds.copy", full)
    (sound,) = app.sounds.sounds([GREETING])
    assert not sound.recorded
    monkeypatch.undo()
    (sound,) = app.sounds.sounds([GREETING])
    assert sound.recorded


def test_a_recording_of_what_nobody_says_is_refused(app: Application, tmp_path: Path) -> None:
    def saved(words: str, key: str = KEY) -> Callable[[], object]:
        return lambda: record(app, tmp_path, key, words)

    assert refused(saved("Guten Morgen.")) == ["words_unknown"]
    assert refused(saved("Ihr Ticket.", "ticket_number")) == ["words_unknown"]
    save(app, "Guten Morgen.")
    saved("Guten Morgen.")()


def test_an_upload_is_taken_in_for_real_and_refused_with_its_own_reason(
    app: Application, tmp_path: Path
) -> None:
    app.studio._intake = take_in
    silence = tmp_path / "silence.wav"
    write_silence(silence, 2)
    source = silence
    assert refused(lambda: app.prompts.save_recording(KEY, DE, SHIPPED, source, ANNA)) == ["silent"]
    with app.storage.engine.connect() as connection:
        assert connection.execute(select(PromptVersion.id)).all() == []


# Prices ---------------------------------------------------------------------------------------------


def test_other_prices_take_a_recording_out_of_use_and_confirming_it_brings_it_back(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    price = notice(app)
    version = record(app, tmp_path, NOTICE, app.catalogue.text(price))
    say(app, clock, version)
    assert app.sounds.sounds([price])[0].recorded
    (going,) = app.prompts.outdated_by(prices_of(app, "tariffs 2"))
    assert (going.version_id, going.same_words) == (version, True)
    assert app.prompts.outdated() == ()
    change_prices(app, "tariffs 2")
    assert not app.sounds.sounds([price])[0].recorded
    assert [each.version_id for each in app.prompts.outdated()] == [version]
    assert refused(lambda: app.prompts.publish(version, ANNA)) == ["other_prices"]
    assert app.prompts.roll_back(NOTICE, DE, app.catalogue.text(price), ANNA) is None
    again = app.prompts.confirm(version, ANNA)
    begin(app, clock)
    assert app.sounds.sounds([price])[0].recorded
    assert app.prompts.outdated() == ()
    assert refused(lambda: app.prompts.confirm(again, ANNA)) == ["nothing_to_confirm"]


def test_a_comment_in_the_tariffs_is_no_other_price(app: Application, tmp_path: Path) -> None:
    ours = app._config / app.settings.tariffs
    remarked, dearer = tmp_path / "remarked.yaml", tmp_path / "dearer.yaml"
    remarked.write_text(f"# Looked through in autumn.\n{ours.read_text()}\n")
    dearer.write_text(ours.read_text().replace("150.00", "155.00"))
    rewritten = tmp_path / "rewritten.yaml"
    rewritten.write_text(ours.read_text().replace('"150.00"', "150"))
    assert rewritten.read_text() != ours.read_text()
    assert prices_of_files(app, None, rewritten).version == app.prices.version
    assert prices_of_files(app, None, remarked).version == app.prices.version
    assert prices_of_files(app, None, dearer).version != app.prices.version


def test_a_recording_whose_words_have_changed_cannot_be_confirmed(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    version = record(app, tmp_path, NOTICE, app.catalogue.text(notice(app)))
    say(app, clock, version)
    changed = "Fehler bei uns gratis, sonst {net} pro Stunde, mit Steuer {gross}, {reaction}."
    say(app, clock, save(app, changed, NOTICE))
    change_prices(app, "tariffs 2")
    assert refused(lambda: app.prompts.confirm(version, ANNA)) == ["words_changed"]
    assert [each.same_words for each in app.prompts.outdated()] == [False]


def test_people_are_told_of_it_once(
    data_dir: Path, app: Application, clock: FrozenClock, notebook: Notebook, tmp_path: Path
) -> None:
    say(app, clock, record(app, tmp_path, NOTICE, app.catalogue.text(notice(app))))
    assert app.price_watch.collect(clock.now()) == 0
    change_prices(app, "tariffs 2")
    assert [app.price_watch.collect(clock.now()) for _ in range(2)] == [1, 0]
    app.__dict__.pop("price_watch")
    assert app.price_watch.collect(clock.now()) == 0
    troubles = [facts for what, facts in notebook.troubles if what == "recording_outdated"]
    assert [facts["prompts"] for facts in troubles] == [["notice_work de"]]
    with app.storage.engine.connect() as connection:
        mails = connection.execute(select(OutboxMail.subject)).scalars().all()
    assert [each for each in mails if "Preise geändert" in each]


# What may be discarded ------------------------------------------------------------------------------


def test_a_draft_can_be_discarded_and_its_sound_goes_with_it(
    app: Application, tmp_path: Path
) -> None:
    version = record(app, tmp_path, KEY, SHIPPED)
    folder = app.settings.path("prompts")
    assert len(list(folder.iterdir())) == 3
    app.prompts.discard(version, ANNA)
    assert list(folder.iterdir()) == []
    assert refused(lambda: app.prompts.discard(version, ANNA)) == ["no_such_version"]


def test_a_sound_that_is_discarded_while_somebody_uploads_the_same_is_there(
    app: Application, tmp_path: Path
) -> None:
    """The one goes between the files and the row of the other."""
    former = record(app, tmp_path, KEY, SHIPPED)
    taken = []

    def slow(source: Path, target: Path) -> TakenIn:
        taken.append(quick_take_in(source, target))
        if len(taken) == 1:
            app.prompts.discard(former, ANNA)
        return taken[-1]

    app.studio._intake = slow
    version = record(app, tmp_path, KEY, SHIPPED)
    assert app.prompts.listen(version).seconds > 0
    folder = app.settings.path("prompts")
    assert sorted(path.suffix for path in folder.iterdir()) == [".original", ".wav", ".wav16"]
    assert len(taken) == 2


def test_a_sound_that_another_draft_has_too_stays(app: Application, tmp_path: Path) -> None:
    first, second = (record(app, tmp_path, KEY, SHIPPED) for _ in range(2))
    app.prompts.discard(first, ANNA)
    assert app.prompts.listen(second).seconds > 0
    assert len(list(app.settings.path("prompts").iterdir())) == 3


def test_a_sound_is_removed_when_its_draft_is_certainly_gone(
    app: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A discard that the database refuses at last leaves everything."""
    version = record(app, tmp_path, KEY, SHIPPED)

    def refuses(*_: object) -> None:
        raise RuntimeError("no room for the audit log")

    monkeypatch.setattr("ivr.storage.people_audit.SqlAudit.add", refuses)
    with pytest.raises(RuntimeError):
        app.prompts.discard(version, ANNA)
    assert app.prompts.listen(version).seconds > 0
    assert len(list(app.settings.path("prompts").iterdir())) == 3


def test_what_is_in_use_or_scheduled_cannot_be_discarded(
    app: Application, clock: FrozenClock
) -> None:
    first, second = save(app, "Eins."), save(app, "Zwei.")
    say(app, clock, first)
    app.prompts.publish(second, ANNA, clock.now() + timedelta(days=1))
    discards = [
        refused(lambda each=each: app.prompts.discard(each, ANNA)) for each in (first, second)
    ]  # type: ignore[misc]
    assert discards == [["in_use"], ["in_use"]]


# The list -------------------------------------------------------------------------------------------


def test_every_prompt_of_every_language_is_listed_as_it_stands(
    app: Application, speaker: QuickSpeaker
) -> None:
    before = {(each.key, each.language): each for each in app.prompts.entries()}
    assert len(before) == len(PromptKey) * len(Language)
    assert before[KEY, DE].state is State.MISSING
    app.prompts.preview(SHIPPED, DE)
    save(app, OURS)
    after = {(each.key, each.language): each for each in app.prompts.entries()}
    assert after[KEY, DE].state is State.SYNTHESISED
    assert after[NOTICE, DE].has_prices
    assert after[NOTICE, DE].sentences > 1
    assert after[PromptKey.TICKET_NUMBER, DE].sentences == 0


def test_every_change_is_in_the_audit_log(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    later = app.prompts.publish(save(app, OURS), ANNA, clock.now() + timedelta(hours=1))
    app.prompts.withdraw(later, ANNA)
    app.prompts.reset(KEY, DE, "", None)
    app.prompts.discard(record(app, tmp_path, KEY, SHIPPED), BRUNO)
    with app.storage.engine.connect() as connection:
        rows = connection.execute(
            select(AuditEntry.login, AuditEntry.action)
            .where(AuditEntry.subject == "prompt greeting de")
            .order_by(AuditEntry.id)
        )
        assert [tuple(row) for row in rows] == [
            ("anna", "prompt_text_saved"),
            ("anna", "prompt_published"),
            ("anna", "prompt_withdrawn"),
            ("-", "prompt_reset"),
            ("anna", "prompt_recording_saved"),
            ("bruno", "prompt_discarded"),
        ]
