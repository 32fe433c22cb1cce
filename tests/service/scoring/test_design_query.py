"""A design as a query: whatever may be requested is read from its address as it was, and every error is named at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.designs.designs import Designs, make_space, propose
from models.designs.request import DESIGN_FIELDS, KNOWN, Constraints, DesignRequest
from models.errors import DesignError
from models.scorer import Scorer
from service.scoring import design_query

EXAMPLE = "source=M1&source=MSC&cargo_type=mirna&cargo_name=known&cargo_state=loaded&cargo_state=native&cancer_type=glioblastoma"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: text.strip() != KNOWN)
VALUES = st.lists(
    TEXTS | st.sampled_from(["M1", "a;b, c & d=%2B", "=1+1", "Ж", "let-7a + miR-21"]), min_size=1, max_size=4
)
LISTED = st.lists(
    st.lists(st.sampled_from(["IL-4", "1,25-D3", "LPS"]), max_size=3) | st.just("hypoxia"), min_size=1, max_size=3
)
REQUESTS = st.builds(
    DesignRequest,
    vary=st.dictionaries(st.sampled_from(DESIGN_FIELDS), VALUES | st.just(KNOWN), max_size=5),
    fixed=st.dictionaries(st.sampled_from(DESIGN_FIELDS), TEXTS | st.none(), max_size=5),
    goal=st.sampled_from(["suppressing", "promoting"]),
    constraints=st.builds(
        Constraints,
        inside_domain=st.booleans(),
        min_papers=st.integers(0, 10**6),
        exclude_published=st.booleans(),
        exclude_cargos=st.lists(TEXTS.filter(str.strip), max_size=3).map(tuple),
        validated_targets=st.booleans(),
        max_per_family=st.integers(0, 50),
        max_per_source=st.integers(0, 50),
    ),
    limit=st.integers(1, 1000),
    test_first=st.integers(0, 20),
)


def meaning(request: DesignRequest) -> dict[str, Any]:
    """What a request asks for: how each text is spaced, and whether the only value of a field is called fixed, says nothing."""

    def plain(value: object) -> str:
        texts = value if isinstance(value, list | tuple) else str(value or "").split(";")
        return ";".join(filter(None, (" ".join(text.split()) for text in texts)))

    stated: dict[str, Any] = {name: [plain(value)] for name, value in request.fixed.items()}
    stated |= {
        name: KNOWN if values == KNOWN else ["" if text == "not stated" else text for text in map(plain, values)]
        for name, values in request.vary.items()
    }
    constraints = asdict(request.constraints)
    constraints["exclude_cargos"] = [" ".join(name.split()) for name in request.constraints.exclude_cargos]
    fields = {name: stated[name] for name in DESIGN_FIELDS if any(stated.get(name, ()))}
    return {**fields, **constraints, "of": (request.goal, request.limit, request.test_first)}


def designs_of(scorer: Scorer, request: DesignRequest) -> Designs:
    return propose(scorer, request, make_space(scorer, request))


def parse(query: str) -> DesignRequest:
    return design_query.read(query.encode()).parse()


@given(REQUESTS, st.sampled_from(["", "exo-0123456789ab"]))
def test_every_request_is_read_from_its_address_as_it_was(request: DesignRequest, model: str) -> None:
    request = DesignRequest(**{**vars_of(request), "fixed": without(request.fixed, request.vary)})
    written = design_query.write(request, model)
    query = design_query.read(written.encode())
    assert query.model == model
    wanted = meaning(request)
    if not any(values == KNOWN or len(values) > 1 for name, values in wanted.items() if name in DESIGN_FIELDS):
        # There is nothing to choose from.
        with pytest.raises(DesignError, match="vary"):
            query.parse()
        return
    read = query.parse()
    assert meaning(read) == wanted
    assert query.is_written_as(read)


def vars_of(request: DesignRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in DesignRequest.__slots__}


def without(fixed: Any, vary: Any) -> dict[str, Any]:
    """A field is fixed or varies, never both."""
    return {name: value for name, value in fixed.items() if name not in vary}


@given(LISTED)
def test_terms_of_one_field_stay_together(lists: list[Any]) -> None:
    request = DesignRequest({"polarisation": lists, "source_cell": ["M1", "M2"]}, {"cargo_type": "whole_vesicle"})
    assert meaning(parse(design_query.write(request))) == meaning(request)


def test_an_address_is_short_and_leaves_out_what_goes_without_saying() -> None:
    request = parse(EXAMPLE)
    assert design_query.write(request) == EXAMPLE
    assert request.vary == {"source_cell": ["M1", "MSC"], "cargo_name": KNOWN, "cargo_state": ["loaded", "native"]}
    assert request.fixed == {"cancer_type": "glioblastoma", "cargo_type": "mirna"}


def test_a_form_sends_lines_and_leaves_fields_empty() -> None:
    query = design_query.read(
        b"source=M1&source=%0D%0AMSC%0D%0A+BM-MSC&cargo_type=mirna&cargo_name=&exclude_cargos=&limit=10"
    )
    request = query.parse()
    assert request == parse("source_cell=M1&source=MSC&source=BM-MSC&cargo_type=mirna&cargo_name=known")
    assert not query.is_written_as(request)


def test_an_address_gives_the_digits_of_the_request(scorer: Scorer) -> None:
    vary = {"source_cell": ["M1", "MSC"], "cargo_name": KNOWN, "cancer_type": ["", "glioblastoma"]}
    fixed = {"cargo_type": "mirna", "cargo_state": "loaded"}
    request = DesignRequest.parse(vary, fixed, "promoting", {"exclude_cargos": ["miR-21"], "max_per_source": 9}, 12, 2)
    direct, replayed = (designs_of(scorer, each) for each in (request, parse(design_query.write(request))))
    assert len(direct) == 12
    assert replayed.designs == direct.designs
    assert (replayed.test_first, replayed.left_out) == (direct.test_first, direct.left_out)


def test_every_error_of_every_parameter_is_named_at_once() -> None:
    query = "colour=red&goal=kill&goal=cure&limit=" + "9" * 5000 + "&min_papers=-1&inside_domain=no&cargo_name=x"
    with pytest.raises(DesignError) as caught:
        parse(query)
    assert {fault.field: fault.code for fault in caught.value.faults} == {
        "colour": "unknown_parameter",
        "goal": "invalid",
        "limit": "invalid",
        "vary": "missing",
        "constraints.min_papers": "invalid",
        "constraints.inside_domain": "wrong_type",
    }


@pytest.mark.parametrize(
    "query", ["source=%FF&source=%ED%A0%80&cargo_type=mirna", "&&=&=x", "source==&source=%00", "model=%FF"]
)
def test_what_nobody_meant_to_write_is_an_error_and_no_defect(scorer: Scorer, query: str) -> None:
    with pytest.raises(DesignError):
        designs_of(scorer, parse(query))
