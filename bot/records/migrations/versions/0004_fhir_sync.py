"""How far a FHIR server has been taken over, and which answers of patients it knows"""

import sqlalchemy as sa
from alembic import op

from bot.records.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fhir_sync",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("last_updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("again", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fhir_sync")),
        sa.UniqueConstraint("source", "resource_type", name=op.f("uq_fhir_sync_source")),
    )
    with op.batch_alter_table("fhir_resource") as table:
        table.add_column(sa.Column("agreed_at", UtcDateTime(timezone=True), nullable=True))
    # Until now an answer that came with a visit was dated by its import.
    op.execute("UPDATE fhir_resource SET agreed_at = imported_at WHERE resource_type = 'Appointment'")


def downgrade() -> None:
    with op.batch_alter_table("fhir_resource") as table:
        table.drop_column("agreed_at")
    op.drop_table("fhir_sync")
