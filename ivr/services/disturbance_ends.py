"""Tells those who asked for it that a disturbance is over; part of the worker's round."""

from collections.abc import Mapping
from datetime import datetime

from ivr.contracts.windows import local_time
from ivr.services.disturbance_records import WaitingInform
from ivr.services.records import NewMail
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.text_store import NewText

BATCH = 200


class DisturbanceEnds:
    """Writes mails and text messages into their outboxes, in the transaction that notes it."""

    def __init__(self, storage: Storage, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._storage = storage
        self._texts = texts

    def collect(self, now: datetime) -> int:
        """How many callers were told; one who called five times is told once."""
        with self._storage.reading() as uow:
            if not uow.disturbances.list_to_inform(now, 1):
                return 0
        with self._storage.writing() as uow:
            waiting = uow.disturbances.list_to_inform(now, BATCH)
            told = {(each.started_at, each.email or each.number): each for each in waiting}
            for each in told.values():
                self._tell(uow, each, now)
            uow.disturbances.informed([each.id for each in waiting], now)
        return len(waiting)

    def _tell(self, uow: UnitOfWork, waiting: WaitingInform, now: datetime) -> None:
        words = self._texts[waiting.language]
        told = {"since": _wall(waiting.started_at), "until": _wall(waiting.ended_at)}
        if waiting.email is not None:
            body = words["body"].format(**told)
            uow.outbox.add(
                NewMail(None, waiting.email, words["subject"], body, waiting.rehearsal, now)
            )
        elif waiting.number is not None:
            sms = words["sms"].format(**told)
            uow.texts.add(NewText(waiting.number, sms, now, held=waiting.rehearsal))


def _wall(at: datetime) -> str:
    return f"{local_time(at):%d.%m.%Y %H:%M}"
