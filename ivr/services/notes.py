"""Writing on the call record what the flow wants remembered."""

from datetime import datetime

from ivr.callflow.requests import (
    CallResult,
    CloseCall,
    NoteOrder,
    NoteWindow,
    OrderState,
    ReportUnplayable,
)
from ivr.services.case_clock import unclaimed_key
from ivr.services.context import Context, Executors
from ivr.services.ports import Observer
from ivr.services.repeats import climb_key


class Notes:
    """The call record: window, order, end."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {
            NoteWindow: self.window,
            NoteOrder: self.order,
            ReportUnplayable: self.unplayable,
            CloseCall: self.close,
        }

    def window(self, context: Context, request: NoteWindow) -> None:
        """At answer and at the confirmation: a call may cross a closing hour (A.7, 5)."""
        column = (
            "window_open_at_confirmation" if request.at_confirmation else "window_open_at_answer"
        )
        context.uow.calls.note(context.call_id, **{column: request.open})

    def order(self, context: Context, request: NoteOrder) -> None:
        """The reaction time runs from the confirmed order."""
        ordered_at: datetime | None = context.at if request.state is OrderState.ORDERED else None
        context.uow.calls.note(
            context.call_id,
            order_state=request.state,
            ordered_at=ordered_at,
            order_kind=request.kind,
        )

    def unplayable(self, context: Context, request: ReportUnplayable) -> None:
        """A notice nobody can hear is nobody's consent: an admin must look."""
        keys = [prompt.key for prompt in request.prompts]
        self._observer.trouble("notice_unplayable", call=context.call_id, prompts=keys)

    def close(self, context: Context, request: CloseCall) -> None:
        """The record is complete."""
        result: CallResult = request.result
        context.uow.calls.note(context.call_id, result=result, ended_at=context.at)
        number = context.uow.calls.get(context.call_id).ticket_number
        if number is not None:
            context.uow.timers.expedite(unclaimed_key(number), context.at)
            context.uow.timers.expedite(climb_key(number), context.at)
