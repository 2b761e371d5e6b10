"""Cards of the service desk: made when it is rung or dialled, closed by themselves.

A card is made in the transaction that reserves the desk's telephone, under the lock that all
reservations share, so that no number is given twice. Without a free number the call goes on.
"""

from datetime import datetime, timedelta

from ivr.callflow.requests import CallResult
from ivr.desk.card import next_number
from ivr.roster.hunt import AcceptBy, Level
from ivr.services.context import Context
from ivr.services.desk_records import CHANNEL, NewCard, OpenCard
from ivr.services.ports import Ids
from ivr.services.records import AttemptRecord, NewCall
from ivr.services.stores import Storage, UnitOfWork


class DeskCards:
    """Opens and closes cards; `keep` is how long one stays open after its call."""

    def __init__(self, storage: Storage, ids: Ids, keep: timedelta) -> None:
        self._storage = storage
        self._ids = ids
        self._keep = keep

    def open_for(self, context: Context) -> str:
        """The card of this call, made if it has none; the caller holds the lock of the roster."""
        known = context.uow.desk.find_of_call(context.call_id)
        if known is not None:
            return known.id
        call = context.uow.calls.get(context.call_id)
        card = NewCard(
            id=self._ids.new(),
            number=next_number(context.uow.desk.open_numbers(), context.uow.desk.last_number()),
            call_id=call.id,
            opened_at=context.at,
            customer_id=call.customer_id,
            location_id=call.location_id,
        )
        context.uow.desk.add(card)
        return card.id

    def spoken(self, context: Context, attempt: AttemptRecord) -> str | None:
        """The number for the whisper; a queue that hears none finds its newest call on the board."""
        if attempt.level is not Level.SERVICE_DESK or attempt.accept is not AcceptBy.KEY:
            return None
        card = context.uow.desk.find_of_call(context.call_id)
        return str(card.number) if card is not None and card.number is not None else None

    def open_direct(self, uow: UnitOfWork, customer_id: int | None, at: datetime) -> str:
        """A card for somebody who dialled the desk itself, with a call for its ticket to refer to."""
        uow.roster.lock()
        call_id = self._ids.new()
        uow.calls.add(
            NewCall(
                id=call_id,
                channel=CHANNEL,
                provider_call_id=call_id,
                rehearsal=False,
                clock_shift_seconds=0.0,
                received_at=at,
                caller_raw="",
                caller_number=None,
                no_number_reason=None,
            )
        )
        card_id = self.open_for(Context(uow, call_id, call_id, at))
        if customer_id is not None:
            uow.desk.change(card_id, "", customer_id=customer_id)
        return card_id

    def collect(self, now: datetime) -> int:
        """Close what is old, and the calls that nobody but an agent could have closed."""
        with self._storage.reading() as uow:
            old = [card for card in uow.desk.list_open() if self._is_old(card, now)]
        if old:
            with self._storage.writing() as uow:
                uow.desk.close([card.id for card in old], now)
                for card in old:
                    if card.over_at is None:
                        uow.calls.note(card.call_id, result=CallResult.BRIDGED, ended_at=now)
        return len(old)

    def _is_old(self, card: OpenCard, now: datetime) -> bool:
        """A call on the line is never old; one that only an agent knows of has no end of its own."""
        since = card.over_at or (card.since if card.direct else None)
        return since is not None and since + self._keep < now
