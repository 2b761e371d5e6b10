"""Ledgers of free units and hour packages, work, accounts and their lines."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.account import Figure
from ivr.storage.models.base import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_ledgers()
    _create_work()
    _create_accounts()


def _create_ledgers() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contract_number", sa.String(length=40), nullable=False),
        sa.Column("movement", sa.String(length=10), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("ticket", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_ledger_entry_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "customer_id",
            "kind",
            "contract_number",
            "lot",
            "movement",
            "ticket",
            name=op.f("uq_ledger_entry_once"),
        ),
    )


def _create_work() -> None:
    op.create_table(
        "work_span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("technician", sa.String(length=200), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_work_span_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_span")),
    )
    with op.batch_alter_table("work_span", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_span_ticket_number"), ["ticket_number"])


def _create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=20), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("decided_as", sa.String(length=30), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("net", Figure(), nullable=True),
        sa.Column("vat", Figure(), nullable=True),
        sa.Column("gross", Figure(), nullable=True),
        sa.Column("tariffs_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_account_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_account_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "ticket_number", "document", name=op.f("uq_account_ticket_number_document")
        ),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_customer_id"), ["customer_id"])
        batch_op.create_index("ix_account_closed", ["closed_at", "id"])

    op.create_table(
        "account_line",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net", Figure(), nullable=False),
        sa.Column("vat_rate", Figure(), nullable=False),
        sa.Column("vat", Figure(), nullable=False),
        sa.Column("gross", Figure(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_line_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "position", name=op.f("pk_account_line")),
    )
    op.create_table(
        "plan_upgrade",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_plan_upgrade_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "signed_on", name=op.f("pk_plan_upgrade")),
    )


def downgrade() -> None:
    op.drop_table("plan_upgrade")
    op.drop_table("account_line")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index("ix_account_closed")
        batch_op.drop_index(batch_op.f("ix_account_customer_id"))

    op.drop_table("account")
    with op.batch_alter_table("work_span", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_span_ticket_number"))

    op.drop_table("work_span")
    op.drop_table("ledger_entry")
