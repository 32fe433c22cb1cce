"""The types of a document are what the API documents: nothing is described twice."""

from __future__ import annotations

from flask import Flask

from service.scoring.documents import DEFAULT_FIELDS, FIELDS, OPTIONAL_FIELDS, Score, json_schemas, select_fields


def test_the_openapi_document_describes_scores_by_their_types(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").get_json()["components"]["schemas"]
    for name, schema in json_schemas().items():
        assert described[name] == schema, name


def test_a_score_requires_the_default_fields_and_a_part_of_one_requires_none() -> None:
    schemas = json_schemas()
    assert schemas["Score"]["required"] == list(DEFAULT_FIELDS)
    assert not schemas["ScorePart"].get("required")
    assert schemas["ScorePart"]["properties"] == schemas["Score"]["properties"]


def test_every_type_says_what_it_is() -> None:
    assert all(schema.get("description") for schema in json_schemas().values())


def test_fields_keep_the_order_of_the_document() -> None:
    assert select_fields(FIELDS[::-1], FIELDS[::-1]) == FIELDS
    assert select_fields() == DEFAULT_FIELDS
    assert set(FIELDS) - set(DEFAULT_FIELDS) == set(OPTIONAL_FIELDS)
    assert [name for name in Score.__struct_fields__ if name in FIELDS] == list(FIELDS)
