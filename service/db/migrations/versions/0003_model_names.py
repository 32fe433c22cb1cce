"""Models have a name and a number, by which people speak of them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MODELS = sa.table(
    "models",
    sa.column("model_id", sa.String),
    sa.column("manifest", DOCUMENT),
    sa.column("added", sa.DateTime),
    sa.column("name", sa.String),
    sa.column("number", sa.Integer),
)


def upgrade() -> None:
    """Numbers the models that there are, the oldest first, and names them after the month of their training."""
    op.add_column("models", sa.Column("name", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("models", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    models = connection.execute(sa.select(MODELS).order_by(MODELS.c.added, MODELS.c.model_id)).all()
    for number, model in enumerate(models, start=1):
        own = "+lab" if model.manifest.get("trained_on", {}).get("lab_findings") else ""
        name = f"corpus-{model.manifest.get('created', '')[:7]}{own}"
        connection.execute(
            sa.update(MODELS).where(MODELS.c.model_id == model.model_id).values(number=number, name=name)
        )
    op.create_index("ix_models_number", "models", ["number"], unique=True)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_models_number", "models")
    op.drop_column("models", "number")
    op.drop_column("models", "name")
