"""The emergency form: checked, shown once more in full, ordered, once.

Whoever sends it proves himself by the support code, as on the line. A wrong customer number, a wrong
PIN and a locked code get one answer, after one verification of a PIN; wrong ones count for the same
locks (B.7). What comes of the order is in `callback_sales.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.alerts.touching import touches
from ivr.callflow import codec
from ivr.callflow.requests import CheckSupportCode
from ivr.contracts.windows import local_time
from ivr.errors import PikettError
from ivr.services.callback_form import Typed
from ivr.services.callback_numbers import may_call_back
from ivr.services.callback_sales import CHANNEL, FormSales
from ivr.services.callback_store import FormRequest, Purpose, RequestState
from ivr.services.callback_terms import EmergencyTermsReader, Offered
from ivr.services.context import Context
from ivr.services.disturbance_calls import touched
from ivr.services.identification import Identification
from ivr.services.lockout import CodeAttempt, Lockout
from ivr.services.pins import Verdict
from ivr.services.ports import Ids
from ivr.services.records import CustomerRecord, LocationRecord
from ivr.services.stores import Storage, UnitOfWork

SOURCE = "web:"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LASTS = timedelta(minutes=30)
"""So long a checked form can be ordered."""


class FormRefusedError(PikettError):
    """It is not taken; `key` is that of a text."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class TooManyError(FormRefusedError):
    """Later, or by telephone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The ticket of an order; `already` where another one of this customer runs: nothing is added."""

    ticket: int
    already: bool = False


class FormExpiredError(PikettError):
    """It was checked too long ago, or is another one meanwhile: again from the start."""


class PriceChangedError(PikettError):
    """What was shown is not what it costs now: shown anew."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Settings: chargeable orders and checked forms."""

    orders_per_hour: int
    orders_per_day: int
    forms_per_hour: int


@dataclass(frozen=True, slots=True)
class _Origin:
    """In which language a form was filled in, where it came from, when."""

    language: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """A checked form before it is ordered; `known` is a disturbance that may explain it (item 79)."""

    request: FormRequest
    customer: CustomerRecord
    offered: Offered
    known: str = ""

    @property
    def places(self) -> Sequence[LocationRecord]:
        """Asked for where there are several."""
        return self.customer.locations


class EmergencyForms:
    """Takes the form."""

    def __init__(
        self,
        storage: Storage,
        ids: Ids,
        limits: FormLimits,
        identification: Identification,
        lockout: Lockout,
        terms: EmergencyTermsReader,
        sales: FormSales,
    ) -> None:
        self._storage = storage
        self._ids = ids
        self._limits = limits
        self._identification = identification
        self._lockout = lockout
        self._terms = terms
        self._sales = sales

    def offered(self, language: str, at: datetime) -> Offered | None:
        """What is sold now; None where it is not."""
        return self._terms.offered(language, at)

    def check(self, typed: Typed, language: str, source: str, at: datetime) -> str:
        """The id of the checked form. Raises FormRefusedError, the same one for all that is wrong."""
        attempt = _attempt(source, at)
        with self._storage.reading() as uow:
            if self._lockout.is_throttled(uow, attempt):
                raise TooManyError("notfall.too_many")
            ahead = self._identification.judge(uow, CheckSupportCode(typed.code))
        if typed.trapped:
            raise FormRefusedError("notfall.refused")
        with self._storage.writing() as uow:
            customer_id = self._admitted(uow, typed, attempt, ahead)
            if customer_id is not None:
                return self._keep(uow, typed, customer_id, _Origin(language, source, at))
        raise FormRefusedError("notfall.refused")

    def _admitted(
        self, uow: UnitOfWork, typed: Typed, attempt: CodeAttempt, ahead: Verdict
    ) -> int | None:
        """A PIN that became another one in between is checked again."""
        uow.codes.lock()
        held = uow.customers.find_credentials(typed.customer)
        code = CheckSupportCode(typed.code)
        same = ahead.held == held
        verdict = ahead if same else self._identification.judge(uow, code)
        if not self._lockout.admits_from(uow, attempt, verdict):
            return None
        return held.customer_id if held is not None else None

    def _keep(self, uow: UnitOfWork, typed: Typed, customer_id: int, origin: _Origin) -> str:
        offered, number = self._terms.offered(origin.language, origin.at), typed.number
        assert offered is not None  # noqa: S101
        assert number is not None  # noqa: S101
        self._refuse_too_many_forms(uow, origin.source, origin.at)
        request = FormRequest(
            id=self._ids.new(),
            created_at=origin.at,
            source=origin.source,
            customer_id=customer_id,
            name=typed.name,
            email=typed.email,
            number=number,
            on_file=may_call_back(uow, customer_id, number) is not None,
            language=origin.language,
            words="\n\n".join(text for text in typed.words.values() if text),
            notice=codec.to_json(offered.prompts),
            figures=codec.to_json(offered.figures),
            shown_at=origin.at,
        )
        uow.callbacks.add_request(request)
        return request.id

    def _refuse_too_many_forms(self, uow: UnitOfWork, source: str, at: datetime) -> None:
        uow.callbacks.forget_requests(at - DAY)
        made = uow.callbacks.count_requests(at - HOUR, taken=False, source=source)
        if source and made >= self._limits.forms_per_hour:
            raise TooManyError("notfall.too_many")

    def summary(self, request_id: str, at: datetime, *, anew: bool = True) -> Summary:
        """What is to be confirmed, `anew` at the price of now; raises FormExpiredError."""
        with self._storage.writing() as uow:
            request = self._fresh(uow, request_id, at)
            offered = self._terms.offered(request.language, at)
            if offered is None:
                raise FormExpiredError(request_id)
            is_open = request.state is RequestState.OPEN
            if anew and is_open and not self._is_price_of(request, offered):
                request = self._show_anew(uow, request, offered, at)
            customer = uow.customers.get(request.customer_id, local_time(at).date())
            return Summary(request, customer, offered, _known(uow, request, at))

    def withdraw(self, request_id: str, at: datetime) -> None:
        """Before it was ordered: nobody is alerted, nothing is charged."""
        with self._storage.writing() as uow:
            request = self._fresh(uow, request_id, at)
            if request.state is RequestState.OPEN:
                uow.callbacks.change_request(
                    request.id, state=RequestState.WITHDRAWN, settled_at=at
                )

    def order(self, request_id: str, location_id: int | None, at: datetime) -> Taken:
        """Its ticket; a second time the same one. Raises what stands in the way."""
        with self._storage.writing() as uow:
            uow.codes.lock()
            known = uow.callbacks.lock_request(request_id)
            if known is not None and known.ticket_number is not None:
                return Taken(known.ticket_number)
            request = self._fresh(uow, request_id, at)
            running = uow.callbacks.find_running(request.customer_id, Purpose.EMERGENCY)
            if running is not None:
                return Taken(running.ticket_number, already=True)
            self._refuse_too_many(uow, request, at)
            self._refuse_other_price(request, at)
            place = self._place(uow, request, location_id, at)
            allowed = may_call_back(uow, request.customer_id, request.number) is not None
            if request.on_file and allowed:
                return Taken(self._sales.sell(uow, request, place, at))
            return Taken(self._sales.hand_to_desk(uow, request, place, at))

    def _fresh(self, uow: UnitOfWork, request_id: str, at: datetime) -> FormRequest:
        found = uow.callbacks.lock_request(request_id)
        if found is None or found.state is RequestState.WITHDRAWN or at - found.created_at > LASTS:
            raise FormExpiredError(request_id)
        return found

    def _refuse_too_many(self, uow: UnitOfWork, request: FormRequest, at: datetime) -> None:
        """For the customer, from the same address, and to the same number, each for itself."""
        tests = {"customer_id": request.customer_id, "number": request.number}
        if request.source:
            tests["source"] = request.source
        for span, most in (
            (HOUR, self._limits.orders_per_hour),
            (DAY, self._limits.orders_per_day),
        ):
            for name, value in tests.items():
                made = uow.callbacks.count_requests(at - span, taken=True, **{name: value})
                if made >= most:
                    raise TooManyError("notfall.too_many_orders")

    def _refuse_other_price(self, request: FormRequest, at: datetime) -> None:
        offered = self._terms.offered(request.language, at)
        if offered is None:
            raise FormExpiredError(request.id)
        if not self._is_price_of(request, offered):
            raise PriceChangedError(request.id)

    @staticmethod
    def _is_price_of(request: FormRequest, offered: Offered) -> bool:
        """That free support opens or closes meanwhile changes no price."""
        shown, now = codec.from_json(request.figures), offered.figures
        same = replace(offered.terms, free_support_now=shown.emergency.free_support_now)
        return bool(shown == replace(now, emergency=same))

    @staticmethod
    def _show_anew(
        uow: UnitOfWork, request: FormRequest, offered: Offered, at: datetime
    ) -> FormRequest:
        notice, figures = codec.to_json(offered.prompts), codec.to_json(offered.figures)
        uow.callbacks.change_request(request.id, notice=notice, figures=figures, shown_at=at)
        return replace(request, notice=notice, figures=figures, shown_at=at)

    @staticmethod
    def _place(
        uow: UnitOfWork, request: FormRequest, location_id: int | None, at: datetime
    ) -> LocationRecord | None:
        """The only one, or the one of his that was chosen."""
        places = uow.customers.get(request.customer_id, local_time(at).date()).locations
        if len(places) == 1:
            return places[0]
        return next((each for each in places if each.id == location_id), None)


def _known(uow: UnitOfWork, request: FormRequest, at: datetime) -> str:
    """What is known already is told before any cost."""
    current = uow.disturbances.list_current(at)
    if not current:
        return ""
    his = touched(Context(uow, request.id, request.id, at), request.customer_id)
    found = next((each for each in current if touches(each.scopes, his)), None)
    return found.texts.get(request.language, "") if found is not None else ""


def _attempt(source: str, at: datetime) -> CodeAttempt:
    """An address counts like a caller's number; without one, the form as a whole like a channel."""
    named = f"{SOURCE}{source}" if source else f"channel:{CHANNEL}"
    return CodeAttempt(at, CHANNEL, named, by_number=bool(source), rehearsal=False)
