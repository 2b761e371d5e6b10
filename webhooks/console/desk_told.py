"""What the agent tells the caller at the end or when he asks, in the caller's language."""

from flask import url_for

from ivr.contracts.windows import local_time
from ivr.desk.card import Outcome
from ivr.services.desk_sight import Sight
from webhooks.console.pages import page_language
from webhooks.console.tickets import ticket_address
from webhooks.console.words import translator


def ticket_link(number: int) -> str:
    """The ticket's page, or its place in the list for whoever has no page of it."""
    return ticket_address(number) or url_for("console.tickets", q=number)


def spoken_language(sight: Sight) -> str:
    """In which the caller is spoken to."""
    session = sight.standing.session
    heard = session.language if session is not None else None
    known = sight.notice.language if sight.notice is not None else heard
    return sight.card.language or known or page_language()


def say(sight: Sight) -> str:
    """What the caller is told at the end, in his language; empty while nothing is decided."""
    number, said = sight.summary.ticket_number, translator(spoken_language(sight))
    if sight.card.outcome in (Outcome.WITHDRAWN, Outcome.REFUSED):
        return said("desk.say_nobody")
    is_ordered = sight.card.outcome is Outcome.ORDERED or sight.facts.ordered_by_phone
    if number is None or not (is_ordered or sight.card.outcome is Outcome.TICKET):
        return ""
    search = sight.search_for_caller
    if search is not None and search.is_worrying:
        return said("desk.say_longer", number=number)
    if sight.due is None:
        return said("desk.say_soon" if is_ordered else "desk.say_later", number=number)
    due, now = local_time(sight.due), local_time(sight.at)
    until = due.strftime("%H:%M" if due.date() == now.date() else "%d.%m. %H:%M")
    return said("desk.say_until", number=number, until=until)


def if_asked(sight: Sight) -> list[str]:
    """What the customer may want to know about the words of the notice, in his language."""
    if sight.notice is None or sight.conditions is None:
        return []
    said = translator(sight.notice.language)
    keys = [str(each.key) for each in sight.notice.prompts]
    named = {
        "basic": any(key.startswith(("notice_work", "notice_price_list")) for key in keys),
        "units": any(key.endswith("_units") for key in keys),
        "upgrade": "notice_credit" in keys,
    }
    return [said(f"desk.if_asked_{each}") for each, is_named in named.items() if is_named]
