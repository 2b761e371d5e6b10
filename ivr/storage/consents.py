"""Consents and their chain in the database. A consent is written once and never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from ivr.consent.chain import Head, Link
from ivr.services.records import ConsentRecord, SealedConsent
from ivr.storage.models import Call, Consent, ConsentSeal

CHAINING = 0x53454C45
"""The name of the advisory lock; another number than those of roster and codes."""

_CONSENT = (
    Consent.call_id,
    Consent.language,
    Consent.prompts,
    Consent.text,
    Consent.text_sha256,
    Consent.heard_from,
    Consent.heard_until,
    Consent.key,
    Consent.pressed_at,
    Consent.figures,
    Consent.authorised_by,
    Consent.agent_id,
)
_SEAL = (ConsentSeal.sequence, ConsentSeal.facts, ConsentSeal.text_sha256, ConsentSeal.seal)
_LOCK = select(func.pg_advisory_xact_lock(CHAINING))
_HEADS = select(ConsentSeal.sequence, ConsentSeal.seal).order_by(ConsentSeal.sequence.desc())
_OF_CALL = select(*_CONSENT).where(Consent.call_id == bindparam("call_id")).order_by(Consent.id)
_SEALED = select(*_SEAL, *_CONSENT).join(Consent, Consent.id == ConsentSeal.consent_id)
ROWS_AT_ONCE = 500


class SqlConsents:
    """The consent store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """One link after the other. A SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def find_head(self) -> Head | None:
        """The newest link."""
        row = self._connection.execute(_HEADS.limit(1)).one_or_none()
        return Head(*row) if row is not None else None

    def find_head_of(self, call_id: str) -> Head | None:
        """The newest link of a call's own consents."""
        query = _HEADS.join(Consent, Consent.id == ConsentSeal.consent_id)
        row = self._connection.execute(query.where(Consent.call_id == call_id).limit(1)).first()
        return Head(*row) if row is not None else None

    def add(self, consent: ConsentRecord, link: Link | None) -> None:
        """Store a consent with its link; a rehearsal's has none."""
        stored = self._connection.execute(insert(Consent), asdict(consent))
        if link is None:
            return
        seal = {name: getattr(link, name) for name in ("sequence", "facts", "text_sha256", "seal")}
        (consent_id,) = stored.inserted_primary_key or (None,)
        self._connection.execute(insert(ConsentSeal), seal | {"consent_id": consent_id})

    def list_of_call(self, call_id: str) -> Sequence[ConsentRecord]:
        """The consents of a call, in the order of time."""
        rows = self._connection.execute(_OF_CALL, {"call_id": call_id}).all()
        return [ConsentRecord(*row) for row in rows]

    def list_of_ticket(self, number: int) -> Sequence[SealedConsent]:
        """The sealed consents that led to a ticket."""
        query = _SEALED.join(Call, Call.id == Consent.call_id).where(Call.ticket_number == number)
        return list(self._sealed(query))

    def walk(self) -> Iterator[SealedConsent]:
        """The whole chain in order, a few hundred at a time."""
        return self._sealed(_SEALED)

    def _sealed(self, query: Select[*tuple[Any, ...]]) -> Iterator[SealedConsent]:
        rows = self._connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
            query.order_by(ConsentSeal.sequence)
        )
        return (_sealed_consent(row) for row in rows)


def _sealed_consent(row: Sequence[Any]) -> SealedConsent:
    sequence, facts, text_sha256, seal, *consent = row
    record = ConsentRecord(*consent)
    return SealedConsent(Link(sequence, facts, text_sha256, seal, record.text or None), record)
