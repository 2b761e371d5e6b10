"""Who is told when the line did not reach itself: the leads and the desk, and by a case if wanted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.callflow.requests import TicketKind
from ivr.roster.walltime import local
from ivr.services.cases import Cases, NewCase
from ivr.services.mail_text import Recipient
from ivr.services.records import NewMail
from ivr.services.selftest_store import SelftestRun
from ivr.services.stores import UnitOfWork

CHANNEL = "selftest"


class SelftestAlarm:
    """Writes the mails and opens the case, in the transaction that notes the failure."""

    def __init__(
        self,
        words: Mapping[str, Mapping[str, str]],
        recipients: Sequence[Recipient],
        cases: Cases,
        policy: str,
        page: str,
    ) -> None:
        self._words = words
        self._recipients = recipients
        self._cases = cases
        self._policy = policy
        self._page = page

    def tell_in(self, uow: UnitOfWork, run: SelftestRun, now: datetime) -> None:
        """Everybody in his language."""
        for to in self._recipients:
            subject, body = self._written(run, to.language, now)
            uow.outbox.add(NewMail(None, to.address, subject, body, False, now))
        if self._policy:
            subject, _ = self._written(run, "de", now)
            kind = TicketKind.MONITORING
            case = NewCase(CHANNEL, run.id, kind, None, None, subject, policy=self._policy)
            self._cases.open(uow, case, now)

    def _written(self, run: SelftestRun, language: str, now: datetime) -> tuple[str, str]:
        words = self._words[language]
        told = {
            "back_end": run.back_end,
            "step": words[f"step_{run.step}"],
            "reason": run.reason or "",
            "at": f"{local(now):%d.%m.%Y %H:%M}",
            "page": self._page,
        }
        return words["failed_subject"].format(**told), words["failed_body"].format(**told)
