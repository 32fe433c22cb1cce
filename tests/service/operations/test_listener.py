"""An address that cannot be listened on is refused before anything is loaded, in one sentence."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from service.operations.listener import listen, net_location
from tests.servers import free_port


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("::", "::")],
)
def test_a_free_port_is_listened_on(host: str, address: str) -> None:
    port = free_port()
    with ExitStack() as stack:
        listeners = [stack.enter_context(listener) for listener in listen(host, port, 2)]
        assert [listener.getsockname()[:2] for listener in listeners] == [(address, port)] * 2
        for _ in range(20):
            with socket.create_connection(("::1" if ":" in host else "127.0.0.1", port), timeout=5):
                pass
        for listener in listeners:
            listener.settimeout(5)
            listener.accept()[0].close()


def test_a_port_that_another_server_shares_with_all_who_ask_is_refused_too() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} is in use on 127.0.0.1. Choose .* --port {port + 1}") as raised:
            listen("127.0.0.1", port)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 100, "a b", "::zz", "[", "fe80::1%nowhere", ".."])
def test_a_host_that_is_none_is_named(host: str) -> None:
    with pytest.raises(OSError, match="cannot be used") as raised:
        listen(host, 8000)
    assert host in str(raised.value)


def test_an_address_of_ipv6_stands_in_brackets_before_its_port() -> None:
    assert [net_location(host, 80) for host in ("::1", "127.0.0.1", "lab")] == ["[::1]:80", "127.0.0.1:80", "lab:80"]
