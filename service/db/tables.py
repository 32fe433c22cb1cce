"""The tables of the store. What happened is only ever added: revisions, models, promotions, audit rows."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

from training.data.findings import COLUMNS

MAX_MODEL_NAME = 60
Document = JSON().with_variant(JSONB, "postgresql")
# SQLite numbers rows by itself only where the key is INTEGER.
Sequence = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones, so they are taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as it is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as it is read."""
        return None if value is None else value.replace(tzinfo=UTC)


class Cells(TypeDecorator[dict[str, str]]):
    """The cells of a finding, in the order of the columns when they are read: PostgreSQL does not keep any."""

    impl = Document
    cache_ok = True

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> Any:
        """As JSON, so that a cell can be compared by its column."""
        return self.impl_instance.coerce_compared_value(op, value)

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> dict[str, str] | None:
        """The cells as they are read."""
        return None if value is None else {name: value[name] for name in COLUMNS if name in value}


def now() -> datetime:
    """This moment, to the second's thousandth: what every table stamps its rows with."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Base(DeclarativeBase):
    """All tables, with names for their constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: Document, list[str]: Document}

    def to_document(self, *columns: str, timespec: str = "auto", **renamed: str) -> dict[str, Any]:
        """These columns as JSON has them, moments as ISO 8601; `renamed` maps members to columns of another name."""
        members = {**renamed, **{column: column for column in columns}}
        document = {name: getattr(self, column) for name, column in members.items()}
        moments = {name: moment for name, moment in document.items() if isinstance(moment, datetime)}
        return document | {name: moment.isoformat(timespec=timespec) for name, moment in moments.items()}


class FindingRow(Base):
    """A finding as it stands now; `cells` are those of the corpus' own format, empty ones left out.

    `position` orders the findings as they were added. `content` names what was found, by whom, of what: two rows of one
    content are one finding. `origin` is corpus or lab; `touched` tells whether the lab corrected or retracted a shipped one.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(None, "paper"),
        Index(None, "source_cell", "source_phenotype"),
        Index(None, "cargo_type", "cargo_name"),
    )

    position: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    finding_id: Mapped[str] = mapped_column(String(64), unique=True)
    revision: Mapped[int] = mapped_column(Integer)
    origin: Mapped[str] = mapped_column(String(8))
    touched: Mapped[bool] = mapped_column(default=False)
    held_out: Mapped[bool] = mapped_column(default=False)
    retracted: Mapped[bool] = mapped_column(default=False)
    content: Mapped[str] = mapped_column(String(64), unique=True)
    paper: Mapped[str] = mapped_column(String(300))
    effect: Mapped[str] = mapped_column(String(16))
    source_cell: Mapped[str] = mapped_column(String(64))
    source_phenotype: Mapped[str] = mapped_column(String(64))
    cargo_type: Mapped[str] = mapped_column(String(32))
    cargo_name: Mapped[str] = mapped_column(Text)
    cargo_state: Mapped[str] = mapped_column(String(16))
    cancer_type: Mapped[str] = mapped_column(String(200))
    cells: Mapped[dict[str, str]] = mapped_column(Cells)
    added: Mapped[datetime]
    changed: Mapped[datetime]


class FindingRevision(Base):
    """One state that a finding was ever in, with who made it so, and why."""

    __tablename__ = "finding_revisions"

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.finding_id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    retracted: Mapped[bool]
    held_out: Mapped[bool]
    cells: Mapped[dict[str, str]] = mapped_column(Cells)
    author: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class ImportRow(Base):
    """A table of findings that was sent to be looked at first, as it was sent. `result` tells what became of it, once it was
    added; empty before."""

    __tablename__ = "imports"

    import_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    by_commas: Mapped[bool]
    held_out: Mapped[bool]
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ModelRow(Base):
    """A model: its signed bundle with the digest of all bytes, and its manifest to be read without loading it.

    `number` counts models in the order in which they were added, and is never given again; `name` need not be unique.
    """

    __tablename__ = "models"
    __table_args__ = (Index(None, "number", unique=True),)

    model_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    bundle: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]]
    retired: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(MAX_MODEL_NAME), server_default="")
    number: Mapped[int] = mapped_column(Integer, server_default="0")
    job_id: Mapped[str] = mapped_column(String(32), default="")
    author: Mapped[str] = mapped_column(String(200))
    added: Mapped[datetime] = mapped_column(default=now)


class Promotion(Base):
    """One move of the pointer to the current model. The last row is the current one.

    Its key is one more than that of the row it follows, so of two promotions at once one fails. `back_to` is the row that
    a roll-back returns to, 0 for none.
    """

    __tablename__ = "promotions"

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    model_id: Mapped[str] = mapped_column(ForeignKey("models.model_id"))
    back_to: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    gate: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class VerdictRow(Base):
    """What the gate said of one model against another; the last row on a pair holds."""

    __tablename__ = "verdicts"
    __table_args__ = (Index(None, "challenger", "champion"),)

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    challenger: Mapped[str] = mapped_column(ForeignKey("models.model_id"))
    champion: Mapped[str] = mapped_column(ForeignKey("models.model_id"))
    recommends: Mapped[bool]
    verdict: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)


class Job(Base):
    """Work that goes on behind an answer. `beat` is counted up by whoever works on it, `attempt` with each new start; `content`
    is the digest of what was sent for a batch, `trace` the traceparent of the request that queued it."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state"), Index(None, "content"))

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="queued")
    request: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(200))
    trace: Mapped[str] = mapped_column(String(55), server_default="")
    content: Mapped[str] = mapped_column(String(64), default="", server_default="")
    done: Mapped[float] = mapped_column(Float, default=0.0)
    log: Mapped[list[str]] = mapped_column(default=list)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[str] = mapped_column(Text, default="")
    cancelled: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    beat: Mapped[int] = mapped_column(Integer, default=0)
    created: Mapped[datetime] = mapped_column(default=now)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]


class Key(Base):
    """A key to the service; only the SHA-256 of its secret is kept, and a prefix to find it by."""

    __tablename__ = "keys"

    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]]
    created: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class Idempotency(Base):
    """The answer that was given to a request with an Idempotency-Key, so that its repetition gets the same one."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("author", "given"),)

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    author: Mapped[str] = mapped_column(String(200))
    given: Mapped[str] = mapped_column(String(200))
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class AuditRow(Base):
    """Who changed what, when; written in the transaction of the change itself."""

    __tablename__ = "audit"

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]


class Submission(Base):
    """How often a value of a candidate's field was submitted for scoring on one day (UTC): what drift is read from."""

    __tablename__ = "submissions"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class Fact(Base):
    """Single facts about this installation, such as the release of the corpus that was loaded."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
