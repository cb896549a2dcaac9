"""Taken times, where places are, and whether a prescription says when it was written"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appointment") as table:
        table.add_column(sa.Column("slot_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_appointment_slot_id_slot"), "slot", ["slot_id"], ["id"], initially="DEFERRED", deferrable=True
        )
        table.create_index(op.f("ix_appointment_slot_id"), ["slot_id"], unique=False)
    op.add_column("location", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("location", sa.Column("longitude", sa.Double(), nullable=True))
    op.add_column("medication_request", sa.Column("dated", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("medication_request", "dated")
    op.drop_column("location", "longitude")
    op.drop_column("location", "latitude")
    with op.batch_alter_table("appointment") as table:
        table.drop_index(op.f("ix_appointment_slot_id"))
        table.drop_constraint(op.f("fk_appointment_slot_id_slot"), type_="foreignkey")
        table.drop_column("slot_id")
