"""Correcting what a technician said when he closed a case.

A correction is said anew and nothing is written over: the old statements and the old work stay, and
the audit log keeps who has changed what, from which value to which, when and why. The new value
counts from now on, for the account too as long as that is open. A closed account is never changed
(`ivr/contracts` knows no second one): what it was drawn up from, the cause and the minutes, is then
refused. The first reaction, the state of the ticket and its promises are not touched.
"""

from dataclasses import replace
from datetime import timedelta

from ivr.contracts.faults import Category, Fact, FaultClass, Mode, Role, YesNo
from ivr.contracts.worktime import joined, span_of
from ivr.people import roles
from ivr.people.person import Person
from ivr.services.account_records import Work
from ivr.services.accounts import Accounts
from ivr.services.audit_story import CORRECTED
from ivr.services.closing import Problems
from ivr.services.correction_form import (
    FACTS,
    LONGEST_REASON,
    MINUTES,
    Change,
    ClosedCase,
    CorrectedMeanwhileError,
    Correction,
    CorrectionRefusedError,
    Corrector,
    NotForHimError,
    NothingChangedError,
)
from ivr.services.faults import Faults
from ivr.services.people_audit import entry
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import Technician
from ivr.services.work_pages import CLOSED, MINUTE, TicketPage, page_of

_ALWAYS = frozenset({roles.Role.LEAD, roles.Role.ADMIN})


class Corrections:
    """Shows what can be corrected, and stores it."""

    def __init__(self, storage: Storage, faults: Faults, accounts: Accounts) -> None:
        self._storage = storage
        self._faults = faults
        self._accounts = accounts

    def case(self, asked: Corrector) -> ClosedCase:
        """Raises NotForHimError."""
        with self._storage.reading() as uow:
            return self._case(uow, asked, settled=_is_closed(uow, asked.ticket))

    def correct(self, asked: Corrector, correction: Correction) -> list[Change]:
        """All of it or nothing."""
        with self._storage.writing() as uow:
            uow.facts.lock(asked.ticket)
            page = page_of(uow, self._faults, asked.ticket, asked.at)
            settled = page.is_billable and self._accounts.is_settled_in(uow, asked.ticket)
            case = self._case(uow, asked, settled=settled)
            if asked.seen != case.version:
                raise CorrectedMeanwhileError(_last_name(uow, case))
            changes = _changes(case, correction)
            _refuse(uow, case, correction, changes)
            self._store(uow, asked, case, correction, changes)
            return changes

    def _case(self, uow: UnitOfWork, asked: Corrector, *, settled: bool) -> ClosedCase:
        page = page_of(uow, self._faults, asked.ticket, asked.at)
        if not may_correct(page, asked.person, asked.technician):
            raise NotForHimError(f"ticket {asked.ticket} is not for {asked.name} to correct")
        found = uow.accounts.find_newest_work(asked.ticket)
        work = found[1] if found is not None and page.is_billable else None
        values = {str(fact): page.state.fault.value(fact) or "" for fact in FACTS}
        values[Fact.SPOF] = values[Fact.SPOF] or YesNo.NO
        values[MINUTES] = str(work.span.minutes) if work is not None else ""
        return ClosedCase(page, values, settled, work, _most(page, work))

    def _store(
        self,
        uow: UnitOfWork,
        asked: Corrector,
        case: ClosedCase,
        correction: Correction,
        changes: list[Change],
    ) -> None:
        said = {Fact(each.name): each.after for each in changes if each.name != MINUTES}
        role = Role.LEAD if asked.technician is None else Role.TECHNICIAN
        if said:
            self._faults.note_in(
                uow, asked.ticket, asked.name, said, correction.reason, asked.at, role
            )
        found = uow.accounts.find_newest_work(asked.ticket)
        work = _corrected(case, correction)
        if found is not None and work is not None and work != found[1]:
            uow.accounts.replace_work(asked.ticket, found[0], work, asked.at)
        told = " ".join(f"{each.name}={each.before}>{each.after}" for each in changes)
        detail = f"{told}: {correction.reason}"
        uow.audit.add(entry(asked.person, CORRECTED, f"ticket {asked.ticket}", detail, asked.at))


def may_correct(page: TicketPage, person: Person, technician: Technician | None) -> bool:
    """A closed ticket: whoever closed it, and the office."""
    if page.phase not in CLOSED:
        return False
    own = technician is not None and technician.name == page.closed_by
    return own or person.role in _ALWAYS


def _is_closed(uow: UnitOfWork, number: int) -> bool:
    found = uow.accounts.find(number)
    return found is not None and not found.account.decision_required


def _most(page: TicketPage, work: Work | None) -> int | None:
    """From the call to the end of the work, which stays where it was."""
    if work is None:
        return None
    called = page.file.received_at.replace(second=0, microsecond=0)
    return (work.span.end - called) // MINUTE


def _corrected(case: ClosedCase, correction: Correction) -> Work | None:
    """The same work, otherwise long: it ends when it ended."""
    if case.work is None:
        return None
    chosen, span = correction.values, case.work.span
    minutes = int(chosen[MINUTES])
    if minutes != span.minutes:
        span = span_of(span.end - timedelta(minutes=minutes), minutes, span.person)
    mode, category = Mode(chosen[Fact.MODE]), Category(chosen[Fact.CATEGORY])
    return replace(case.work, span=span, mode=mode, category=category)


def _changes(case: ClosedCase, correction: Correction) -> list[Change]:
    """Minutes only where work was written down."""
    wanted = dict(correction.values)
    if case.work is None:
        wanted[MINUTES] = case.values[MINUTES]
    return [
        Change(name, before, wanted[name])
        for name, before in case.values.items()
        if wanted[name] != before
    ]


def _refuse(
    uow: UnitOfWork, case: ClosedCase, correction: Correction, changes: list[Change]
) -> None:
    problems = _problems(case, correction)
    if case.settled:
        moved = {each.name for each in changes} & {str(Fact.CAUSE), MINUTES}
        problems |= dict.fromkeys(sorted(moved), "tech.error.account")
    if not problems and _overlaps(uow, case, correction):
        problems[MINUTES] = "tech.error.work"
    if not problems and not changes:
        raise NothingChangedError(f"ticket {case.page.file.number} stands so already")
    if changes and not correction.reason:
        problems["reason"] = "tech.error.why"
    if problems:
        raise CorrectionRefusedError(problems)


def _problems(case: ClosedCase, correction: Correction) -> Problems:
    chosen, most = correction.values, case.most
    found = {str(fact): "tech.error.choose" for fact in FACTS if not chosen[fact]}
    if chosen[Fact.FAULT_CLASS] == FaultClass.MINOR and chosen[Fact.SPOF] == YesNo.YES:
        found[Fact.FAULT_CLASS] = "tech.error.spof"
    if most is not None:
        minutes = int(chosen[MINUTES] or 0)
        if not 1 <= minutes <= most:
            found[MINUTES] = "tech.error.minutes" if minutes < 1 else "tech.error.too_long"
    if len(correction.reason) > LONGEST_REASON or not correction.reason.isprintable():
        found["reason"] = "tech.error.text"
    return found


def _overlaps(uow: UnitOfWork, case: ClosedCase, correction: Correction) -> bool:
    """With other work of the same person on this ticket."""
    work = _corrected(case, correction)
    if work is None or case.work is None:
        return False
    others = [each.span for each in uow.accounts.list_work(case.page.file.number)]
    others.remove(case.work.span)
    try:
        joined([*others, work.span])
    except ValueError:
        return True
    return False


def _last_name(uow: UnitOfWork, case: ClosedCase) -> str:
    """Of whoever has corrected it last, else of whoever has said something last."""
    number = case.page.file.number
    rows = [row for row in uow.audit.of_ticket(number, None) if row.action == CORRECTED]
    if rows:
        return rows[-1].name or rows[-1].login
    said = case.page.state.statements
    return said[-1].author if said else ""
