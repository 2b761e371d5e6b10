"""The chain over the consents: one seal for each consent of a real call."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class ConsentSeal(Base):
    """A link of the chain, see `ivr/consent/chain.py`. It outlives the words of its consent."""

    __tablename__ = "consent_seal"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id"), unique=True)
    facts: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
