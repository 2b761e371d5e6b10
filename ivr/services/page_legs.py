"""The answered leg of a page: what it is told, and what its keys do."""

from datetime import datetime, timedelta

from ivr.callflow.events import (
    AlertPrepared,
    CaseAlreadyTaken,
    CaseClosed,
    CaseTaken,
    Event,
)
from ivr.callflow.facts import PageResult
from ivr.callflow.prompts import Language
from ivr.callflow.requests import NotePage, PrepareAlert, TakeCase
from ivr.services.alert_facts import AlertFactsReader
from ivr.services.callback_store import ON_THE_LINE
from ivr.services.context import Context, Executors
from ivr.services.escalation_store import (
    EscalationRecord,
    EscalationState,
    PageRecord,
    PageState,
)
from ivr.services.escalations import Escalations
from ivr.services.page_placing import LEG_LEASE_SECONDS
from ivr.services.paging import Paging

_STATES = {
    PageResult.TAKEN: PageState.TAKEN,
    PageResult.PASSED_ON: PageState.PASSED_ON,
    PageResult.DEFERRED: PageState.DEFERRED,
    PageResult.NO_KEY: PageState.NO_KEY,
    PageResult.HUNG_UP: PageState.NO_KEY,
    PageResult.ALREADY_TAKEN: PageState.CANCELLED,
    PageResult.CLOSED: PageState.CANCELLED,
}


class PageLegs:
    """Carries out what the alert call asks for."""

    def __init__(self, escalations: Escalations, paging: Paging, facts: AlertFactsReader) -> None:
        self._escalations = escalations
        self._paging = paging
        self._facts = facts

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {PrepareAlert: self.prepare, TakeCase: self.take, NotePage: self.note}

    def prepare(self, context: Context, request: PrepareAlert) -> Event:
        """It was picked up, which decides nothing; what is he woken for?"""
        page, running = self._find(context)
        if self._has_left(context, page):
            return CaseClosed(context.at, Language(page.language))
        if running.state not in (EscalationState.OPEN, EscalationState.EXHAUSTED):
            return _over(context.at, running, Language(page.language))
        self._paging.settle_in(context.uow, page, PageState.ANSWERED, context.at)
        return AlertPrepared(context.at, self._facts.read(context.uow, page, running, context.at))

    def take(self, context: Context, request: TakeCase) -> Event:
        """First come, first served; the cases this call spoke for are his too."""
        page, running = self._find(context)
        if self._has_left(context, page):
            return CaseClosed(context.at, Language(page.language))
        taken = self._take_one(context, running, page.name)
        for other in context.uow.pages.list_bundled(page.id):
            self._take_one(context, _lock(context, other.escalation_id), page.name)
        if taken:
            return CaseTaken(context.at, callback=self._customer_waits(context, running))
        now_is = context.uow.escalations.get(running.id)
        return _over(context.at, now_is, Language(page.language))

    def _has_left(self, context: Context, page: PageRecord) -> bool:
        """Whoever is disabled while his telephone rings takes nothing: the next one rings."""
        his = page.technician_id
        if his is None or not context.uow.roster.is_disabled(his):
            return False
        self._paging.settle_in(context.uow, page, PageState.PASSED_ON, context.at)
        return True

    @staticmethod
    def _customer_waits(context: Context, running: EscalationRecord) -> bool:
        waiting = context.uow.callbacks.find_open(running.ticket_number)
        return waiting is not None and waiting.state not in ON_THE_LINE

    def _take_one(self, context: Context, running: EscalationRecord, name: str) -> bool:
        uow, number = context.uow, running.ticket_number
        if running.state not in (EscalationState.OPEN, EscalationState.EXHAUSTED):
            return running.acknowledged_by == name
        return self._escalations.acknowledge_in(uow, number, name, context.at).first

    def note(self, context: Context, request: NotePage) -> None:
        """The leg's own account of its end; with a customer who waits he stays on the line."""
        page, running = self._find(context)
        self._paging.settle_in(context.uow, page, _STATES[request.result], context.at)
        if request.result is PageResult.TAKEN and self._customer_waits(context, running):
            choosing = timedelta(seconds=LEG_LEASE_SECONDS)
            context.uow.callbacks.hold_line(page.id, context.at + choosing)

    @staticmethod
    def _find(context: Context) -> tuple[PageRecord, EscalationRecord]:
        """Locks in the order of the pages of a ticket: its facts, then its escalation."""
        context.uow.roster.lock()
        page = context.uow.pages.get(context.leg_id)
        return page, _lock(context, page.escalation_id)


def _lock(context: Context, escalation_id: int) -> EscalationRecord:
    context.uow.facts.lock(context.uow.escalations.get(escalation_id).ticket_number)
    return context.uow.escalations.lock(escalation_id)


def _over(at: datetime, running: EscalationRecord, language: Language) -> Event:
    if running.acknowledged_by is not None:
        return CaseAlreadyTaken(at, running.acknowledged_by, language)
    return CaseClosed(at, language)
