"""A platform that speaks the Open Inference Protocol asks a real server with a client of others: tritonclient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import httpx
import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from models.candidates.candidate import FIELD_BY_NAME
from tests.journeys.conftest import Served

REQUESTS = 200
SOURCES = ("M1", "M2", "TAM", "M0")
CARGOS = (
    ("mirna", "miR-21-5p"),
    ("mirna", "miR-155"),
    ("mirna", "let-7b"),
    ("mirna", "anti-miR-21"),
    ("lncrna", "HOTTIP"),
    ("protein", "PTEN"),
    ("drug", "Taxol"),
    ("sirna", "siKRAS"),
    ("whole_vesicle", ""),
    ("mirna", "blorb-ß"),
)
CANCERS = ("gastric cancer", "HCC", "glioblastoma", "", "gastrc cancer")


def candidates() -> Iterator[dict[str, str]]:
    """Different candidates: with and without warnings, with empty fields, and with several terms."""
    for number, (source, (kind, name), cancer) in enumerate(product(SOURCES, CARGOS, CANCERS)):
        texts = {"source_phenotype": source, "cargo_type": kind, "cargo_name": name, "cancer_type": cancer}
        yield texts | {"polarisation": "IL-4;IL-13" if number % 3 else "", "id": f"№ {number}"}


def inputs(batch: list[dict[str, str]], shape: list[int], binary: bool) -> list[InferInput]:
    tensors = []
    for name in batch[0]:
        tensor = InferInput(name, shape, "BYTES")
        texts = np.array([one[name].encode() for one in batch], dtype=np.object_).reshape(shape)
        tensors.append(tensor.set_data_from_numpy(texts, binary_data=binary))
    return tensors


@pytest.fixture
def client(served: Served) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(served.address.removeprefix("http://")) as client:
        yield client


def scores_of(served: Served, batch: list[dict[str, str]]) -> list[dict[str, Any]]:
    answer = httpx.post(f"{served.address}/v1/scores", json={"candidates": batch}).json()
    scores: list[dict[str, Any]] = answer["scores"]
    return scores


def test_two_hundred_requests_have_the_digits_of_v1_scores(served: Served, client: InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("exoscore")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    model = client.get_model_metadata("exoscore")
    assert {tensor["name"] for tensor in model["inputs"]} == set(FIELD_BY_NAME)
    names = [tensor["name"] for tensor in model["outputs"]]
    (version,) = model["versions"]
    batch = list(islice(candidates(), REQUESTS))
    assert len({tuple(one.values()) for one in batch}) == REQUESTS
    seen = set()
    for number, (candidate, score) in enumerate(zip(batch, scores_of(served, batch), strict=True)):
        # Binary or JSON, all outputs or named ones, pinned or not, in turns.
        chosen = [InferRequestedOutput(name, binary_data=bool(number % 3)) for name in names] if number % 2 else None
        result = client.infer(
            "exoscore",
            inputs([candidate], [1, 1] if number % 2 else [1], bool(number % 4)),
            model_version=version if number % 5 else "",
            outputs=chosen,
            request_id=str(number),
        )
        response = result.get_response()
        assert (response["id"], response["model_version"]) == (str(number), version)
        found = {name: result.as_numpy(name).item() for name in names}
        texts = {name: text.decode() if isinstance(text, bytes) else text for name, text in found.items()}
        low, high = score["interval"]
        assert texts["label"] == score["label"]
        assert texts["probability_suppressing"] == score["probability_suppressing"]
        assert (texts["interval_low"], texts["interval_high"]) == (low, high)
        assert texts["prediction_set"] == ";".join(score["prediction_set"])
        assert texts["inside_domain"] is score["domain"]["inside"]
        assert (texts["support"], texts["summary"]) == (score["support"], score["summary"])
        assert (texts["confidence"], texts["credibility"]) == (score["confidence"], score["credibility"])
        seen.add(texts["probability_suppressing"])
    assert len(seen) > 20


def test_a_batch_is_one_request_and_errors_are_named(served: Served, client: InferenceServerClient) -> None:
    batch = list(candidates())
    result = client.infer("exoscore", inputs(batch, [len(batch)], binary=True))
    expected = [score["probability_suppressing"] for score in scores_of(served, batch)]
    assert result.as_numpy("probability_suppressing").tolist() == expected
    with pytest.raises(InferenceServerException, match=r"cargo_type\[1\]: 'mirnaz' is not a known cargo_type"):
        client.infer("exoscore", inputs([batch[0], batch[1] | {"cargo_type": "mirnaz"}], [2], binary=True))
    with pytest.raises(InferenceServerException, match="There is no model 'exo-000000000000'"):
        client.infer("exoscore", inputs(batch[:1], [1], binary=True), model_version="exo-000000000000")
    assert not client.is_model_ready("other")
