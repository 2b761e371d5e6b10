"""The rules that the roster is made of: rotations, overrides, absences, swaps; and its feeds."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class RosterRotation(Base):
    """`hours` is JSON: the windows of each weekday, or null for always."""

    __tablename__ = "roster_rotation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int]
    days: Mapped[int]
    hand_over: Mapped[time]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    hours: Mapped[str | None] = mapped_column(Text)


class RosterParticipant(Base):
    """Somebody's place in the order of a rotation."""

    __tablename__ = "roster_participant"

    rotation_id: Mapped[int] = mapped_column(ForeignKey("roster_rotation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))


class RosterSwap(Base):
    """One asks, the other answers; both with the time. `back_*`: what the asker takes over for it."""

    __tablename__ = "roster_swap"

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("technician.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("technician.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    back_starts_at: Mapped[datetime | None]
    back_ends_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class RosterOverride(Base):
    """Somebody else, or nobody, in a place for a span."""

    __tablename__ = "roster_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int]
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(200))
    swap_id: Mapped[int | None] = mapped_column(ForeignKey("roster_swap.id"))


class RosterAbsence(Base):
    """Somebody is away. `uid` names it in the calendar it was imported from."""

    __tablename__ = "roster_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(200))
    uid: Mapped[str] = mapped_column(String(200))


class CalendarFeed(Base):
    """A private address of a calendar; with a new salt the old address is worth nothing.

    Its `scope` is `own` (the duties of the person) or `roster` (everybody's).
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("person_id", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    scope: Mapped[str] = mapped_column(String(10))
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]


class RosterAlarm(Base):
    """A problem of the roster that was told of on a day, so that nobody is told twice."""

    __tablename__ = "roster_alarm"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
