"""What comes from other systems: their ids, the numbers of patients, earlier versions of prescriptions"""

import sqlalchemy as sa
from alembic import op

from bot.records.types import BlindIndex, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fhir_resource",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("fhir_id", sa.String(), nullable=False),
        sa.Column("local_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("last_updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("part", sa.Boolean(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("imported_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("fhir_resource", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fhir_resource")),
        sa.UniqueConstraint("source", "resource_type", "fhir_id", name=op.f("uq_fhir_resource_source")),
    )
    op.create_index(op.f("ix_fhir_resource_local_id"), "fhir_resource", ["local_id"], unique=False)
    op.create_index(op.f("ix_fhir_resource_patient_id"), "fhir_resource", ["patient_id"], unique=False)
    op.create_table(
        "patient_identifier",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_index", BlindIndex(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("patient_identifier", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_identifier")),
        sa.UniqueConstraint("system", "value_index", name=op.f("uq_patient_identifier_system")),
    )
    op.create_index(op.f("ix_patient_identifier_patient_id"), "patient_identifier", ["patient_id"], unique=False)
    op.create_table(
        "medication_request_version",
        sa.Column("medication_request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("medication", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("dosage_instruction", sa.JSON(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("replaced_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("change_reason", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("medication_request_version", "medication_request_id", "medication_request"),
        _reference("medication_request_version", "practitioner_id", "practitioner"),
        _reference("medication_request_version", "replaced_by_id", "practitioner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication_request_version")),
    )
    op.create_index(
        op.f("ix_medication_request_version_medication_request_id"),
        "medication_request_version",
        ["medication_request_id"],
        unique=False,
    )
    with op.batch_alter_table("contact_point") as table:
        table.add_column(sa.Column("fhir_resource_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_contact_point_fhir_resource_id_fhir_resource"),
            "fhir_resource",
            ["fhir_resource_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def downgrade() -> None:
    with op.batch_alter_table("contact_point") as table:
        table.drop_constraint(op.f("fk_contact_point_fhir_resource_id_fhir_resource"), type_="foreignkey")
        table.drop_column("fhir_resource_id")
    op.drop_table("medication_request_version")
    op.drop_table("patient_identifier")
    op.drop_table("fhir_resource")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, initially="DEFERRED", deferrable=True)
