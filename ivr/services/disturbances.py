"""Known disturbances: declared by a person or begun by an alert, told to callers, ended, told again.

Whoever asked to be informed is told when it is over: by mail where we know an address of his, else by
SMS to the number he called from. Rows say who waits, so nobody is forgotten by whatever dies meanwhile.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.alerts.documents import MAX_TITLE, clean, services_of
from ivr.alerts.event import AlertRefusedError
from ivr.alerts.touching import Scope, ScopeKind
from ivr.callflow.disturbance import state_prompts
from ivr.callflow.disturbed import DisturbanceFacts
from ivr.callflow.prompts import Language, Prompt, PromptKey, prompt
from ivr.contracts.plans import Plan
from ivr.errors import PikettError
from ivr.services.disturbance_records import DisturbanceRecord, NewDisturbance
from ivr.services.stores import Storage, UnitOfWork

MAX_SPOKEN = 60
MONITORING = "monitoring"
_SPEAKABLE = re.compile(r"[^\W_][\w ,.'’/+&()-]*", re.UNICODE)


class DisturbanceRefusedError(PikettError):
    """A disturbance cannot be declared like this; `key` names the text of the pages."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person says of a disturbance; `texts` by language, `scopes` such as `plan:premium`."""

    title: str
    scopes: Sequence[str]
    texts: Mapping[str, str]
    expected_at: datetime | None = None
    started_at: datetime | None = None


class Disturbances:
    """Declares, changes and ends them."""

    def __init__(self, storage: Storage, plans: Mapping[str, Plan]) -> None:
        self._storage = storage
        self._plans = plans

    def declare(self, declared: Declared, by: str, at: datetime) -> int:
        """Its number; from now on callers hear of it."""
        title = clean(declared.title, MAX_TITLE)
        if not title:
            raise DisturbanceRefusedError("alerts.wrong.title", "a disturbance needs a title")
        started = declared.started_at or at
        _refuse_past(declared.expected_at, at)
        if started > at:
            raise DisturbanceRefusedError("alerts.wrong.start", "it cannot begin in the future")
        with self._storage.writing() as uow:
            scopes = self._scopes(uow, declared.scopes)
            texts = _texts(declared.texts)
            new = NewDisturbance(title, texts, scopes, started, declared.expected_at, by[:200])
            return uow.disturbances.add(new, at)

    def update(
        self,
        disturbance_id: int,
        texts: Mapping[str, str],
        expected_at: datetime | None,
        at: datetime,
    ) -> None:
        """Other words, another expected end; texts that are not given stay."""
        _refuse_past(expected_at, at)
        with self._storage.writing() as uow:
            known = _going_on(uow, disturbance_id, at)
            uow.disturbances.change(known.id, {**known.texts, **_texts(texts)}, expected_at)

    def end(self, disturbance_id: int, at: datetime) -> int:
        """It is over; how many callers will be told."""
        with self._storage.writing() as uow:
            known = _going_on(uow, disturbance_id, at)
            uow.disturbances.end(known.id, at)
            found = uow.disturbances.list_recent(1000)
            return next((each.asked for each in found if each.id == known.id), 0)

    def case_opened(
        self, uow: UnitOfWork, case_id: int, title: str, services: Collection[str], at: datetime
    ) -> None:
        """A disturbance begins where locations depend on what is out of order."""
        if not services or not uow.disturbances.is_attached(services):
            return
        scopes = tuple(Scope(ScopeKind.SERVICE, each) for each in services)
        for known in uow.disturbances.list_of_cases([case_id])[:1]:
            uow.disturbances.widen(known.id, scopes)
            return
        new = NewDisturbance(title[:MAX_TITLE], {}, scopes, at, None, MONITORING, case_id)
        uow.disturbances.add(new, at)

    def cases_bundled(self, uow: UnitOfWork, case_ids: Collection[int], into: int) -> None:
        """They end with another case."""
        uow.disturbances.move(case_ids, into)

    def case_closed(self, uow: UnitOfWork, case_id: int, at: datetime) -> None:
        """What began with this case is over."""
        for known in uow.disturbances.list_of_cases([case_id]):
            uow.disturbances.end(known.id, at)

    def _scopes(self, uow: UnitOfWork, words: Sequence[str]) -> tuple[Scope, ...]:
        scopes = tuple(dict.fromkeys(self._scope(uow, word) for word in words if word.strip()))
        if not scopes:
            raise DisturbanceRefusedError("alerts.wrong.scope", "say whom it touches")
        return scopes

    def _scope(self, uow: UnitOfWork, word: str) -> Scope:
        """`all`, `plan:ID`, `customer:NUMBER` or `service:KEY`."""
        kind, _, value = word.strip().partition(":")
        value = value.strip()
        match kind.strip():
            case ScopeKind.ALL if not value:
                return Scope(ScopeKind.ALL)
            case ScopeKind.PLAN if value in self._plans:
                return Scope(ScopeKind.PLAN, value)
            case ScopeKind.CUSTOMER if uow.customers.find_credentials(value) is not None:
                return Scope(ScopeKind.CUSTOMER, value)
            case ScopeKind.SERVICE:
                return Scope(ScopeKind.SERVICE, service_key(value))
        raise DisturbanceRefusedError(
            "alerts.wrong.scope",
            f"{word.strip()[:80]!r} is none of all, plan:ID, customer:NUMBER, service:KEY",
        )


def service_key(text: str) -> str:
    """The key of a service as monitoring names it; raises DisturbanceRefusedError."""
    try:
        (key,) = services_of([text], "service")
    except (AlertRefusedError, ValueError):
        raise DisturbanceRefusedError(
            "alerts.wrong.scope", f"{text[:60]!r} is not a service key"
        ) from None
    return key


def is_named(record: DisturbanceRecord, language: Language) -> bool:
    """Whether callers in this language hear what is out of order."""
    return bool(record.texts.get(language))


def unnamed(language: Language) -> Prompt:
    """What they hear instead."""
    return prompt(PromptKey.DISTURBANCE_UNNAMED, language)


def spoken(record: DisturbanceRecord, language: Language, at: datetime) -> tuple[Prompt, ...]:
    """What a caller who is known hears of it, greeting included, up to the question."""
    return (prompt(PromptKey.GREETING, language), *stated(record, language, at))


def stated(record: DisturbanceRecord, language: Language, at: datetime) -> tuple[Prompt, ...]:
    """What is out of order, since when and until when."""
    what = record.texts.get(language, "")
    facts = DisturbanceFacts(record.id, what, record.started_at, record.expected_at, True)
    return state_prompts(facts, language, at)


def to_be_spoken(record: DisturbanceRecord, at: datetime) -> tuple[Prompt, ...]:
    """The same in every language on every day of a week: a time is told by its weekday later."""
    return tuple(
        said
        for language in Language
        for days in range(7)
        for said in spoken(record, language, at + timedelta(days=days))
    )


def _going_on(uow: UnitOfWork, disturbance_id: int, at: datetime) -> DisturbanceRecord:
    known = uow.disturbances.find(disturbance_id)
    if known is None or not known.is_on(at):
        raise DisturbanceRefusedError(
            "alerts.wrong.over", f"there is no disturbance {disturbance_id} that goes on"
        )
    return known


def _refuse_past(expected_at: datetime | None, at: datetime) -> None:
    if expected_at is not None and expected_at <= at:
        raise DisturbanceRefusedError("alerts.wrong.expected", "the expected end is over already")


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Short words that can be spoken; an empty text says the standard words."""
    cleaned = {language: clean(text, 1000) for language, text in texts.items()}
    for text in cleaned.values():
        if len(text) > MAX_SPOKEN or (text and not _SPEAKABLE.fullmatch(text)):
            raise DisturbanceRefusedError(
                "alerts.wrong.text",
                f"what is spoken has up to {MAX_SPOKEN} letters, digits and plain marks",
            )
    return cleaned
