"""The admin's pages of prompts: listed, written, heard, recorded, published, taken back."""

import html
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from ivr.bootstrap import Application
from ivr.callflow.prompts import Prompt, PromptKey
from ivr.voice.intake import TakenIn, UploadRefusedError
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.prompting import (
    begin,
    change_prices,
    record_greeting,
    reread,
    said,
    save,
    say,
    with_quick_uploads,
)
from tests.service.test_prompts import SHIPPED, notice
from webhooks.console.prompt_view import anchor_of
from webhooks.console.prompt_words import AREAS, area_of
from webhooks.console.words import LANGUAGES, texts

LIST, PAGE = "/console/prompts", "/console/prompts/greeting/de"
OURS = "Guten Tag, hier ist der Pikett-Dienst. Bei Gefahr wählen Sie 112."


@pytest.fixture
def app(app: Application) -> Application:
    return with_quick_uploads(app)


@pytest.fixture
def admin(app: Application) -> Browser:
    found = logged_in(app, "admin")
    found.get(PAGE)
    return found


def shown(page: Browser, address: str) -> str:
    response = page.get(address)
    assert response.status_code == 200, address
    return html.unescape(response.get_data(as_text=True))


def sent(page: Browser, address: str, form: dict[str, object], status: int = 302) -> str:
    response = page.post(address, form)
    assert response.status_code == status, response.get_data(as_text=True)[-2000:]
    return html.unescape(response.get_data(as_text=True))


def upload(words: str, content: bytes = b"a voice", **more: object) -> dict[str, object]:
    return {"words": words, "recording": (io.BytesIO(content), "C:\\voice.m4a")} | more


def refuse_silence(_source: Path, _target: Path) -> TakenIn:
    raise UploadRefusedError("silent")


def text_of(response: TestResponse) -> str:
    assert response.status_code == 400
    return html.unescape(response.get_data(as_text=True))


def sent_whole(page: Browser, address: str, form: dict[str, object]) -> TestResponse:
    """Of many bytes, without a file of the test's own."""
    fields = {
        name: FileStorage(*value) if isinstance(value, tuple) else value
        for name, value in form.items()
    }
    boundary, body = encode_multipart(fields | {"csrf_token": page.token})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return page.client.post(address, data=body, content_type=kind)


def is_sound(page: Browser, address: str) -> bool:
    with page.client.get(address, follow_redirects=True) as response:
        return response.mimetype == "audio/wav" and response.get_data().startswith(b"RIFF")


def rows(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+"><code>(\w+)</code>', text)


# The list -------------------------------------------------------------------------------------------


def test_the_list_has_a_row_for_each_prompt_with_words_for_its_states(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    say(app, clock, save(app, OURS))
    text = shown(admin, f"{LIST}?size=100")
    assert rows(text)[:2] == ["language_menu", "greeting"]
    assert OURS in text
    assert "Text geändert" in text
    assert '<span aria-hidden="true">✕</span> fehlt' in text
    assert "/console/prompts/greeting/fr" in text


def test_the_list_is_searched_filtered_and_sorted(app: Application, admin: Browser) -> None:
    def found(query: str) -> list[str]:
        return rows(shown(admin, f"{LIST}?size=100&{query}"))

    assert found("search=notice_fast") == ["notice_fast_lane"]
    assert found("search=pericolo") == ["greeting"]
    assert found("search=pericolo&language=de") == found("language=rm") == []
    assert found("search=Begrüssung")[:2] == ["language_menu", "greeting"]
    assert found("search=erste Worte") == found("search=accueil") == []
    assert found("search=hinweis bei gefahr") == ["greeting"]
    assert "notice_work" in found("prices=yes&area=notice&search=notice")
    assert found("prices=yes&area=start") == []
    app.prompts.publish(save(app, OURS), None, app.clock.now() + timedelta(days=1))
    assert found("state=scheduled&language=de") == ["greeting"]
    assert found("state=scheduled&language=fr") == []
    assert found("sort=key&area=start") == sorted(found("sort=key&area=start"))
    worst_first = found("sort=state&language=de")
    assert worst_first.index("goodbye") < worst_first.index("greeting")


def test_name_and_text_of_a_row_lead_to_the_prompt_in_the_language_of_the_page(
    app: Application, admin: Browser
) -> None:
    link = '<a href="/console/prompts/greeting/{}">'
    german = shown(admin, f"{LIST}?search=greeting")
    assert f"{link.format('de')}<code>greeting</code></a>" in german
    assert f'{link.format("de")}<span lang="de">{SHIPPED}</span></a>' in german
    french = shown(admin, f"{LIST}?search=greeting&language=fr")
    assert f"{link.format('fr')}<code>greeting</code></a>" in french
    admin.post("/console/own/language", {"language": "it"})
    assert f"{link.format('it')}<code>greeting</code></a>" in shown(admin, f"{LIST}?search=saluto")


def test_what_is_printed_says_which_page_of_the_list_it_is(
    app: Application, admin: Browser
) -> None:
    text = shown(admin, f"{LIST}?size=25&page=2")
    pages = -(-len(PromptKey) // 25)
    assert f'<p class="d-none d-print-block">Seite 2 von {pages}</p>' in text
    assert "d-print-block" not in shown(admin, f"{LIST}?search=greeting")


def test_the_list_is_a_file_for_whoever_records_it_all(app: Application, admin: Browser) -> None:
    app.prompts.publish(save(app, OURS), None, app.clock.now() + timedelta(days=1))
    text = shown(admin, f"{LIST}?format=csv&search=greeting&language=de&size=25")
    head, *lines = text.removeprefix("\ufeff").splitlines()
    assert head == "Prompt;Sprache;Wo;Stand;Text;Sätze;Aufgenommen"
    assert f"greeting;Deutsch;Anruf: Begrüssung und Erkennung;geplant;{SHIPPED};1;0" in lines
    assert len(shown(admin, f"{LIST}?format=csv&state=scheduled").splitlines()) == 2
    assert len(shown(admin, f"{LIST}?format=csv&size=25").splitlines()) == 1 + 4 * len(PromptKey)


def test_every_prompt_has_a_place_and_a_purpose_in_every_language(app: Application) -> None:
    for key in PromptKey:
        assert area_of(key) in AREAS, key
        assert texts("en")[f"prompts.purpose.{key}"] == app.catalogue.described(key).purpose
        assert all(f"prompts.purpose.{key}" in texts(each) for each in LANGUAGES), key


# Texts ----------------------------------------------------------------------------------------------


def test_a_text_is_kept_as_a_draft_and_then_published(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    sent(admin, f"{PAGE}/text", {"text": OURS, "note": "kürzer", "then": "draft"})
    text = shown(admin, PAGE)
    assert "Anrufer hören sie erst, wenn Sie sie veröffentlichen" in text
    assert "Entwurf</span>" in text
    assert "kürzer" in text
    begin(app, clock)
    assert said(app) != OURS
    sent(admin, f"{PAGE}/publish", {"version": 1, "then": "now"})
    assert "In drei Sekunden" in shown(admin, PAGE)
    begin(app, clock)
    assert said(app) == OURS
    assert "gilt</span>" in shown(admin, PAGE)


def test_a_text_is_published_at_a_time_of_the_providers_zone_and_withdrawn(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    form = {"text": OURS, "then": "at", "from_at": "2026-11-23T18:00"}
    sent(admin, f"{PAGE}/text", form)
    assert "Fassung 1 gilt ab 23.11.2026 18:00" in shown(admin, PAGE)
    (publication,) = app.prompts.entry("greeting", "de").publications
    assert publication.from_at.isoformat() == "2026-11-23T17:00:00+00:00"
    assert "Geplant auf 23.11.2026 18:00" in shown(admin, PAGE)
    sent(admin, f"{PAGE}/withdraw", {"publication": publication.id})
    assert "zurückgezogen 23.11.2026" in shown(admin, PAGE)
    clock.advance(12 * 3600)
    reread(app)
    assert said(app) != OURS


@pytest.mark.parametrize(
    ("typed", "place", "words"),
    [
        ({"text": "Ticket {tiket} <b>"}, "text-reasons", "Den Platzhalter {tiket} gibt es"),
        ({"text": " "}, "text-reasons", "Der Text ist leer"),
        ({"text": "a" * 10_000}, "text-reasons", "hat 10000 Zeichen"),
        ({"then": "at", "from_at": "2027-03-28T02:30"}, "from-text-wrong", "fehlt eine Stunde"),
        ({"then": "at", "from_at": ""}, "from-text-wrong", "Diesen Zeitpunkt gibt es nicht"),
        ({"then": "at", "from_at": "2020-01-01T00:00"}, "from-text-wrong", "ist vorbei"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    app: Application, admin: Browser, typed: dict[str, object], place: str, words: str
) -> None:
    form = {"text": OURS, "note": "n", "then": "draft"} | typed
    text = sent(admin, f"{PAGE}/text", form, 400)
    beside = text[text.index(f'id="{place}"') :]
    assert words in beside[: beside.index("</div>")]
    assert str(form["text"]).strip() in text
    assert app.prompts.entry("greeting", "de").versions == []


@pytest.mark.parametrize("then", ["draft", "now"])
def test_a_text_that_is_said_already_is_refused_beside_its_field(
    app: Application, admin: Browser, clock: FrozenClock, then: str
) -> None:
    for words, version in ((f" {SHIPPED}\n", 0), (OURS, 1)):
        if version:
            say(app, clock, save(app, OURS))
        text = sent(admin, f"{PAGE}/text", {"text": words, "then": then}, 400)
        beside = text[text.index('id="text-reasons"') :]
        assert "Dieser Text gilt schon." in beside[: beside.index("</div>")]
        assert len(app.prompts.entry("greeting", "de").versions) == version


def test_a_draft_is_checked_while_it_is_typed_and_heard_before_it_is_kept(
    app: Application, admin: Browser
) -> None:
    assert "Kann so gesagt werden, 65 Zeichen" in sent(
        admin, f"{PAGE}/text", {"text": OURS, "then": "check"}, 200
    )
    assert "enthält «<»" in sent(admin, f"{PAGE}/text", {"text": "<b>", "then": "check"}, 200)
    whole = sent(admin, f"{PAGE}/text", {"text": OURS, "then": "hear"}, 200)
    assert "<h1" in whole
    draft, now = (app.prompts.preview(each, "de").seconds for each in (OURS, said(app)))
    assert f"So lange hören Anrufer zu: {draft:.1f} s. Was jetzt gilt: {now:.1f} s." in whole
    address = re.search(r'src="(/sounds/[^"]+)"', whole)
    assert address is not None
    assert is_sound(admin, address[1])
    part = admin.post(
        f"{PAGE}/text", {"text": OURS * 3, "then": "hear"}, headers={"HX-Request": "true"}
    ).get_data(as_text=True)
    assert "<h1" not in part
    assert "Jeder Anrufer hört ihn ganz" in part
    assert "gibt es bei diesem Prompt nicht" in sent(
        admin, f"{PAGE}/text", {"text": "{x}", "then": "hear"}, 200
    )
    assert app.prompts.entry("greeting", "de").versions == []


def test_variables_are_explained(admin: Browser) -> None:
    text = shown(admin, "/console/prompts/ticket_number/de")
    assert 'data-insert="{ticket}"' in text
    assert "Ziffern, einzeln gesprochen, zum Beispiel" in text
    assert "Er lässt sich nicht aufnehmen" in text


def test_one_step_back_and_back_to_what_is_shipped(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    shipped = said(app)
    for text in (OURS, "Grüezi."):
        say(app, clock, save(app, text))
    assert "Danach gilt wieder Fassung 1 von Anna Muster" in shown(admin, PAGE)
    assert 'name="seen" value="2"' in shown(admin, PAGE)
    sent(admin, f"{PAGE}/roll-back", {"words": "", "seen": "2"})
    again = sent(admin, f"{PAGE}/roll-back", {"words": "", "seen": "2"}, 400)
    assert "Inzwischen gilt etwas anderes" in again
    begin(app, clock)
    assert said(app) == OURS
    sent(admin, f"{PAGE}/reset", {"words": "", "seen": "1"})
    begin(app, clock)
    assert said(app) == shipped
    assert "Es gilt schon, was mitgeliefert ist" in sent(admin, f"{PAGE}/roll-back", {}, 400)


def test_a_way_back_says_whether_it_leads_to_a_text_or_a_voice(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    say(app, clock, record_greeting(app))
    say(app, clock, save(app, OURS))
    text = shown(admin, PAGE)
    assert "Text: einen Schritt zurück</summary>" in text
    assert "Text: Fassung 2</span>" in text
    assert "Aufnahme: Fassung 1," in text
    sent(admin, f"{PAGE}/roll-back", {"words": ""})
    begin(app, clock)
    text = shown(admin, PAGE)
    assert "Aufnahme: einen Schritt zurück</summary>" in text
    assert re.search(r"Seit [\d.]+ [\d:]+: der mitgelieferte Text</p>", text)
    sent(admin, f"{PAGE}/roll-back", {"words": SHIPPED})
    begin(app, clock)
    assert re.search(r"Seit [\d.]+ [\d:]+: die synthetische Stimme</p>", shown(admin, PAGE))


def test_languages_that_still_say_what_is_shipped_are_named(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    french = PAGE.replace("/de", "/fr")
    assert "noch der mitgelieferte Text" not in shown(admin, PAGE) + shown(admin, french)
    say(app, clock, save(app, OURS))
    told = "In anderen Sprachen gilt noch der mitgelieferte Text: Français, Italiano, English."
    assert told in shown(admin, PAGE)
    told = "Hier gilt noch der mitgelieferte Text. Geändert ist er schon in: Deutsch."
    assert told in shown(admin, french)


def test_only_what_is_this_prompts_own_can_be_changed_on_its_page(
    app: Application, admin: Browser
) -> None:
    version = save(app, OURS)
    other = "/console/prompts/goodbye/de"
    for action in ("publish", "discard", "confirm"):
        assert (
            "gibt es nicht mehr" in sent(admin, f"{other}/{action}", {"version": version}, 400)
            or action != "publish"
        )
    assert admin.get(f"{other}/listen?version={version}").status_code == 404
    told = sent(admin, f"{other}/withdraw", {"publication": 1}, 400)
    assert "Diese Veröffentlichung gibt es nicht" in told
    for address in ("/console/prompts/nonsense/de", "/console/prompts/greeting/rm"):
        assert admin.get(address).status_code == 404
    assert sent(admin, f"{PAGE}/nonsense", {}, 404)
    sent(admin, f"{PAGE}/discard", {"version": version})
    assert app.prompts.entry("greeting", "de").versions == []


def test_whoever_publishes_too_late_is_told_beside_that_version(
    app: Application, admin: Browser
) -> None:
    version = save(app, OURS)
    form = {"version": version, "then": "at", "from_at": "2020-01-01T00:00"}
    text = sent(admin, f"{PAGE}/publish", form, 400)
    assert f'id="from-{version}-wrong"' in text
    assert 'value="2020-01-01T00:00"' in text


# Recordings -----------------------------------------------------------------------------------------


def test_a_recording_is_uploaded_heard_published_and_taken_back(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    words = said(app)
    sent(admin, f"{PAGE}/recording", upload(words, note="Studio"))
    text = shown(admin, PAGE)
    assert "als Fassung 1 gespeichert, 0.7 s" in text
    assert "Die Aufnahme ist sehr leise" in text
    assert '<svg class="wave"' in text
    assert "Entwürfe: 1" in text
    assert is_sound(admin, f"{PAGE}/listen?version=1")
    sent(admin, f"{PAGE}/publish", {"version": 1, "words": words, "then": "now"})
    begin(app, clock)
    assert app.prompts.entry("greeting", "de").entry.recorded == 1
    assert "aufgenommen</span>" in shown(admin, PAGE)
    assert "Danach spricht wieder die synthetische Stimme" in shown(admin, PAGE)
    sent(admin, f"{PAGE}/roll-back", {"words": words})
    begin(app, clock)
    assert app.prompts.entry("greeting", "de").entry.recorded == 0
    assert "In drei Sekunden spricht wieder" in shown(admin, PAGE)


def test_the_box_says_first_whose_voice_callers_hear(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    def box() -> str:
        text = shown(admin, PAGE)
        return text[text.index('id="now"') : text.index('id="sides"')]

    assert box().index("Anrufer hören die synthetische Stimme.") < box().index(SHIPPED)
    spoken = admin.get(f"{PAGE}/listen").headers["Location"]
    say(app, clock, record_greeting(app))
    assert '<a href="#version-1">Anrufer hören die Aufnahme, Fassung 1.</a>' in box()
    assert "synthetische Stimme" not in box()
    recorded = admin.get(f"{PAGE}/listen").headers["Location"]
    assert recorded.partition("?")[0] != spoken.partition("?")[0]
    assert recorded == admin.get(f"{PAGE}/listen?version=1").headers["Location"]
    assert "Was jetzt gilt: 0.7 s." in sent(
        admin, f"{PAGE}/text", {"text": OURS, "then": "hear"}, 200
    )
    say(app, clock, save(app, OURS))
    assert "Anrufer hören die synthetische Stimme." in box()


def test_of_several_sentences_the_box_counts_recordings(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    prompt = notice(app)
    page, words = f"/console/prompts/{prompt.key}/de", app.catalogue.text(prompt)
    sent(admin, f"{page}/recording", upload(words))
    sent(admin, f"{page}/publish", {"version": 1, "words": words})
    begin(app, clock)
    of = app.prompts.entry(prompt.key, "de").entry.sentences
    told = f"Anrufer hören 1 von {of} Sätzen als Aufnahme, die übrigen spricht die synthetische"
    assert told in shown(admin, page)


def test_a_script_is_sent_to_the_new_draft_and_told_reasons_alone(
    app: Application, admin: Browser
) -> None:
    words, script = said(app), {"HX-Request": "true"}
    told = admin.post(f"{PAGE}/recording", upload(words), headers=script)
    anchor = anchor_of(words)
    assert told.status_code == 204
    assert told.headers["HX-Redirect"] == f"{PAGE}?at={anchor}&new=1#{anchor}"
    refused = admin.post(f"{PAGE}/recording", upload("Hoi."), headers=script)
    assert refused.status_code == 200
    assert "Diesen Satz sagt die Linie nicht" in refused.get_data(as_text=True)
    assert "<html" not in refused.get_data(as_text=True)


def test_a_file_that_is_missing_or_too_large_is_refused_beside_its_field(
    app: Application, admin: Browser
) -> None:
    words = said(app)
    anchor = anchor_of(words)
    address = f"{PAGE}/recording?at={anchor}"
    assert "Wählen Sie zuerst eine Datei" in sent(admin, address, {"words": words}, 400)
    room = app.settings.uploads.largest_megabytes * 1_000_000
    app.studio._intake = refuse_silence
    assert "nichts zu hören" in text_of(sent_whole(admin, address, upload(words, bytes(room))))
    text = text_of(sent_whole(admin, address, upload(words, bytes(room + 2_000_000))))
    beside = text[text.index(f'id="upload-{anchor}-wrong"') :]
    assert "grösser als 20 MB" in beside[: beside.index("</div>")]
    assert sent_whole(admin, f"{PAGE}/text", {"text": "x" * 9_000_000}).status_code == 413
    desk = logged_in(app, "desk")
    assert sent_whole(desk, address, upload(words, bytes(9_000_000))).status_code == 413


def test_a_recording_of_prices_goes_out_of_use_with_them_and_is_confirmed(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    prompt: Prompt = notice(app)
    words = app.catalogue.text(prompt)
    page = f"/console/prompts/{prompt.key}/de"
    sent(admin, f"{page}/recording", upload(words))
    sent(admin, f"{page}/publish", {"version": 1, "words": words})
    begin(app, clock)
    assert "ist sie sofort ausser Gebrauch" in shown(admin, page)
    assert "1 von " in shown(admin, LIST)
    change_prices(app, "other prices")
    listed = shown(admin, LIST)
    assert "Ausser Gebrauch, weil Preise geändert haben: 1" in listed
    assert words in listed
    assert "gehört zu anderen Preisen" in shown(admin, page)
    refused = sent(admin, f"{page}/publish", {"version": 1, "words": words}, 400)
    assert "Bestätigen Sie sie für die heutigen Preise" in refused
    sent(admin, f"{page}/confirm", {"version": 1, "words": words})
    begin(app, clock)
    assert "Ausser Gebrauch" not in shown(admin, LIST)


# Around them ----------------------------------------------------------------------------------------


def test_the_audit_log_tells_it_in_words(app: Application, admin: Browser) -> None:
    form = {"text": OURS, "then": "at", "from_at": "2026-11-23T18:00"}
    sent(admin, f"{PAGE}/text", form)
    sent(admin, f"{PAGE}/reset", {"words": ""})
    text = shown(admin, "/console/audit")
    assert "speicherte einen Text: Prompt greeting, Deutsch" in text
    assert "Fassung 1, ab 23.11.2026 18:00" in text
    assert "setzte auf die Vorlage zurück: Prompt greeting, Deutsch" in text


def test_the_audit_log_says_whether_it_was_a_text_or_a_recording(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    prompt = "Prompt greeting, Deutsch"
    for version in (record_greeting(app), save(app, OURS), save(app, "Grüezi.")):
        say(app, clock, version)
    app.prompts.roll_back("greeting", "de", "", None)
    app.prompts.roll_back("greeting", "de", SHIPPED, None)
    text = shown(admin, "/console/audit")
    assert f"veröffentlichte eine Aufnahme: {prompt}" in text
    assert f"veröffentlichte einen Text: {prompt}" in text
    assert f"ging einen Schritt zurück: {prompt}" in text
    assert "Text, Fassung 2" in text
    assert f"ging zurück auf die synthetische Stimme: {prompt}" in text
    assert "mitgelieferter Stand" not in text
    app.prompts.publish(1, None)
    app.prompts.reset("greeting", "de", SHIPPED, None)
    told = shown(admin, "/console/audit")
    assert told.count("ging zurück auf die synthetische Stimme") == 2
    assert "setzte auf die Vorlage zurück:" not in told


@pytest.mark.parametrize(
    ("action", "detail", "told"),
    [
        ("prompt_published", "version 3 from 2026-11-23T17:00:00+00:00", "veröffentlichte Prompt"),
        ("prompt_rolled_back", "to version 3", "ging einen Schritt zurück: Prompt"),
        ("prompt_rolled_back", "to what is shipped", "mitgelieferter Stand"),
        ("prompt_withdrawn", "publication 3", "zog eine Veröffentlichung zurück: Prompt"),
    ],
)
def test_rows_of_earlier_releases_stay_readable(
    app: Application, admin: Browser, clock: FrozenClock, action: str, detail: str, told: str
) -> None:
    app.audit.write(None, action, "prompt greeting de", detail, clock.now())
    text = shown(admin, "/console/audit")
    assert told in text


def test_a_session_that_is_over_loses_no_text_and_trying_it_loses_none_either(
    app: Application, admin: Browser, clock: FrozenClock
) -> None:
    clock.advance(3 * 3600)
    late = admin.post(f"{PAGE}/text", {"text": OURS, "then": "hear"}, headers={"Referer": PAGE})
    assert "/login" in late.headers["Location"]
    admin.log_in("admin")
    admin.post(f"{PAGE}/text", {"text": OURS, "then": "check"})
    assert f'data-kept-target="{PAGE}/text"' in shown(admin, PAGE)
    sent(admin, f"{PAGE}/text", {"text": OURS, "then": "draft"})
    assert "data-kept-target" not in shown(admin, PAGE)


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_the_pages_speak_every_language(app: Application, admin: Browser, language: str) -> None:
    save(app, OURS)
    admin.post("/console/own/language", {"language": language})
    for address in (LIST, PAGE, "/console/prompts/notice_work/de"):
        keys = set(re.findall(r"\bprompts\.[a-z_.]+", shown(admin, address)))
        assert keys <= {"prompts.css", "prompts.js"}
