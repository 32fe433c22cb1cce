"""The REST API: one blueprint for each resource."""

import flask

from service.api import (
    batches,
    designs,
    docs,
    drift,
    findings,
    health,
    inference,
    jobs,
    keys,
    metrics,
    models,
    reports,
    scores,
    vocabulary,
)
from service.api.openapi import Blueprint
from service.pages import manual, site


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprints that the OpenAPI document describes."""
    resources = (scores, batches, reports, findings, jobs, designs, models, vocabulary, drift, keys, health, metrics)
    return tuple(resource.blueprint for resource in resources)


def undocumented_blueprints() -> tuple[flask.Blueprint, ...]:
    """The blueprints that it does not describe: pages, and a protocol that has a document of its own."""
    return (site.blueprint, docs.blueprint, manual.blueprint, inference.blueprint)
