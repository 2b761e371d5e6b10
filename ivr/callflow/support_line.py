"""The inbound call, from the greeting to a person or a ticket.

The order of a call is A.7 of the rules: answer, identify (caller number, else one support code),
locate where it is ambiguous, check the plan's window, play the cost notice that cannot be
interrupted, confirm, give the caller time to withdraw, ring the technician on duty, his deputies
and the service desk, and record a message if nobody can be reached.

What must never happen: no key and no hang-up is an order; nobody is dialled before five seconds
have passed since the end of the notice (Swiss price ordinance, PBV art. 11a, B.8); no path ends in
silence. The parts live beside this table: `identifying`, `disturbance`, `repeat`, `ordering`,
`charging`, `hunting`, `waiting`, `message`.
"""

from ivr.callflow import (
    charging,
    disturbance,
    hunting,
    identifying,
    message,
    ordering,
    repeat,
    waiting,
)
from ivr.callflow.disturbed import DisturbanceFound, DisturbanceOver, InformNoted
from ivr.callflow.events import (
    CallerHungUp,
    CallerIdentified,
    CallStarted,
    DialEnded,
    DigitsEntered,
    DigitsTimedOut,
    HuntPlanned,
    LegsReserved,
    MessageRecorded,
    PlaybackFinished,
    SupportCodeAccepted,
    SupportCodeRefused,
    TicketOpened,
    WindowAssessed,
)
from ivr.callflow.machine import Flow
from ivr.callflow.repeated import TicketJoined, TicketOver
from ivr.callflow.support_session import State, SupportSession

SUPPORT_LINE: Flow[SupportSession] = Flow(
    name="support_line",
    initial=SupportSession(),
    final=frozenset({State.ENDED}),
    table={
        State.NEW: {CallStarted: identifying.started},
        State.IDENTIFYING: {CallerIdentified: identifying.identified},
        State.FINDING_DISTURBANCE: {DisturbanceFound: disturbance.found},
        State.HEARING_DISTURBANCE: {
            DigitsEntered: disturbance.key_pressed,
            DigitsTimedOut: disturbance.no_key,
            CallerHungUp: ordering.abandoned,
        },
        State.NOTING_INFORM: {
            InformNoted: disturbance.noted,
            DisturbanceOver: disturbance.over,
        },
        State.OFFERING_TICKET: {
            DigitsEntered: repeat.key_pressed,
            DigitsTimedOut: repeat.no_key,
            CallerHungUp: ordering.abandoned,
        },
        State.JOINING_TICKET: {TicketJoined: repeat.joined, TicketOver: repeat.over},
        State.CHOOSING_LANGUAGE: {
            DigitsEntered: identifying.language_chosen,
            DigitsTimedOut: identifying.no_language,
            CallerHungUp: ordering.abandoned,
        },
        State.ENTERING_SUPPORT_CODE: {
            DigitsEntered: identifying.support_code_entered,
            DigitsTimedOut: identifying.no_support_code,
            CallerHungUp: ordering.abandoned,
        },
        State.CHECKING_SUPPORT_CODE: {
            SupportCodeAccepted: identifying.support_code_accepted,
            SupportCodeRefused: identifying.support_code_refused,
        },
        State.CHOOSING_LOCATION: {
            DigitsEntered: identifying.location_chosen,
            DigitsTimedOut: identifying.no_location,
            CallerHungUp: ordering.abandoned,
        },
        State.ASSESSING_WINDOW: {WindowAssessed: charging.window_assessed},
        State.ANSWERING_PRECONDITIONS: {
            DigitsEntered: charging.precondition_answered,
            DigitsTimedOut: charging.no_precondition,
            CallerHungUp: ordering.abandoned,
        },
        State.HEARING_NOTICE: {
            PlaybackFinished: ordering.notice_heard,
            CallerHungUp: ordering.abandoned,
        },
        State.CONFIRMING: {
            DigitsEntered: ordering.confirmation_key,
            DigitsTimedOut: ordering.no_confirmation,
            CallerHungUp: ordering.abandoned,
        },
        State.CONFIRMING_CHARGE: {
            DigitsEntered: charging.charge_key,
            DigitsTimedOut: ordering.no_confirmation,
            CallerHungUp: ordering.abandoned,
        },
        State.AUTHORISING: {
            DigitsEntered: charging.authorisation_entered,
            DigitsTimedOut: charging.no_authorisation,
            CallerHungUp: ordering.abandoned,
        },
        State.CHECKING_AUTHORISATION: {
            SupportCodeAccepted: charging.authorised,
            SupportCodeRefused: charging.authorisation_refused,
        },
        State.CHOOSING_OUTSIDE_WINDOW: {
            DigitsEntered: ordering.outside_window_key,
            DigitsTimedOut: ordering.no_outside_window_key,
            CallerHungUp: ordering.abandoned,
        },
        State.MAY_WITHDRAW: {
            DigitsEntered: ordering.withdrawal_key,
            DigitsTimedOut: ordering.withdrawal_time_over,
            CallerHungUp: ordering.hung_up_before_dispatch,
        },
        State.OPENING_ORDER: {TicketOpened: hunting.order_opened},
        State.PLANNING_HUNT: {HuntPlanned: hunting.hunt_planned},
        State.RESERVING_TECHNICIANS: {LegsReserved: hunting.technicians_reserved},
        State.RINGING_TECHNICIANS: {
            DialEnded: hunting.technicians_rung,
            CallerHungUp: hunting.hung_up_while_ringing,
        },
        State.LOOKING_FOR_TECHNICIAN: {LegsReserved: waiting.looked},
        State.WAITING_FOR_TECHNICIAN: {
            DigitsEntered: waiting.key_pressed,
            DigitsTimedOut: waiting.no_key,
            CallerHungUp: waiting.hung_up,
        },
        State.PLANNING_DESK: {HuntPlanned: hunting.desk_planned},
        State.RESERVING_DESK: {LegsReserved: hunting.desk_reserved},
        State.RINGING_DESK: {
            DialEnded: hunting.desk_rung,
            CallerHungUp: hunting.hung_up_while_ringing,
        },
        State.OFFERING_RECONNECTION: {
            DigitsEntered: hunting.reconnection_key,
            DigitsTimedOut: hunting.no_reconnection,
            CallerHungUp: hunting.hung_up_after_bridge,
        },
        State.RESERVING_AGAIN: {LegsReserved: hunting.reserved_again},
        State.LEAVING_MESSAGE: {
            MessageRecorded: message.recorded,
            CallerHungUp: message.hung_up,
        },
        State.STORING_MESSAGE: {TicketOpened: message.stored},
        State.STORING_LAST_WORDS: {TicketOpened: message.stored_after_hang_up},
    },
)
