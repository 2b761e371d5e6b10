"""The service desk's cards, who has one open, and who takes calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base

_OPEN = text("closed_at IS NULL")


class DeskCard(Base):
    """What an agent knows, checked, explained and did in one call.

    `number` is what the whisper speaks, unique among open cards. The explained words stand here in
    full, with their prompts and figures, so that an order is sealed with what was read out.
    `taken_by` is the person who has the caller on the line; `answers` how the questions came out.
    """

    __tablename__ = "desk_card"
    __table_args__ = (
        Index(
            "uq_desk_card_open_number",
            "number",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int | None]
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), unique=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int]
    changed_by: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    language: Mapped[str | None] = mapped_column(String(2))
    check_result: Mapped[str] = mapped_column(String(20))
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str | None] = mapped_column(String(200))
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    answers: Mapped[str] = mapped_column(String(200), default="", server_default="")
    taken_by: Mapped[int | None]
    taken_name: Mapped[str | None] = mapped_column(String(200))
    taken_at: Mapped[datetime | None]
    preconditions_met: Mapped[bool]
    explained_at: Mapped[datetime | None]
    explained_by: Mapped[str | None] = mapped_column(String(200))
    explained_sha256: Mapped[str | None] = mapped_column(String(64))
    explained_text: Mapped[str | None] = mapped_column(Text)
    explained_notice: Mapped[str | None] = mapped_column(Text)
    explained_figures: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(20))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))
    caller_name: Mapped[str] = mapped_column(String(200))
    callback_number: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)


class DeskPresence(Base):
    """Who has a card open in his browser; refreshed by the page, never by a person."""

    __tablename__ = "desk_presence"

    card_id: Mapped[str] = mapped_column(ForeignKey("desk_card.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime]


class DeskReady(Base):
    """Who takes calls now; his browser says so again and again, and without it he does not."""

    __tablename__ = "desk_ready"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime]
