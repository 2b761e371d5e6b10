"""The memory of one inbound call between two turns."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ivr.callflow.disturbed import DisturbanceFacts
from ivr.callflow.facts import CustomerFacts, IdentifiedBy, KnownTicket, LocationFacts
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Language, Prompt, PromptKey, Value, prompt
from ivr.callflow.requests import OrderState
from ivr.contracts.conditions import Conditions
from ivr.contracts.windows import WindowState
from ivr.roster.hunt import HuntPlan, Target


class State(StrEnum):
    """What the call is waiting for."""

    NEW = "new"
    IDENTIFYING = "identifying"
    FINDING_DISTURBANCE = "finding_disturbance"
    HEARING_DISTURBANCE = "hearing_disturbance"
    NOTING_INFORM = "noting_inform"
    OFFERING_TICKET = "offering_ticket"
    JOINING_TICKET = "joining_ticket"
    CHOOSING_LANGUAGE = "choosing_language"
    ENTERING_SUPPORT_CODE = "entering_support_code"
    CHECKING_SUPPORT_CODE = "checking_support_code"
    CHOOSING_LOCATION = "choosing_location"
    ASSESSING_WINDOW = "assessing_window"
    ANSWERING_PRECONDITIONS = "answering_preconditions"
    HEARING_NOTICE = "hearing_notice"
    CONFIRMING = "confirming"
    CONFIRMING_CHARGE = "confirming_charge"
    AUTHORISING = "authorising"
    CHECKING_AUTHORISATION = "checking_authorisation"
    CHOOSING_OUTSIDE_WINDOW = "choosing_outside_window"
    MAY_WITHDRAW = "may_withdraw"
    OPENING_ORDER = "opening_order"
    PLANNING_HUNT = "planning_hunt"
    RESERVING_TECHNICIANS = "reserving_technicians"
    RINGING_TECHNICIANS = "ringing_technicians"
    LOOKING_FOR_TECHNICIAN = "looking_for_technician"
    WAITING_FOR_TECHNICIAN = "waiting_for_technician"
    PLANNING_DESK = "planning_desk"
    RESERVING_DESK = "reserving_desk"
    RINGING_DESK = "ringing_desk"
    OFFERING_RECONNECTION = "offering_reconnection"
    RESERVING_AGAIN = "reserving_again"
    LEAVING_MESSAGE = "leaving_message"
    STORING_MESSAGE = "storing_message"
    STORING_LAST_WORDS = "storing_last_words"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallerKnowledge:
    """Who the caller is as far as we know. `located` where the location is certain."""

    identified_by: IdentifiedBy = IdentifiedBy.NOTHING
    customer: CustomerFacts | None = None
    location: LocationFacts | None = None
    located: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of this call: the window and the conditions it was made for, when it was heard.

    Once it is announced, its prompts are in the words that were chosen then.
    `pressed_at` is when the caller confirmed it; an order may still need his support code.
    """

    prompts: tuple[Prompt, ...]
    window: WindowState
    conditions: Conditions
    heard_from: datetime | None = None
    heard_until: datetime | None = None
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hunt:
    """How far the ringing has come. `position` is the group to ring next.

    `engaged` are technicians who were not rung because they are on a call; `tried` where another one
    was. `waits_for` are those whom the caller waits for, `looks` how often it was looked.
    """

    plan: HuntPlan
    started_at: datetime
    position: int = 0
    rung: int = 0
    engaged: tuple[int, ...] = ()
    tried: bool = False
    waits_for: tuple[Target, ...] = ()
    waits_since: datetime | None = None
    wait_until: datetime | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Detour:
    """A look at known disturbances, and where the call goes on afterwards.

    `greet` where the greeting is still to be heard; `facts` once a disturbance was found.
    """

    then: State
    customer_id: int | None = None
    greet: bool = False
    facts: DisturbanceFacts | None = None


@dataclass(frozen=True, slots=True)
class SupportSession:
    """`tries` counts unanswered questions in the present state, `repeats` wished repetitions.

    `preconditions` counts those that the caller has answered with yes, `assessments` how often the
    window was looked at. `heard` is the disturbance that the caller was told of. `offered` where he
    heard of an open ticket; `about` is that ticket once he calls about it, for the `calls`-th time.
    """

    state: State = State.NEW
    language: Language = Language.DE
    can_ring_at_once: bool = False
    caller: CallerKnowledge = CallerKnowledge()
    tries: int = 0
    repeats: int = 0
    assessments: int = 0
    preconditions: int = 0
    notice: Notice | None = None
    order: OrderState = OrderState.NONE
    ticket: str | None = None
    hunt: Hunt | None = None
    reconnected: bool = False
    detour: Detour | None = None
    heard: int | None = None
    offered: bool = False
    about: KnownTicket | None = None
    calls: int = 0

    def to(self, state: State) -> "SupportSession":
        """The same call in another state, its questions counted anew."""
        return replace(self, state=state, tries=0, repeats=0)

    def again(self) -> "SupportSession":
        """The same question once more."""
        return replace(self, tries=self.tries + 1)

    def say(self, key: PromptKey, /, **values: Value) -> Prompt:
        """A prompt in the caller's language."""
        return prompt(key, self.language, **values)


SupportTurn = Turn[SupportSession]
