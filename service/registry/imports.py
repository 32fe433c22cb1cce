"""Models that come from another installation: looked at through and through before they are kept."""

from contextlib import suppress

from jinja2 import TemplateError

from models.errors import ArtifactError, CandidateError, KnowledgeMismatchError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.scorer import Scorer
from service.registry.model_registry import ModelRegistry
from training.report.model_card import card


def import_model(registry: ModelRegistry, content: bytes, key: bytes, author: str, name: str = "") -> Bundle:
    """Stores the model in a bundle that `key` signed, as `name`. One that learned with other tables is stored too,
    for when they are in use.

    Raises ArtifactError where it is no such bundle, or has not all that scores, pages and reports are made of.
    """
    bundle = artifact.load(content, key)
    try:
        card(bundle.manifest)
        with suppress(KnowledgeMismatchError):
            Scorer(bundle, registry.features, registry.knowledge.targets).self_test()
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        TemplateError,
        CandidateError,
    ) as error:
        raise ArtifactError(f"{bundle.id} is signed, but cannot be used: {error!r}") from error
    registry.save(bundle, author, name=name)
    return bundle
