"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Brings the tables up."""
    op.create_table(
        "audit",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "findings",
        sa.Column("position", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("finding_id", sa.String(length=64), nullable=False, unique=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("touched", sa.Boolean(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False, unique=True),
        sa.Column("paper", sa.String(length=300), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("source_cell", sa.String(length=64), nullable=False),
        sa.Column("source_phenotype", sa.String(length=64), nullable=False),
        sa.Column("cargo_type", sa.String(length=32), nullable=False),
        sa.Column("cargo_name", sa.Text(), nullable=False),
        sa.Column("cargo_state", sa.String(length=16), nullable=False),
        sa.Column("cancer_type", sa.String(length=200), nullable=False),
        sa.Column("cells", DOCUMENT, nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("changed", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_findings_cargo_type_cargo_name", "findings", ["cargo_type", "cargo_name"])
    op.create_index("ix_findings_paper", "findings", ["paper"])
    op.create_index("ix_findings_source_cell_source_phenotype", "findings", ["source_cell", "source_phenotype"])
    op.create_table(
        "idempotency",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("given", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", DOCUMENT, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("author", "given", name="uq_idempotency_author_given"),
    )
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(length=32), primary_key=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("done", sa.Float(), nullable=False),
        sa.Column("log", DOCUMENT, nullable=False),
        sa.Column("result", DOCUMENT, nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=True),
        sa.Column("finished", sa.DateTime(), nullable=True),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "keys",
        sa.Column("key_id", sa.String(length=16), primary_key=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("revoked", sa.DateTime(), nullable=True),
    )
    op.create_table(
        "models",
        sa.Column("model_id", sa.String(length=32), primary_key=True),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", DOCUMENT, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("day", sa.String(length=10), primary_key=True),
        sa.Column("field", sa.String(length=32), primary_key=True),
        sa.Column("value", sa.String(length=200), primary_key=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "finding_revisions",
        sa.Column("finding_id", sa.String(length=64), sa.ForeignKey("findings.finding_id"), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("cells", DOCUMENT, nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "verdicts",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("challenger", sa.String(length=32), sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("champion", sa.String(length=32), sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("recommends", sa.Boolean(), nullable=False),
        sa.Column("verdict", DOCUMENT, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_verdicts_challenger_champion", "verdicts", ["challenger", "champion"])
    op.create_table(
        "promotions",
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("model_id", sa.String(length=32), sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("back_to", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("gate", DOCUMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    """Takes them back."""
    for table in (
        "verdicts",
        "promotions",
        "finding_revisions",
        "submissions",
        "models",
        "keys",
        "jobs",
        "idempotency",
    ):
        op.drop_table(table)
    for table in ("findings", "facts", "audit"):
        op.drop_table(table)
