"""What is said, as keys and typed values; the words live in `prompts/`.

A flow never holds text. A prompt names a key of the catalogue, the language and the values its
text asks for, so that catalogue, recordings and text-to-speech decide what is heard.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.contracts.money import Money
from ivr.contracts.plans import FirstReaction


class Language(StrEnum):
    """Languages of the line, German first (Q14)."""

    DE = "de"
    FR = "fr"
    IT = "it"
    EN = "en"


class PromptKey(StrEnum):
    """Every prompt a flow or the static fallback may ask for; the catalogue holds exactly these."""

    LANGUAGE_MENU = "language_menu"
    GREETING = "greeting"
    ASK_SUPPORT_CODE = "ask_support_code"
    SUPPORT_CODE_REFUSED = "support_code_refused"
    ASK_LOCATION = "ask_location"
    LOCATION_OPTION = "location_option"
    OPEN_TICKET = "open_ticket"
    NO_CONTRACT = "no_contract"
    DISTURBANCE = "disturbance"
    DISTURBANCE_UNNAMED = "disturbance_unnamed"
    DISTURBANCE_SINCE = "disturbance_since"
    DISTURBANCE_UNTIL = "disturbance_until"
    DISTURBANCE_CHOICE = "disturbance_choice"
    DISTURBANCE_CHOICE_STAY = "disturbance_choice_stay"
    DISTURBANCE_OVER = "disturbance_over"
    INFORM_NOTED = "inform_noted"
    NOTICE_WORK = "notice_work"
    NOTICE_WORK_UNITS = "notice_work_units"
    NOTICE_PRICE_LIST = "notice_price_list"
    NOTICE_PRICE_LIST_UNITS = "notice_price_list_units"
    NOTICE_FAST_LANE = "notice_fast_lane"
    NOTICE_CREDIT = "notice_credit"
    NOTICE_EMERGENCY = "notice_emergency"
    NOTICE_FREE_SUPPORT = "notice_free_support"
    NOTICE_OUTSIDE_WINDOW = "notice_outside_window"
    NOTICE_OUTSIDE_WINDOW_UNKNOWN = "notice_outside_window_unknown"
    ASK_UNREACHABLE = "ask_unreachable"
    ASK_NO_MAINTENANCE = "ask_no_maintenance"
    CONFIRM_ORDER = "confirm_order"
    CONFIRM_CHARGE = "confirm_charge"
    ASK_CODE_TO_ORDER = "ask_code_to_order"
    CHOOSE_OUTSIDE_WINDOW = "choose_outside_window"
    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"
    STILL_TRYING = "still_trying"
    TECHNICIANS_BUSY = "technicians_busy"
    HOLD = "hold"
    TECHNICIAN_FREE = "technician_free"
    CONNECTING_DESK = "connecting_desk"
    NOBODY_REACHED = "nobody_reached"
    ASK_MESSAGE = "ask_message"
    ASK_MESSAGE_AGAIN = "ask_message_again"
    MESSAGE_SAVED = "message_saved"
    TICKET_NUMBER = "ticket_number"
    BRIDGE_ENDED = "bridge_ended"
    BRIDGE_LOST = "bridge_lost"
    GOODBYE = "goodbye"
    APOLOGY = "apology"

    WHISPER = "whisper"
    WHISPER_UNKNOWN = "whisper_unknown"
    WHISPER_CARD = "whisper_card"
    WHISPER_REPEAT = "whisper_repeat"
    WHISPER_KEYS = "whisper_keys"
    LEG_ACCEPTED = "leg_accepted"
    LEG_DECLINED = "leg_declined"
    LEG_NOT_ACCEPTED = "leg_not_accepted"
    ALREADY_TAKEN = "already_taken"
    FOLLOW_UP = "follow_up"
    CALLER_LEFT = "caller_left"
    CALLER_LEFT_TICKET = "caller_left_ticket"

    ALERT = "alert"
    ALERT_DUE = "alert_due"
    ALERT_OVERDUE = "alert_overdue"
    ALERT_TICKET = "alert_ticket"
    ALERT_FURTHER = "alert_further"
    ALERT_KEYS = "alert_keys"
    ALERT_KEYS_AT_ONCE = "alert_keys_at_once"
    ALERT_CANNOT_WAIT = "alert_cannot_wait"
    ALERT_PASSED_ON = "alert_passed_on"
    ALERT_DEFERRED = "alert_deferred"
    ALERT_TAKEN = "alert_taken"
    ALERT_ALREADY_TAKEN = "alert_already_taken"
    ALERT_CLOSED = "alert_closed"
    ALERT_NO_KEY = "alert_no_key"

    READINESS = "readiness"
    READINESS_DUTY = "readiness_duty"
    READINESS_KEY = "readiness_key"
    READINESS_CONFIRMED = "readiness_confirmed"
    READINESS_NO_KEY = "readiness_no_key"

    RECORDING_NUMBER = "recording_number"
    RECORDING_PIN = "recording_pin"
    RECORDING_WRONG = "recording_wrong"
    RECORDING_SHUT = "recording_shut"
    RECORDING_CHOOSE = "recording_choose"
    RECORDING_UNKNOWN = "recording_unknown"
    RECORDING_WORDS = "recording_words"
    RECORDING_KEYS = "recording_keys"
    RECORDING_SPEAK = "recording_speak"
    RECORDING_NOTHING = "recording_nothing"
    RECORDING_USELESS = "recording_useless"
    RECORDING_REVIEW = "recording_review"
    RECORDING_KEPT = "recording_kept"
    RECORDING_NO_SUCH_KEY = "recording_no_such_key"
    RECORDING_SILENCE = "recording_silence"
    RECORDING_TIME_OVER = "recording_time_over"

    CALLBACK_KEYS = "callback_keys"
    CALLBACK_CALLING = "callback_calling"
    CALLBACK_LATER = "callback_later"
    CALLBACK_OFF = "callback_off"
    CALLBACK_NOT_REACHED = "callback_not_reached"
    CALLBACK_NOT_REACHED_LAST = "callback_not_reached_last"


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits spoken one by one, such as a ticket number."""

    digits: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant spoken as day and local wall time, relative to `now` (today, tomorrow, Monday)."""

    at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name; `digits` (the customer number) is spoken while no sound of it exists.

    A name that is `optional` is left out until then; without either somebody would wait for it.
    """

    text: str
    digits: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the catalogue's own vocabulary, such as a key digit, a language or a window."""

    key: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a thing of the vocabulary, such as `free_unit`, `minute` or `day`."""

    thing: str
    number: int


Value = Digits | Moment | Name | Term | Count | FirstReaction | Money


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language with the values its text names.

    `template` is the text where it was chosen already: what is announced, heard again and sealed is
    one text, whatever is published meanwhile. Empty: the text in use when it is said.
    """

    key: PromptKey
    language: Language
    values: tuple[tuple[str, Value], ...] = ()
    template: str = ""


def prompt(key: PromptKey, language: Language, /, **values: Value) -> Prompt:
    """Build a Prompt with its values by name."""
    return Prompt(key, language, tuple(values.items()))
