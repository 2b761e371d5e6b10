"""iCal: duties are written so that others read them, and what others wrote is read with care."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calendars.reader import (
    MOST_BYTES,
    MOST_EVENTS,
    AbsenceEvent,
    CalendarRefusedError,
    read_absences,
)
from ivr.calendars.writer import write_calendar
from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from tests.pure.rostered import at

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = {"on_duty": "Technician on duty", "deputy": "Deputy"}
SHIFT = Shift(1, "Anna Meier", Level.ON_DUTY, 1, NOW, NOW + timedelta(days=7))


def ical(*events: str, extra: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//\r\n{extra}{body}END:VCALENDAR\r\n".encode()


def event(first: str, last: str, uid: str = "a1", more: str = "") -> str:
    return f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART{first}\r\nDTEND{last}\r\nSUMMARY:Ferien{more}"


def refused(content: bytes) -> str:
    with pytest.raises(CalendarRefusedError) as caught:
        read_absences(content)
    assert len(str(caught.value)) < 300
    return str(caught.value)


def test_a_calendar_is_read_by_others_and_names_no_number() -> None:
    written = write_calendar([SHIFT], "Pikett", WORDS, NOW, names=True)
    (found,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert (found.start, found.end) == (SHIFT.starts_at, SHIFT.ends_at)
    assert str(found["SUMMARY"]) == "Anna Meier: Technician on duty"
    own = write_calendar([SHIFT], "Pikett", WORDS, NOW, names=False)
    assert b"Anna" not in own
    assert b"\r\nVERSION:2.0\r\n" in own


def test_an_event_keeps_its_name_when_its_end_moves() -> None:
    longer = Shift(1, "Anna Meier", Level.ON_DUTY, 1, NOW, NOW + timedelta(days=8))
    first, second = (
        icalendar.Calendar.from_ical(write_calendar([each], "P", WORDS, NOW, names=True)).walk(
            "VEVENT"
        )[0]
        for each in (SHIFT, longer)
    )
    assert first["UID"] == second["UID"]


def test_days_times_and_zones() -> None:
    content = ical(
        event(";VALUE=DATE:20261224", ";VALUE=DATE:20261227"),
        event(":20261201T080000", ":20261201T120000", "a2"),
        event(";TZID=Europe/London:20261202T080000", ":20261202T120000Z", "a3"),
    )
    assert read_absences(content) == [
        AbsenceEvent("a2", at("2026-12-01T08:00"), at("2026-12-01T12:00"), "Ferien"),
        AbsenceEvent("a3", at("2026-12-02T09:00"), at("2026-12-02T13:00"), "Ferien"),
        AbsenceEvent("a1", at("2026-12-24T00:00"), at("2026-12-27T00:00"), "Ferien"),
    ]


def test_cancelled_and_free_events_are_no_absences() -> None:
    first, last = ";VALUE=DATE:20261224", ";VALUE=DATE:20261225"
    content = ical(
        event(first, last, "a1", "\r\nSTATUS:CANCELLED"),
        event(first, last, "a2", "\r\nTRANSP:TRANSPARENT"),
    )
    assert read_absences(content) == []


def test_zones_of_the_file_are_not_reckoned() -> None:
    """A zone that changes every second since the year 1 would keep the library busy for ever."""
    bomb = (
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Zurich\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\n"
        "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    given = event(";TZID=Europe/Zurich:20261201T080000", ";TZID=Europe/Zurich:20261201T120000")
    (found,) = read_absences(ical(given, extra=bomb))
    assert found.starts_at == at("2026-12-01T08:00")


DAY = (";VALUE=DATE:20261224", ";VALUE=DATE:20261225")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no iCal file"),
        (b"PK\x03\x04zip", "no iCal file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:\0\r\n", "characters"),
        (b"BEGIN:VCALENDAR\r\n" + b"X-A:" + b"a" * 5000, "longer than"),
        (b"x" * (MOST_BYTES + 1), "larger than"),
        (b"BEGIN:VCALENDAR\r\n" * 2, "not understood"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 10_000, "not understood"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\n", "not understood"),
        (ical(event(*DAY, more="\r\nRRULE:FREQ=SECONDLY")), "repeats"),
        (ical(event(*DAY, more="\r\nRRU\r\n LE:FREQ=DAILY")), "repeats"),
        (ical(event(*DAY, more="\r\nRDATE;VALUE=DATE:20261226")), "repeats"),
        (
            ical(*[event(*DAY, uid=str(number)) for number in range(MOST_EVENTS + 1)]),
            "more than 500",
        ),
        (ical(event(*DAY), event(*DAY)), "same UID"),
        (ical(event(":20261225T080000Z", ":20261224T080000Z")), "Ferien"),
        (ical(event(";VALUE=DATE:20200101", ";VALUE=DATE:20261224")), "400 days"),
        (ical(event(":00010101T000000Z", ":00010102T000000Z")), "2000 and 2099"),
        (ical(event(":99991231T235959Z", ":99991231T235959Z")), "2000 and 2099"),
        (ical("UID:a\r\nSUMMARY:Ferien"), "DTSTART"),
        (ical(event(":nonsense", ":nonsense")), ""),
        (ical(event(";TZID=Mars/Olympus:20261201T080000", ":20261201T120000Z")), "Mars"),
    ],
)
def test_what_cannot_be_an_absence_is_refused(content: bytes, why: str) -> None:
    assert why in refused(content)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    for each in (
        content,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ):
        with suppress(CalendarRefusedError):
            read_absences(each)
