"""What calls ask about disturbances: does one touch the caller, and may he be told of its end?"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from ivr.alerts.touching import Touched, touches
from ivr.callflow.disturbed import (
    DisturbanceFacts,
    DisturbanceFound,
    DisturbanceOver,
    FindDisturbance,
    InformMe,
    InformNoted,
)
from ivr.callflow.events import Event
from ivr.contracts.windows import local_time
from ivr.services.context import Context, Executors
from ivr.services.disturbance_records import DisturbanceRecord, NewInform

_MOBILE = re.compile(r"\+417[5-9]\d{7}")


class DisturbanceCalls:
    """Answers the flow. `by_sms` where text messages can be sent."""

    def __init__(self, *, by_sms: bool) -> None:
        self._by_sms = by_sms

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {FindDisturbance: self.find, InformMe: self.inform}

    def find(self, context: Context, request: FindDisturbance) -> DisturbanceFound:
        """One statement for most calls: there is no disturbance at all."""
        found = self._find(context, request)
        if found is None or found.id == request.heard:
            return DisturbanceFound(context.at, None)
        email, number = self._address(context, request.customer_id)
        facts = DisturbanceFacts(
            id=found.id,
            what=found.texts.get(request.language, ""),
            since=found.started_at,
            expected=found.expected_at,
            can_inform=email is not None or number is not None,
        )
        return DisturbanceFound(context.at, facts)

    def inform(self, context: Context, request: InformMe) -> Event:
        """Nobody waits for the end of what is over."""
        found = context.uow.disturbances.find(request.disturbance_id)
        if found is None or not found.is_on(context.at):
            return DisturbanceOver(context.at)
        email, number = self._address(context, request.customer_id)
        call = context.uow.calls.get(context.call_id)
        wish = NewInform(
            disturbance_id=found.id,
            call_id=call.id,
            customer_id=request.customer_id,
            number=number,
            email=email,
            language=request.language,
            asked_at=context.at,
            rehearsal=call.rehearsal,
        )
        context.uow.disturbances.ask(wish)
        return InformNoted(context.at)

    def _find(self, context: Context, request: FindDisturbance) -> DisturbanceRecord | None:
        return next(iter(list_touching(context, request.customer_id)), None)

    def _address(self, context: Context, customer_id: int | None) -> tuple[str | None, str | None]:
        """His mail address, and the mobile number he calls from where it gets text messages."""
        number = context.uow.calls.get(context.call_id).caller_number
        mobile = number if self._by_sms and number and _MOBILE.fullmatch(number) else None
        if customer_id is None:
            return None, mobile
        people = [each for each in context.uow.contacts.list_of(customer_id) if each.email]
        own = [each for each in people if number is not None and each.phone == number]
        entitled = [each for each in people if each.may_order]
        chosen = [each.email for each in (*own, *entitled)][:1]
        return (chosen[0] if chosen else None), mobile


def list_touching(context: Context, customer_id: int | None) -> Sequence[DisturbanceRecord]:
    """What touches this caller now, the newest first; mostly there is nothing to ask about him."""
    current = context.uow.disturbances.list_current(context.at)
    if not current:
        return ()
    caller = touched(context, customer_id)
    return [each for each in current if touches(each.scopes, caller)]


def touched(context: Context, customer_id: int | None) -> Touched:
    """Of all his places: which of them he calls about is not known yet."""
    if customer_id is None:
        return Touched()
    customer = context.uow.customers.get(customer_id, _day(context.at))
    places = [place.id for place in customer.locations]
    plans = frozenset(place.plan_id for place in customer.locations if place.plan_id)
    return Touched(customer.number, plans, context.uow.disturbances.services_of(places))


def _day(at: datetime) -> date:
    return local_time(at).date()
