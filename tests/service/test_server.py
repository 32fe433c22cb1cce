"""A port that is in use is refused before anything is loaded, in one sentence."""

from __future__ import annotations

import socket

import pytest

from service.server import check_port
from tests.servers import free_port


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "0.0.0.0")]
)
def test_a_free_port_may_be_listened_on(host: str, address: str) -> None:
    assert check_port(host, free_port()) == address


def test_a_port_that_another_server_shares_with_all_who_ask_is_refused_too() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port} cannot be listened on") as raised:
            check_port("127.0.0.1", port)
    assert "\n" not in str(raised.value)


def test_a_host_that_nobody_knows_is_named() -> None:
    with pytest.raises(OSError, match=r"nowhere\.invalid:8000 cannot be listened on"):
        check_port("nowhere.invalid", 8000)
