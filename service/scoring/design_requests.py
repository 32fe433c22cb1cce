"""The document of a request for designs: how one is read, and how one is written so that it gives the same digits again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from models.designs.request import DesignRequest
from models.errors import DesignError, FieldError, unknown_names
from models.naming.resolver import closest
from training.data.validation import is_printable_text

_OBJECTS = ("fixed", "vary", "constraints")
MEMBERS = ("goal", *_OBJECTS, "limit", "test_first", "model")


@dataclass(frozen=True, slots=True)
class PinnedRequest:
    """What is asked of a design, and the id of the model that is to score it (empty: the one in use)."""

    request: DesignRequest
    model: str = ""

    @classmethod
    def parse(cls, document: object) -> PinnedRequest:
        """The request in a document as it was sent. Raises DesignError with every fault."""
        if not isinstance(document, Mapping):
            raise DesignError([FieldError("", "wrong_type", "A request must be an object with members such as vary")])
        faults = [*unknown_names([name for name in document if name not in MEMBERS], _unknown), *_check(document)]
        wrong = {fault.field for fault in faults}
        stated = {name: _whole(value) for name, value in document.items() if name in MEMBERS and name not in wrong}
        if "constraints" in stated:
            stated["constraints"] = {name: _whole(value) for name, value in stated["constraints"].items()}
        model = stated.pop("model", "")
        try:
            request = DesignRequest.parse(**{"vary": {}, **stated})
        except DesignError as error:
            # Without a readable `vary` it is not missing.
            faults += [fault for fault in error.faults if fault.field not in wrong]
        if faults:
            raise DesignError(faults)
        return cls(request, model)

    def as_dict(self) -> dict[str, Any]:
        """The same as a document, with all that it left to defaults."""
        request = self.request
        return {
            "goal": request.goal,
            "fixed": dict(request.fixed),
            "vary": {
                name: values if isinstance(values, str) else list(values) for name, values in request.vary.items()
            },
            "constraints": {**asdict(request.constraints), "exclude_cargos": list(request.constraints.exclude_cargos)},
            "limit": request.limit,
            "test_first": request.test_first,
            "model": self.model,
        }


def _check(document: Mapping[str, object]) -> Iterable[FieldError]:
    for name in _OBJECTS:
        if name in document and not isinstance(document[name], Mapping):
            yield FieldError(name, "wrong_type", f"{name} must be an object")
    model = document.get("model", "")
    if not isinstance(model, str) or not is_printable_text(model):
        yield FieldError("model", "wrong_type", "Give the id of a stored model, or leave it out for the one in use")


def _whole(value: Any) -> Any:
    """A number without fraction as a whole one: 10.0 is 10 in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unknown(name: str) -> FieldError:
    says = f"{name[:80]!r} is not a member of a request"
    return FieldError(name, "unknown_field", says, allowed=MEMBERS, suggest=partial(closest, name, MEMBERS))
