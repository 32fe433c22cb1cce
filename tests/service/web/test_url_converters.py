"""What stands in an address is told from what is done there."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from service.web.url_converters import ACTIONS


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_no_model(client: FlaskClient, action: str) -> None:
    response = client.get(f"/v1/models/{action}")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert client.get(f"/v1/models/{action}-1").status_code == 404
