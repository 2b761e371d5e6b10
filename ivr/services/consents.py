"""Consents: what the caller heard and pressed, kept so that it can be proved.

Each consent of a real call is sealed into a chain with a key that lies outside the database. The
facts under the seal hold no personal text, only its digest: the words of a person can be erased and
the chain still holds. A rehearsal's consent is shown and never sealed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ivr.callflow import codec
from ivr.callflow.requests import NoteConsent
from ivr.consent.chain import Break, Damage, Head, Link, append, canonical, digest, verify
from ivr.services.context import Context, Executors
from ivr.services.ports import Wording
from ivr.services.records import CallRecord, ConsentRecord, SealedConsent
from ivr.services.stores import UnitOfWork


class Consents:
    """Writes consents, and finds out whether somebody has changed them."""

    def __init__(self, wording: Wording, key: bytes) -> None:
        self._wording = wording
        self._key = key

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {NoteConsent: self.keep}

    def keep(self, context: Context, request: NoteConsent, agent_id: int | None = None) -> None:
        """The exact words that were heard, in full, and the key that followed; or who read them out."""
        text = " ".join(self._wording.text(prompt) for prompt in request.notice)
        consent = ConsentRecord(
            call_id=context.call_id,
            language=request.notice[0].language,
            prompts=codec.to_json(request.notice),
            text=text,
            text_sha256=digest(text),
            heard_from=request.heard_from,
            heard_until=request.heard_until,
            key=request.key,
            pressed_at=request.pressed_at,
            figures=codec.to_json(request.conditions),
            authorised_by=request.authorised_by,
            agent_id=agent_id,
        )
        context.uow.consents.add(consent, self._link(context, consent))

    def _link(self, context: Context, consent: ConsentRecord) -> Link | None:
        call = context.uow.calls.get(context.call_id)
        if call.rehearsal:
            return None
        context.uow.consents.lock()
        identified_by = context.uow.calls.summary(call.id).identified_by
        facts = _consent_facts(consent) | _call_facts(call, identified_by)
        return append(self._key, context.uow.consents.find_head(), facts, consent.text)

    def verify(self, uow: UnitOfWork, against: Sequence[Head] = ()) -> list[Break]:
        """Everything that was changed, removed, cut off or written anew; empty if nothing was."""
        changed: list[Break] = []
        breaks = verify(self._key, _watched(uow.consents.walk(), changed), against)
        return sorted({*breaks, *changed}, key=lambda each: (each.sequence, each.damage))


def _watched(chain: Iterator[SealedConsent], changed: list[Break]) -> Iterator[Link]:
    """The links; a consent that no longer says what was sealed is noted on the way."""
    for sealed in chain:
        if not _says_what_was_sealed(sealed):
            changed.append(Break(sealed.link.sequence, Damage.CHANGED))
        yield sealed.link


def _says_what_was_sealed(sealed: SealedConsent) -> bool:
    facts = _consent_facts(sealed.consent)
    return canonical({**json.loads(sealed.link.facts), **facts}) == sealed.link.facts


def _consent_facts(consent: ConsentRecord) -> dict[str, Any]:
    figures = {"figures": json.loads(consent.figures)} if consent.figures else {}
    authorised = {"authorised_by": consent.authorised_by} if consent.authorised_by else {}
    agent = {"agent": consent.agent_id} if consent.agent_id is not None else {}
    return (
        figures
        | authorised
        | agent
        | {
            "call": consent.call_id,
            "language": str(consent.language),
            "text_sha256": consent.text_sha256,
            "heard_from": consent.heard_from.isoformat(),
            "heard_until": consent.heard_until.isoformat(),
            "key": consent.key,
            "pressed_at": consent.pressed_at.isoformat(),
        }
    )


def _call_facts(call: CallRecord, identified_by: str) -> dict[str, Any]:
    return {
        "channel": call.channel,
        "customer": call.customer_id,
        "location": call.location_id,
        "contract": call.contract_id,
        "identified_by": identified_by,
    }
