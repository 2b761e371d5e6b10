"""Calls back, their legs and the forms that asked for them, in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from ivr.services.callback_store import (
    CallbackLeg,
    CallbackRecord,
    CallbackState,
    FormRequest,
    NewCallback,
    Purpose,
    RequestState,
)
from ivr.storage import models
from ivr.storage.models import Callback, RingAttempt

_RECORD = select(*(getattr(Callback, each.name) for each in fields(CallbackRecord)))
_LEG = select(*(getattr(models.CallbackLeg, each.name) for each in fields(CallbackLeg)))
_REQUEST = select(*(getattr(models.FormRequest, each.name) for each in fields(FormRequest)))
_OPEN = Callback.settled_at.is_(None)


class SqlCallbacks:
    """The store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewCallback) -> int:
        """The id of the new one."""
        query = insert(Callback).values(asdict(new)).returning(Callback.id)
        return int(self._connection.execute(query).scalar_one())

    def lock(self, callback_id: int) -> CallbackRecord:
        """Raises LookupError."""
        found = self._find(_RECORD.where(Callback.id == callback_id).with_for_update())
        if found is None:
            raise LookupError(f"no callback {callback_id}")
        return found

    def find_open(self, ticket_number: int) -> CallbackRecord | None:
        """The newest, should there be two."""
        mine = _RECORD.where(Callback.ticket_number == ticket_number, _OPEN)
        return self._find(mine.order_by(Callback.id.desc()).limit(1).with_for_update())

    def find_latest(self, ticket_number: int) -> CallbackRecord | None:
        """Settled or not."""
        mine = _RECORD.where(Callback.ticket_number == ticket_number)
        return self._find(mine.order_by(Callback.id.desc()).limit(1))

    def find_running(self, customer_id: int, purpose: Purpose) -> CallbackRecord | None:
        """The newest."""
        his = _RECORD.where(Callback.customer_id == customer_id, Callback.purpose == purpose, _OPEN)
        return self._find(his.order_by(Callback.id.desc()).limit(1))

    def count_wished(self, ticket_number: int, since: datetime) -> int:
        """By the ticket's link."""
        query = select(func.count()).where(
            Callback.ticket_number == ticket_number,
            Callback.purpose == Purpose.WISHED,
            Callback.asked_at > since,
        )
        return int(self._connection.execute(query).scalar_one())

    def change(self, callback_id: int, **columns: Any) -> None:
        """Write columns."""
        query = update(Callback).where(Callback.id == callback_id)
        self._connection.execute(query.values(columns))

    def add_leg(self, leg: CallbackLeg) -> None:
        """Before it rings."""
        self._connection.execute(insert(models.CallbackLeg).values(asdict(leg)))

    def find_leg(self, leg_id: str) -> CallbackLeg | None:
        """One leg."""
        return self._find_leg(models.CallbackLeg.id == leg_id)

    def find_open_leg(self, callback_id: int) -> CallbackLeg | None:
        """The one that rings or talks."""
        mine = models.CallbackLeg.callback_id == callback_id
        return self._find_leg(mine & models.CallbackLeg.ended_at.is_(None))

    def change_leg(self, leg_id: str, **columns: Any) -> None:
        """Write columns."""
        query = update(models.CallbackLeg).where(models.CallbackLeg.id == leg_id)
        self._connection.execute(query.values(columns))

    def hold_line(self, page_id: str, until: datetime) -> None:
        """His own attempt goes on: the page has ended, the call has not."""
        query = update(RingAttempt).where(RingAttempt.id == page_id)
        self._connection.execute(query.values(ended_at=None, engaged_until=until))

    def free_line(self, page_id: str, at: datetime, seconds: int) -> None:
        """Whoever was told first."""
        query = update(RingAttempt).where(RingAttempt.id == page_id, RingAttempt.ended_at.is_(None))
        self._connection.execute(query.values(ended_at=at, bridge_seconds=seconds))

    def add_request(self, request: FormRequest) -> None:
        """A form was checked."""
        self._connection.execute(insert(models.FormRequest).values(asdict(request)))

    def lock_request(self, request_id: str) -> FormRequest | None:
        """One transaction at a time decides about it."""
        query = _REQUEST.where(models.FormRequest.id == request_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return FormRequest(**row._asdict() | {"state": RequestState(row.state)})

    def change_request(self, request_id: str, **columns: Any) -> None:
        """Write columns."""
        query = update(models.FormRequest).where(models.FormRequest.id == request_id)
        self._connection.execute(query.values(columns))

    def count_requests(self, since: datetime, *, taken: bool, **where: Any) -> int:
        """Forms since then with these values."""
        query = select(func.count()).where(
            models.FormRequest.created_at > since,
            *(getattr(models.FormRequest, name) == value for name, value in where.items()),
        )
        if taken:
            query = query.where(models.FormRequest.ticket_number.is_not(None))
        return int(self._connection.execute(query).scalar_one())

    def forget_requests(self, before: datetime) -> None:
        """Forms that came to nothing."""
        old = models.FormRequest.created_at < before
        query = delete(models.FormRequest).where(old, models.FormRequest.ticket_number.is_(None))
        self._connection.execute(query)

    def _find(self, query: Select[Any]) -> CallbackRecord | None:
        row = self._connection.execute(query).one_or_none()
        return _record(row) if row is not None else None

    def _find_leg(self, which: ColumnElement[bool]) -> CallbackLeg | None:
        row = self._connection.execute(_LEG.where(which).limit(1)).one_or_none()
        return CallbackLeg(*row) if row is not None else None


def _record(row: Sequence[Any]) -> CallbackRecord:
    held = {each.name: value for each, value in zip(fields(CallbackRecord), row, strict=True)}
    held["purpose"] = Purpose(held["purpose"])
    held["state"] = CallbackState(held["state"])
    return CallbackRecord(**held)
