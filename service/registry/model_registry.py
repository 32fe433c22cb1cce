"""The models of an installation: kept in the store, one of them current, each loaded and verified once by every process."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.errors import ArtifactError, KnowledgeError, KnowledgeMismatchError, UnknownModelError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.scorer import Scorer
from service.db.audit_log import check_reason, record
from service.db.database import Database, read_in_time
from service.db.tables import FindingRow, ModelRow, Promotion, VerdictRow
from service.errors import NoModelError, PromotionError, RetiredModelError, StoreError
from service.registry.reference_tables import ReferenceTables
from training.data.findings import RELEASE

if TYPE_CHECKING:
    from models.knowledge.sources import Source
    from training.importers import ImportedTable

# How old a worker's knowledge of the current model may get.
POLL_SECONDS = 0.5
KEPT_IN_MEMORY = 8

FIRST = "Automatic: the first model of this installation."
_REPAIR = "Automatic: the stored bytes of this model had changed."
_ANOTHER_PROMOTION = "Another model was promoted meanwhile. Check the current model and try again"
_log = structlog.get_logger(__name__)


class ModelRegistry:
    """Keeps bundles, moves the pointer to the current one, and hands out scorers."""

    def __init__(self, database: Database, key: bytes, knowledge: ReferenceTables) -> None:
        """`key` signs and verifies the bundles of this installation; all scorers share its `knowledge`."""
        self._database = database
        self._key = key
        self.knowledge = knowledge
        self._scorers: OrderedDict[str, Scorer] = OrderedDict()
        self._loading = threading.Lock()
        self._asking = threading.Lock()
        self._asked = float("-inf")
        self._current: str | None = None
        self._retired: set[str] = set()
        self._retracted: frozenset[str] = frozenset()
        self._serving: Scorer | None = None
        self.rejected: dict[str, str] = {}

    @property
    def features(self) -> Features:
        """The words and the knowledge in use. Raises KnowledgeError where an imported table cannot be read."""
        return self.knowledge.features

    def list_models(self) -> list[ModelRow]:
        """The models kept here, the oldest first, without their bytes."""
        with self._database.read() as session:
            return list(session.scalars(select(ModelRow).order_by(ModelRow.added, ModelRow.model_id)))

    def get(self, model_id: str) -> ModelRow:
        """A model kept here, without its bytes. Raises UnknownModelError."""
        with self._database.read() as session:
            return _row(session, model_id)

    def names(self) -> dict[str, str]:
        """What people call each model stored here, its name and number, by its id, the oldest first."""
        with self._database.read() as session:
            rows = session.execute(select(ModelRow.model_id, ModelRow.name, ModelRow.number).order_by(ModelRow.number))
            return {model_id: f"{name} #{number}" for model_id, name, number in rows}

    def ids(self) -> list[str]:
        """The ids of the models kept here, the oldest first."""
        with self._database.read() as session:
            return _ids(session)

    def current_id(self) -> str | None:
        """The id of the current model as of half a second ago at most; None before the first promotion.

        While the store does not answer it is the last one known. Raises StoreError where none is known.
        """
        if time.monotonic() - self._asked >= POLL_SECONDS and self._asking.acquire(blocking=self._current is None):
            if self._current is None:
                self._poll()
            else:
                read_in_time(self._poll)
        return self._current

    def _poll(self) -> None:
        """Asks the store for the current model, for whoever acquired `_asking`."""
        try:
            with self._database.read() as session:
                self._retired = set(session.scalars(select(ModelRow.model_id).where(ModelRow.retired)))
                retracted = session.scalars(select(FindingRow.finding_id).where(FindingRow.retracted))
                self._retracted = frozenset(retracted)
                self._current = _model_id(_last_promotion(session))
        except StoreError as error:
            if self._current is None:
                raise
            _log.warning("the database does not answer; the last known model stays in use", reason=str(error))
        finally:
            self._asked = time.monotonic()
            self._asking.release()

    def read_current_id(self) -> str | None:
        """The id of the current model, asked of the store at this moment: what a change must be based on."""
        with self._database.read() as session:
            return _model_id(_last_promotion(session))

    def scorer(self, model_id: str | None = None) -> Scorer:
        """The scorer of a model, by default the current one.

        A current model that turns out not to be usable is refused by name (`refused`), and the one that served before goes
        on. Raises UnknownModelError where no such model is kept, RetiredModelError where it was retired, ArtifactError where
        its bundle must not be used, or not with the knowledge in use, KnowledgeError where that cannot be read. A scorer keeps
        the knowledge that it was loaded with; findings that were retracted are out of its evidence, as of half a second ago.
        """
        current = self.current_id()
        if model_id is not None:
            found = None if model_id in self._retired else self._scorers.get(model_id)
            return self._with_standing_evidence(found or self._load(model_id))
        if current is None:
            raise NoModelError
        serving = self._serving
        if serving is None or (serving.bundle.id != current and current not in self.rejected):
            serving = self._load_or_go_on(current, serving)
        self._serving = serving = self._with_standing_evidence(serving)
        return serving

    def _with_standing_evidence(self, scorer: Scorer) -> Scorer:
        """The same model without the findings that were retracted by now, and with those that were put back."""
        retracted = self._retracted & scorer.learned_from
        if retracted == scorer.retracted:
            return scorer
        with self._loading:
            kept = self._scorers.get(scorer.bundle.id)
            if kept is None or kept.retracted != retracted:
                kept = scorer.without(retracted)
                if scorer.bundle.id in self._scorers:
                    self._scorers[scorer.bundle.id] = kept
            return kept

    def _load_or_go_on(self, current: str, serving: Scorer | None) -> Scorer:
        """The current model; where it must not be used, the one that serves, else the last promoted one that may be."""
        try:
            return self._load(current)
        except StoreError:
            if serving is None:
                raise
            return serving
        except ArtifactError as error:
            self.rejected[current] = str(error)
            found = serving or self._last_usable()
            if found is None:
                raise
            _log.error("the current model is refused", model=current, reason=str(error), goes_on=found.bundle.id)
            return found

    def _last_usable(self) -> Scorer | None:
        with self._database.read() as session:
            promoted = list(session.scalars(select(Promotion.model_id).order_by(Promotion.sequence.desc())))
        for model_id in dict.fromkeys(promoted):
            with suppress(ArtifactError, RetiredModelError):
                return self._load(model_id)
        return None

    def _load(self, model_id: str) -> Scorer:
        features, targets = self.knowledge.features, self.knowledge.targets
        with self._loading:
            if found := self._scorers.get(model_id):
                self._scorers.move_to_end(model_id)
                return found
            with self._database.read() as session:
                row = _row(session, model_id)
                if row.retired:
                    raise RetiredModelError(model_id)
                content, digest = row.bundle, row.digest
            scorer = Scorer(self._verified(model_id, content, digest), features, targets)
            scorer.self_test()
            self._scorers[model_id] = scorer
            while len(self._scorers) > KEPT_IN_MEMORY:
                self._scorers.popitem(last=False)
            return scorer

    def bundle(self, model_id: str) -> Bundle:
        """The bundle of a model, to be described; one that was retired, or learned with other tables, has one too.

        Raises UnknownModelError, and ArtifactError where it must not be read.
        """
        if found := self._scorers.get(model_id):
            return found.bundle
        with self._database.read() as session:
            row = _row(session, model_id)
            content, digest = row.bundle, row.digest
        return self._verified(model_id, content, digest)

    def _verified(self, model_id: str, content: bytes, digest: str) -> Bundle:
        if hashlib.sha256(content).hexdigest() != digest:
            raise ArtifactError(f"The bundle of model {model_id} was changed after it was stored: its digest differs")
        bundle = artifact.load(content, self._key)
        if bundle.id != model_id:
            raise ArtifactError(f"The bundle stored as model {model_id} is model {bundle.id}")
        return bundle

    def must_train(self) -> bool:
        """Whether the current model, if there is one, learned with other knowledge than is in use."""
        try:
            self.scorer()
        except (KnowledgeMismatchError, KnowledgeError):
            return True
        except (ArtifactError, UnknownModelError):
            pass
        return False

    def save(self, bundle: Bundle, author: str, job_id: str = "", name: str = "") -> None:
        """Signs and stores a bundle under the next number; nobody is served by it until it is promoted.

        It is named `name`, by default after the release of the corpus. One that is stored already stays as it is, with its
        name, unless its bytes were changed since: then it is made good.
        """
        content = artifact.dump(bundle, self._key)
        digest, manifest = hashlib.sha256(content).hexdigest(), dict(bundle.manifest)
        try:
            with self._database.write() as session:
                row = session.get(ModelRow, bundle.id)
                if row is None:
                    if not self._database.is_sqlite:
                        # One at a time, so that each gets a number of its own; SQLite has one writer anyway.
                        session.execute(text("LOCK TABLE models IN SHARE ROW EXCLUSIVE MODE"))
                    number = session.scalar(select(func.coalesce(func.max(ModelRow.number), 0) + 1))
                    named = {"name": name or _default_name(manifest), "number": number}
                    stored = {"bundle": content, "digest": digest, "manifest": manifest}
                    session.add(ModelRow(model_id=bundle.id, job_id=job_id, author=author, **stored, **named))
                    record(session, author, "model.keep", bundle.id, job=job_id, **named)
                elif hashlib.sha256(row.bundle).hexdigest() != row.digest:
                    row.bundle, row.digest, row.manifest = content, digest, manifest
                    record(session, author, "model.repair", bundle.id, job=job_id, reason=_REPAIR)
                else:
                    return
        except IntegrityError:
            # Another process may have kept the very same model meanwhile.
            with self._database.read() as session:
                if session.get(ModelRow, bundle.id) is None:
                    raise
        self.rejected.pop(bundle.id, None)

    def promote(
        self,
        model_id: str,
        author: str,
        over: str | None = None,
        gate: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Makes a kept model the current one, once it has been loaded and has passed its self-test.

        `over` is the model that must still be the current one, `gate` the gate's verdict, `reason` why, which the first model
        needs not. Raises as `scorer` does, ReasonError, and PromotionError where another promotion came between.
        """
        self._load(model_id)
        with self._promoting() as (session, last):
            current = _model_id(last)
            if current == model_id:
                return
            if over is not None and current != over:
                raise PromotionError(f"{current or 'no model'} became the current one meanwhile, not {over}")
            columns = {"model_id": model_id, "back_to": last.sequence if last else 0, "gate": gate or {}}
            columns["reason"] = reason if last else reason or FIRST
            _append_promotion(session, last, Promotion(kind="promotion", author=author, **columns))

    def roll_back(self, author: str, reason: str, over: str | None = None) -> str:
        """Makes the model current that was so before the current one, and returns its id.

        `over` is the model that must be the current one. Raises PromotionError where it is not, where there was none before,
        else as `promote`.
        """
        check_reason(reason)
        with self._database.read() as session:
            last = _last_promotion(session)
            if over is not None and _model_id(last) != over:
                raise PromotionError(f"{over} is not the current model; {_model_id(last) or 'none'} is")
            target = _rollback_target(session, last)
        self._load(target.model_id)
        with self._promoting() as (session, last):
            if _rollback_target(session, last).sequence != target.sequence:
                raise PromotionError(_ANOTHER_PROMOTION)
            columns = {"model_id": target.model_id, "back_to": target.back_to}
            _append_promotion(session, last, Promotion(kind="roll-back", author=author, reason=reason, **columns))
        return target.model_id

    def promotions(self, limit: int) -> list[Promotion]:
        """The last moves of the pointer to the current model, the last one first."""
        with self._database.read() as session:
            return list(session.scalars(select(Promotion).order_by(Promotion.sequence.desc()).limit(limit)))

    def verdict(self, challenger: str, champion: str) -> dict[str, Any] | None:
        """The last verdict of the gate on one model against another; None where they were not compared.

        A model has none against itself: that on the current one is the last one against a model that was current before.
        """
        query = select(VerdictRow.verdict).where(VerdictRow.challenger == challenger)
        if champion != challenger:
            query = query.where(VerdictRow.champion == champion)
        with self._database.read() as session:
            return session.scalars(query.order_by(VerdictRow.sequence.desc()).limit(1)).first()

    def keep_verdict(self, challenger: str, champion: str, verdict: dict[str, Any]) -> None:
        """Keeps a verdict of the gate on one model against another."""
        recommends = verdict["recommends"]
        with self._database.write() as session:
            session.add(VerdictRow(challenger=challenger, champion=champion, recommends=recommends, verdict=verdict))

    def import_table(self, imported: ImportedTable, author: str, reason: str) -> None:
        """Keeps a table of roles or targets, in place of the one of its source that is in use. Raises ReasonError."""
        account = imported.as_dict()
        with self._database.write() as session:
            details = {name: account[name] for name in ("file", "sha256", "rows")}
            record(session, author, "knowledge.import", imported.source.key, reason=reason, **details)
            self.knowledge.keep(imported)

    def remove_table(self, source: Source, author: str, reason: str) -> bool:
        """Returns to what is shipped of a source; False where nothing was imported of it. Raises ReasonError."""
        with self._database.write() as session:
            is_removed = self.knowledge.remove(source)
            if is_removed:
                record(session, author, "knowledge.remove", source.key, reason=reason)
        return is_removed

    def retire(self, model_id: str, author: str, reason: str, retired: bool = True) -> None:
        """Takes a model out of use, or (`retired` False) back into it; its bundle is kept either way.

        Raises UnknownModelError, ReasonError, and PromotionError where it is the current one.
        """
        with self._database.write() as session:
            row = _row(session, model_id)
            if retired and _model_id(_last_promotion(session)) == model_id:
                raise PromotionError(f"{model_id} is the current model: promote another model before retiring it")
            if row.retired != retired:
                row.retired = retired
                record(session, author, "model.retire" if retired else "model.restore", model_id, reason=reason)
        self._scorers.pop(model_id, None)

    def invalidate(self) -> None:
        """Asks the store anew at the next need, for a model that another process kept or promoted."""
        self.rejected.clear()
        self._asked = float("-inf")

    @contextmanager
    def _promoting(self) -> Iterator[tuple[Session, Promotion | None]]:
        """A transaction that adds a promotion behind the last one. Raises PromotionError where another one does so too."""
        try:
            with self._database.write() as session:
                yield session, _last_promotion(session)
        except IntegrityError as error:
            raise PromotionError(_ANOTHER_PROMOTION) from error
        self.invalidate()


def _default_name(manifest: Mapping[str, Any]) -> str:
    """The release of the corpus, marked where the model learned from a laboratory's own findings too."""
    return f"{RELEASE}+lab" if manifest["trained_on"].get("lab_findings") else RELEASE


def _row(session: Session, model_id: str) -> ModelRow:
    """The row of a model. Raises UnknownModelError."""
    row = session.get(ModelRow, model_id) if model_id.isprintable() else None
    if row is None:
        raise UnknownModelError(model_id, _ids(session))
    return row


def _ids(session: Session) -> list[str]:
    return list(session.scalars(select(ModelRow.model_id).order_by(ModelRow.added, ModelRow.model_id)))


def _last_promotion(session: Session) -> Promotion | None:
    return session.scalars(select(Promotion).order_by(Promotion.sequence.desc()).limit(1)).first()


def _model_id(promotion: Promotion | None) -> str | None:
    return promotion.model_id if promotion else None


def _rollback_target(session: Session, last: Promotion | None) -> Promotion:
    """The promotion that a roll-back of `last` returns to. Raises PromotionError."""
    target = session.get(Promotion, last.back_to) if last else None
    if target is None:
        raise PromotionError("There is no earlier model to roll back to")
    return target


def _append_promotion(session: Session, last: Promotion | None, promotion: Promotion) -> None:
    """Adds a promotion behind the last one."""
    promotion.sequence = last.sequence + 1 if last else 1
    session.add(promotion)
    promotion.reason = check_reason(promotion.reason)
    action = "model.promote" if promotion.kind == "promotion" else "model.roll_back"
    record(session, promotion.author, action, promotion.model_id, came_from=_model_id(last), reason=promotion.reason)
