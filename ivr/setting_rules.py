"""What the settings mean to the parts of the line: settings in, rules of each part out."""

from datetime import timedelta

from ivr.escalation.limits import Limit
from ivr.identity.lockout import LockoutRules
from ivr.numbers.dial_guard import may_dial
from ivr.office_settings import DayTeamSettings
from ivr.roster.hunt import AcceptBy, HuntRules, Level, Outside, Target
from ivr.services.hunt_plans import DispatchRules, OfficeRules
from ivr.services.mail_text import Recipient
from ivr.services.page_choice import PagingRules
from ivr.services.page_notices import NoticeRules
from ivr.settings import DeskSettings, Settings


def lockout_rules(settings: Settings) -> LockoutRules:
    """When wrong support codes lock, as the settings want it."""
    codes = settings.codes
    return LockoutRules(
        tries=codes.tries,
        first_lock=timedelta(minutes=codes.first_lock_minutes),
        longest_lock=timedelta(hours=codes.longest_lock_hours),
        per_number=codes.per_number_and_hour,
        per_channel=codes.per_channel_and_hour,
        alarm_failures=codes.alarm_failures,
        alarm_span=timedelta(minutes=codes.alarm_minutes),
    )


def dispatch_rules(settings: Settings) -> DispatchRules:
    """The hunt as the settings want it."""
    hunt, office = settings.hunt, settings.office
    extensions = frozenset(hunt.extensions)
    return DispatchRules(
        hunt=HuntRules(
            technician_budget_seconds=hunt.technician_budget_seconds,
            night_starts=hunt.night_starts,
            night_ends=hunt.night_ends,
            second_ring_at_night=hunt.second_ring_at_night,
            simultaneous=hunt.simultaneous,
            bridge_limit_seconds=hunt.bridge_limit_seconds,
            lost_bridge_seconds=hunt.lost_bridge_seconds,
            wait_seconds=hunt.wait_seconds,
        ),
        desk=_staffed(settings.desk, Level.SERVICE_DESK, extensions),
        ring_seconds=hunt.ring_seconds,
        extensions=extensions,
        office=OfficeRules(
            hours=office.hours.opening,
            day_team=_staffed(office.day_team, Level.DAY_TEAM, extensions),
            outside=Outside(office.outside_office_hours),
        ),
        selftest=selftest_technician(settings),
    )


def selftest_technician(settings: Settings) -> Target | None:
    """Who is rung by a call of the line to itself; None: there is none."""
    own = settings.selftest
    if not own.technician:
        return None
    return Target(
        name="selftest",
        level=Level.ON_DUTY,
        number=may_dial(own.technician, frozenset(settings.hunt.extensions)).address or "",
        language=own.language,
        ring_seconds=settings.hunt.ring_seconds,
        accept=AcceptBy.KEY,
    )


def _staffed(
    place: DeskSettings | DayTeamSettings, level: Level, extensions: frozenset[str]
) -> Target | None:
    """A number that people sit at; in the one spelling by which two are known to be the same."""
    if not place.number:
        return None
    return Target(
        name=place.name,
        level=level,
        number=may_dial(place.number, extensions).address or place.number,
        language=place.language,
        ring_seconds=place.ring_seconds,
        accept=AcceptBy(place.accept),
    )


def desk_recipient(settings: Settings) -> Recipient | None:
    """Whom the desk's mails go to, if it has an address."""
    desk = settings.desk
    return Recipient(desk.email, desk.language) if desk.email else None


def paging_rules(settings: Settings) -> PagingRules:
    """How people are rung for cases; the desk and the day team are staffed numbers."""
    dispatch, own = dispatch_rules(settings), settings.escalation
    return PagingRules(
        hunt=dispatch.hunt,
        ring_seconds=own.ring_seconds,
        extensions=dispatch.extensions,
        staffed=tuple(each for each in (dispatch.desk, dispatch.office.day_team) if each),
        limits=(
            Limit(own.calls_per_minute, 60),
            Limit(own.calls_per_quarter, 900),
            Limit(own.calls_per_hour, 3600),
        ),
    )


def notice_rules(settings: Settings) -> NoticeRules:
    """Who is told when everybody was tried in vain: the leads, and the desk."""
    leads = tuple(Recipient(each, "de") for each in settings.escalation.lead_emails)
    desk = desk_recipient(settings)
    return NoticeRules((*leads, *((desk,) if desk is not None else ())))
