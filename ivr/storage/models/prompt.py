"""Texts and recordings that admins made for the line, and from when each is heard."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class PromptVersion(Base):
    """With a `sound`, the digest of a recording, `words` are what it says; without, a text.

    `warnings` and `peaks` are JSON lists. `price_version` where a recording names prices.
    """

    __tablename__ = "prompt_version"
    __table_args__ = (Index("ix_prompt_version_key", "key", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Text)
    sound: Mapped[str | None] = mapped_column(String(64), index=True)
    price_version: Mapped[str | None] = mapped_column(String(80))
    seconds: Mapped[float]
    warnings: Mapped[str] = mapped_column(Text)
    peaks: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(500))


class PromptPublication(Base):
    """`slot` is empty for a text, else the words of the recording. No version: what is shipped."""

    __tablename__ = "prompt_publication"
    __table_args__ = (Index("ix_prompt_publication_key", "key", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    slot: Mapped[str] = mapped_column(Text)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_version.id"), index=True)
    from_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    withdrawn_at: Mapped[datetime | None] = mapped_column(index=True)


class PromptNumber(Base):
    """`id` is the number by which a telephone names a prompt: given once, it stays.

    `words` where it is one sentence of a prompt with figures; `digest` of all three.
    """

    __tablename__ = "prompt_number"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class PromptOutdated(Base):
    """That people were told that a recording is out of use while the prices are these."""

    __tablename__ = "prompt_outdated"

    version_id: Mapped[int] = mapped_column(ForeignKey("prompt_version.id"), primary_key=True)
    price_version: Mapped[str] = mapped_column(String(80), primary_key=True)
    told_at: Mapped[datetime]
