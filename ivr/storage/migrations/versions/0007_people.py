"""People who log in, their sessions, the audit log; what the lists of tickets are sorted by."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_person()
    _create_login()
    _create_audit()
    _add_to_tickets()
    op.create_index("ix_customer_name", "customer", ["name"])


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_salt", sa.String(length=32), nullable=True),
        sa.Column("totp_confirmed", sa.Boolean(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_person_technician_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_person_id", "web_session", ["person_id"])
    op.create_index("ix_web_session_seen_at", "web_session", ["seen_at"])
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=500), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("person_id", "target", name=op.f("uq_draft_person_id_target")),
    )


def _create_login() -> None:
    op.create_table(
        "login_standing",
        sa.Column("name_digest", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name_digest", name=op.f("pk_login_standing")),
    )
    op.create_index("ix_login_standing_at", "login_standing", ["at"])
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
    )
    op.create_index("ix_login_failure_at", "login_failure", ["at"])
    op.create_index("ix_login_failure_source", "login_failure", ["source", "at"])


def _create_audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    for column in ("login", "action", "subject"):
        op.create_index(f"ix_audit_entry_{column}", "audit_entry", [column, "id"])


def _add_to_tickets() -> None:
    """The earliest promise, and since when nobody has to work on it, as far as it is known."""
    op.add_column("ticket", sa.Column("due_at", Instant(), nullable=True))
    op.add_column("ticket", sa.Column("over_at", Instant(), nullable=True))
    op.create_index("ix_ticket_due", "ticket", ["due_at", "number"])
    op.create_index("ix_ticket_over", "ticket", ["over_at", "number"])
    op.create_index("ix_ticket_due_open", "ticket", ["over_at", "due_at", "number"])
    op.execute(
        "UPDATE ticket SET due_at = (SELECT min(commitment.due_at) FROM commitment"
        " WHERE commitment.ticket_number = ticket.number)"
    )
    op.execute(
        "UPDATE ticket SET over_at = (SELECT account.closed_at FROM account"
        " WHERE account.ticket_number = ticket.number AND account.document = 'account')"
    )
    op.execute(
        "UPDATE ticket SET over_at = (SELECT max(fact.at) FROM ticket_fact AS fact"
        " WHERE fact.ticket_number = ticket.number AND fact.fact = 'phase')"
        " WHERE over_at IS NULL AND (SELECT fact.value FROM ticket_fact AS fact"
        " WHERE fact.ticket_number = ticket.number AND fact.fact = 'phase'"
        " ORDER BY fact.id DESC LIMIT 1)"
        " IN ('closed', 'withdrawn', 'refused', 'transferred_to_problem')"
    )


def downgrade() -> None:
    """SQLite drops a column in place: copying the table would break what refers to its rows."""
    op.drop_index("ix_customer_name", "customer")
    for name in ("ix_ticket_due_open", "ix_ticket_over", "ix_ticket_due"):
        op.drop_index(name, "ticket")
    op.drop_column("ticket", "over_at")
    op.drop_column("ticket", "due_at")
    for table in ("audit_entry", "login_failure", "login_standing", "draft", "web_session"):
        op.drop_table(table)
    op.drop_table("person")
