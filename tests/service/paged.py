"""A case, a page for it, and a service that answers for the escalation: what the alert call needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.bootstrap import Application
from ivr.callflow.events import AlertPrepared, CaseTaken, Event
from ivr.callflow.facts import AlertFacts, AlertKind, AttemptResult, PageResult
from ivr.callflow.prompts import Language
from ivr.callflow.requests import NotePage, PrepareAlert, TakeCase
from ivr.roster.hunt import AcceptBy, Level
from ivr.services.context import Context
from ivr.services.records import AttemptRecord, NewCall
from ivr.services.reports import DialStatus

FACTS = AlertFacts(Language.DE, AlertKind.TICKET, "100001", customer="Muster AG", location="Baden")


@dataclass
class Pager:
    """Answers what the alert call asks, and remembers what it says."""

    app: Application
    facts: AlertFacts = FACTS
    prepared: Event | None = None
    taken: Event | None = None
    results: list[tuple[str, PageResult]] = field(default_factory=list)
    ends: list[tuple[str, DialStatus]] = field(default_factory=list)
    pages: int = 0

    def __post_init__(self) -> None:
        calls: Any = self.app.calls
        calls._executors = {**calls._executors, **self._executors()}
        ours: Any = self.app
        ours.paging = self

    def _executors(self) -> Mapping[Any, Any]:
        return {PrepareAlert: self._prepare, TakeCase: self._take, NotePage: self._note}

    def _prepare(self, context: Context, request: PrepareAlert) -> Event:
        prepared = self.prepared or AlertPrepared(context.at, self.facts)
        return replace(prepared, at=context.at)

    def _take(self, context: Context, request: TakeCase) -> Event:
        return replace(self.taken or CaseTaken(context.at), at=context.at)

    def _note(self, context: Context, request: NotePage) -> None:
        self.results.append((context.leg_id, request.result))

    def ended(self, page_id: str, status: DialStatus, at: datetime) -> None:
        self.ends.append((page_id, status))

    def page(self, number: str = "+41440009001") -> str:
        """Store a page to this number; its id."""
        page_id, call_id, now = self.app.ids.new(), self.app.ids.new(), self.app.clock.now()
        call = NewCall(call_id, "monitoring", call_id, False, 0.0, now, "", None, None)
        self.pages += 1
        attempt = AttemptRecord(
            page_id,
            call_id,
            1,
            1,
            "Anna Meier",
            Level.ON_DUTY,
            number,
            "de",
            AcceptBy.KEY,
            25,
            now,
            now + timedelta(minutes=2),
            AttemptResult.RINGING,
        )
        with self.app.storage.writing() as uow:
            uow.calls.add(call)
            uow.attempts.add(attempt)
        return page_id

    def results_of(self, page_id: str) -> list[PageResult]:
        return [result for page, result in self.results if page == page_id]

    def ends_of(self, page_id: str) -> list[DialStatus]:
        return [status for page, status in self.ends if page == page_id]
