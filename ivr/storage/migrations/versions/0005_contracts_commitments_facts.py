"""Contracts with versions, commitments of tickets, facts about faults."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("number", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("kind", sa.String(length=30), nullable=False, server_default="cla"),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("bundle_name", sa.String(length=200), nullable=True),
        sa.Column("bundle_price", sa.String(length=20), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reaction_hours", sa.Integer(), nullable=True),
        sa.Column("by_phone", sa.Boolean(), nullable=True),
    ):
        op.add_column("contract", column)
    op.execute("UPDATE contract SET number = 'C' || id")
    op.create_index("ix_contract_number_version", "contract", ["number", "version"], unique=True)
    if _is_sqlite():
        _put_plan_id("VARCHAR(40)")
    else:
        op.alter_column("contract", "number", server_default=None)
        op.alter_column("contract", "plan_id", nullable=True)
    _create_commitment()
    _create_ticket_fact()


def _create_commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("next_business_day", sa.Date(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("calendar_version", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_commitment_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_ticket_number"), "commitment", ["ticket_number"])


def _create_ticket_fact() -> None:
    op.create_table(
        "ticket_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("fact", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_ticket_fact_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_fact")),
    )
    op.create_index(op.f("ix_ticket_fact_ticket_number"), "ticket_fact", ["ticket_number"])


def downgrade() -> None:
    """What the form before cannot hold is lost: every contract that is no call level agreement."""
    op.drop_table("ticket_fact")
    op.drop_table("commitment")
    other = "SELECT id FROM contract WHERE kind <> 'cla'"
    op.execute(f"DELETE FROM contract_location WHERE contract_id IN ({other})")  # noqa: S608
    op.execute("DELETE FROM contract WHERE kind <> 'cla'")
    if _is_sqlite():
        _put_plan_id("VARCHAR(40) NOT NULL DEFAULT ''")
    else:
        op.alter_column("contract", "plan_id", nullable=False)
    op.drop_index("ix_contract_number_version", "contract")
    for name in (
        "by_phone",
        "reaction_hours",
        "currency",
        "bundle_price",
        "bundle_name",
        "noticed_on",
        "kind",
        "version",
        "number",
    ):
        op.drop_column("contract", name)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _put_plan_id(definition: str) -> None:
    """SQLite changes no column. A copy of the table would break the calls that refer to its rows."""
    op.execute("ALTER TABLE contract RENAME COLUMN plan_id TO plan_id_before")
    op.execute(f"ALTER TABLE contract ADD COLUMN plan_id {definition}")
    op.execute("UPDATE contract SET plan_id = plan_id_before")
    op.execute("ALTER TABLE contract DROP COLUMN plan_id_before")
