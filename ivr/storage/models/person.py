"""The people who log in, their sessions, and the log of what they looked at and changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Person(Base):
    """`totp_salt` with a key outside the database makes the secret of his authenticator.

    `totp_step` is the last time step he used, so that a code counts once.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False)
    totp_salt: Mapped[str | None] = mapped_column(String(32))
    totp_confirmed: Mapped[bool] = mapped_column(default=False)
    totp_step: Mapped[int] = mapped_column(default=0)
    recording_pin_hash: Mapped[str | None] = mapped_column(String(200))
    recording_pepper_version: Mapped[int | None]
    disabled_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class WebSession(Base):
    """A login. Only the digest of its token is stored; a row that timed out knows whose it was."""

    __tablename__ = "web_session"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class LoginStanding(Base):
    """Wrong passwords of a login name since the last right one; `name_digest` of what was typed."""

    __tablename__ = "login_standing"

    name_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    strikes: Mapped[int]
    locked_until: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """A wrong login, kept as long as it counts for the address that it came from."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_source", "source", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(64))


class AuditEntry(Base):
    """Somebody changed something or looked at a customer. Only ever added to.

    `login` stays what it was; without a person a command or a signed link acted.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_login", "login", "id"),
        Index("ix_audit_entry_action", "action", "id"),
        Index("ix_audit_entry_subject", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    login: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    detail: Mapped[str] = mapped_column(Text)


class Draft(Base):
    """What somebody typed into the form of `page` when his session was over; `form` is JSON."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("person_id", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(500))
    target: Mapped[str] = mapped_column(String(500))
    form: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
