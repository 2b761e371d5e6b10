"""The audit log in sentences: one template of words per action, with readable names in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from flask import url_for

from ivr.contracts.faults import VOCABULARIES, Fact, Phase
from ivr.contracts.windows import local_time
from ivr.services.audit_prices import Price
from ivr.services.audit_records import Names
from ivr.services.audit_story import CORRECTED, Deed
from ivr.services.correction_form import MINUTES, read_changes
from ivr.services.listing import AuditRow
from ivr.services.people_audit import LOOKS, NOBODY, read_detail
from webhooks.console.audit_prompts import BEGINS, prompt_detail, prompt_sentence, prompt_subject
from webhooks.console.audit_rings import names_of, round_number, rounds_of
from webhooks.console.words import Translate
from webhooks.container import pikett

AT_ONCE = 500
"""A database takes only so many names at once."""
LISTS = ("tickets", "customers", "people", "audit")
_NAMED_BY = {"desk board": "desk.board", "tickets of my duty": "tech.duty.tickets"}
_RIGHT = "desk_code_right"
_WRONG = "desk_code_wrong"


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the log. `times` counts looks that are folded into it; `ticket` has a story."""

    at: datetime
    text: str
    detail: str = ""
    is_look: bool = False
    ticket: str = ""
    times: int = 1
    parts: tuple["Told", ...] = ()
    """The lines that this one stands for."""

    def shown(self, t: Translate) -> str:
        """The sentence, with how often it is so."""
        return (
            f"{self.text} ({t('audit.times', count=self.times)})" if self.times > 1 else self.text
        )

    @property
    def address(self) -> str:
        """Where the story of its ticket is told."""
        return url_for("console.audit_log", search=self.ticket) if self.ticket else ""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day, in the order of the page."""

    on: date
    lines: Sequence[Told]


class Teller:
    """Puts entries and deeds into words of one language."""

    def __init__(self, t: Translate, names: Names) -> None:
        self._t = t
        self._names = names

    def days(self, lines: Iterable[Deed | AuditRow]) -> list[Day]:
        """Day by day; the same look of the same person again and again is one line."""
        told = _folded(self._together(those) for those in rounds_of(lines))
        grouped = groupby(told, key=lambda each: local_time(each.at).date())
        return [Day(day, list(those)) for day, those in grouped]

    def _together(self, lines: Sequence[Deed | AuditRow]) -> Told:
        """Several telephones of one round as one line."""
        parts = tuple(self.tell(each) for each in lines)
        if len(parts) == 1:
            return parts[0]
        number, names = round_number(lines[0]), names_of(lines)
        key = "audit.line.rung_round" if number else "audit.line.rung_together"
        text = self._t(key, round=number, count=len(parts), names=names)
        return Told(parts[0].at, text, parts=parts)

    def tell(self, line: Deed | AuditRow) -> Told:
        """One of them."""
        return self._entry(line) if isinstance(line, AuditRow) else self._deed(line)

    def subject(self, text: str) -> str:
        """What it is about, with its name: Ticket 100001 (Bäckerei Muster)."""
        kind, _, key = text.partition(" ")
        if kind == "ticket":
            rehearsal = self._t("audit.rehearsal") if key in self._names.rehearsals else None
            name = self._names.tickets.get(key)
            return self._with(self._t("tech.ticket", number=key), name, rehearsal)
        if kind == "customer":
            shown = self._t("audit.customer", number=key)
            return self._with(shown, self._names.customers.get(key))
        if kind == "card":
            number, _, customer = key.partition(", ")
            name = " ".join((customer, self._names.customers.get(customer, ""))).strip()
            return self._with(self._t("desk.card", number=number), name)
        if kind == "prompt":
            return prompt_subject(self._t, key)
        if kind == "person":
            return self._names.people.get(key, key)
        if kind == "location":
            return self._names.locations.get(key, self._t("audit.location", number=key))
        if text in LISTS:
            return self._t(f"nav.{text}")
        return self._t(_NAMED_BY[text]) if text in _NAMED_BY else text

    def _with(self, shown: str, *names: str | None) -> str:
        known = [name for name in names if name]
        return f"{shown} ({', '.join(known)})" if known else shown

    def _entry(self, row: AuditRow) -> Told:
        detail = read_detail(row.detail)
        who = row.name or row.login
        if row.login == NOBODY:
            who = detail.owner or self._t("audit.nobody")
        if detail.is_customers:
            who = self._t("audit.by_customer")
        elif detail.is_desks and row.login == NOBODY:
            who = self._t("audit.by_desk_link")
        key = prompt_sentence(row.action, detail.rest)
        key = key or f"audit.did.{_precise(row.action, detail.rest)}"
        text = self._t(key, who=who, subject=self.subject(row.subject))
        if text == key:
            text = f"{who}: {self._plain(row.action)}, {self.subject(row.subject)}"
        kind, _, number = row.subject.partition(" ")
        told = [*self._link(detail.device, detail.owner), self._rest(row.action, detail.rest)]
        return Told(
            row.at,
            text,
            ", ".join(each for each in told if each),
            row.action in LOOKS,
            number if kind == "ticket" else "",
        )

    def _plain(self, action: str) -> str:
        """Of an action without a sentence: the words of its filter."""
        key = f"action.{action}"
        text = self._t(key)
        return action.replace("_", " ") if text == key else text

    def _link(self, device: str, owner: str = "") -> list[str]:
        if not device:
            return []
        shown = self._t("audit.device_unknown") if device == "unknown" else device
        return [self._t("audit.by_link", device=shown)]

    def _rest(self, action: str, rest: str) -> str:
        """What else stands in the entry, where it means something to a reader."""
        if action.startswith(BEGINS):
            return prompt_detail(self._t, rest)
        if action == CORRECTED:
            return self._correction(rest)
        if action == "ticket_moved":
            return "" if rest == Phase.CLOSED else self._t(f"tech.phase.{rest}")
        if action == "first_reaction":
            return f"«{rest}»" if rest else ""
        if action in ("role_changed", "person_added"):
            return self._t(f"role.{rest.partition(',')[0]}")
        if action == "link_refused":
            return self._t(f"audit.ended.{rest}") if rest in ("over", "taken") else rest
        if action in ("desk_questions", "desk_failed"):
            return ", ".join(self._answer(each) for each in rest.split())
        if action == "desk_saved":
            return ", ".join(self._field(each) for each in rest.split(", ") if each)
        return "" if action in ("desk_code", "message_heard") else rest

    def _correction(self, rest: str) -> str:
        """From what to what, and why."""
        changes, reason = read_changes(rest)
        told = [told_change(self._t, each.name, each.after, each.before) for each in changes]
        return ", ".join([*told, self._t("audit.reason", reason=reason)])

    def _field(self, name: str) -> str:
        return self._t("tech.request" if name == "words" else f"desk.field_{name}")

    def _answer(self, mark: str) -> str:
        name, _, right = mark.partition("=")
        about = self._t(f"audit.question.{name}")
        return f"{about}: {self._t('audit.right' if right == 'yes' else 'audit.wrong')}"

    # Deeds ----------------------------------------------------------------------------------------

    def _deed(self, deed: Deed) -> Told:
        values = dict(deed.values) | {"who": deed.who}
        if deed.ticket:
            values["subject"] = self.subject(f"ticket {deed.ticket}")
        if "kind" in values:
            values["kind"] = self._t(f"kind.{values['kind']}")
        if "result" in values:
            values["result"] = self._t(f"audit.ring.{values['result']}")
        if "phase" in values:
            values["phase"] = self._t(f"tech.phase.{values['phase']}")
        if deed.until is not None:
            values["until"] = f"{local_time(deed.until):%d.%m.%Y %H:%M}"
        text = self._t(f"audit.line.{deed.key}", **values)
        told = [self._price(each) for each in deed.prices]
        told += [self._fact(fact, value) for fact, value in deed.said]
        if deed.minutes:
            told.append(self._t("tech.minutes", minutes=deed.minutes))
        if deed.reason:
            told.append(self._t("audit.reason", reason=deed.reason))
        return Told(deed.at, text, ", ".join([*told, *self._link(deed.device)]))

    def _price(self, price: Price) -> str:
        key = "audit.price_hour" if price.hourly else "audit.price"
        return self._t(key, price=price.amount)

    def _fact(self, fact: Fact, value: str) -> str:
        shown = self._t(f"tech.{fact}.{value}") if fact in VOCABULARIES else value.rstrip(".")
        return f"{self._t(f'tech.fact.{fact}')}: {shown}"


def told_change(t: Translate, name: str, value: str, before: str | None = None) -> str:
    """A value of a closed ticket in words; with what it was before, where it was corrected."""

    def shown(text: str) -> str:
        if not text:
            return t("audit.not_said")
        if name == MINUTES:
            return t("tech.minutes", minutes=text)
        return t(f"tech.{name}.{text}")

    about = t("tech.field.minutes" if name == MINUTES else f"tech.fact.{name}")
    if before is None:
        return f"{about}: {shown(value)}"
    return t("audit.corrected", about=about, before=shown(before), after=shown(value))


def told_days(t: Translate, lines: Sequence[Deed | AuditRow], *tickets: int) -> list[Day]:
    """Entries and deeds with the names of all that they are about, portion by portion."""
    days: list[Day] = []
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        subjects = {row.subject for row in some if isinstance(row, AuditRow)}
        subjects |= {f"ticket {number}" for number in tickets}
        with pikett().storage.reading() as uow:
            names = uow.audit.names(subjects)
        days += Teller(t, names).days(some)
    return days


def story_days(number: int, t: Translate) -> list[Day]:
    """A ticket's story as its own page tells it: without looks."""
    story = pikett().stories.of_ticket(number, pikett().clock.now(), looks=False)
    return told_days(t, story.lines, number) if story is not None else []


def _precise(action: str, rest: str) -> str:
    """A right and a wrong code are two things; so are closing and the other steps."""
    if action == "ticket_moved" and rest == Phase.CLOSED:
        return "ticket_closed"
    if action == "desk_code":
        return {"right": _RIGHT, "wrong": _WRONG}.get(rest, action)
    return action


def _folded(lines: Iterable[Told]) -> Iterable[Told]:
    """Looks that follow one another and say the same."""
    before: Told | None = None
    for each in lines:
        if before is not None and _repeats(before, each):
            before = replace(before, times=before.times + 1)
            continue
        if before is not None:
            yield before
        before = each
    if before is not None:
        yield before


def _repeats(before: Told, each: Told) -> bool:
    same = (before.text, before.detail) == (each.text, each.detail)
    return each.is_look and same and local_time(before.at).date() == local_time(each.at).date()
