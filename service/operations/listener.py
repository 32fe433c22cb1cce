"""The sockets that the service listens on.

The supervisor opens them and lends them to the web server, so they outlive whatever serves: who connects while a web server that
died is started again waits, instead of being refused.
"""

import ctypes
import errno
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress

BACKLOG = 1024
# A client that takes nothing of its answer for so long is given up.
UNREAD_SECONDS = 60
# A filter of Linux (socket(7), bpf(2)): load the flags of a segment; does it begin a connection? drop it; keep it.
_KEEP_WHAT_IS_OPEN = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF))
_SO_ATTACH_FILTER = 26


def listen(host: str, port: int, count: int = 1) -> list[socket.socket]:
    """Sockets that listen on one address, among which the kernel spreads the connections: one for each worker.

    Raises OSError, saying why, where it cannot be listened on.
    """
    listeners: list[socket.socket] = []
    try:
        # Alone at first: with SO_REUSEPORT two services could share a port.
        _bind(host, port).close()
        for _ in range(count):
            listeners.append(_bind(host, port, socket.SO_REUSEPORT))
            listeners[-1].listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        for listener in listeners:
            listener.close()
        reason = error.strerror if isinstance(error, OSError) else error
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise OSError(
                f"port {port} is in use on {host}. Choose another one, for example --port {port % 65535 + 1}"
            ) from error
        raise OSError(
            f"{net_location(host, port)} cannot be used ({reason}). Choose another --host or --port"
        ) from error
    return listeners


def _bind(host: str, port: int, *options: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
    bound = socket.socket(family)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            bound.setsockopt(socket.SOL_SOCKET, option, 1)
        # The connections inherit these; the last one is Linux' own.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * UNREAD_SECONDS)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def take_no_more(listeners: Sequence[socket.socket]) -> None:
    """Lets no new connection come, in whatever process they are listened on; those that are there stay. Who tries to connect is
    refused as soon as the listeners are closed, so that none is accepted and then dropped. Does nothing but on Linux."""
    steps = b"".join(struct.pack("HBBI", *step) for step in _KEEP_WHAT_IS_OPEN)
    kept = ctypes.create_string_buffer(steps)
    with suppress(OSError):
        program = struct.pack("HP", len(_KEEP_WHAT_IS_OPEN), ctypes.addressof(kept))
        for listener in listeners:
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def net_location(host: str, port: int) -> str:
    """Host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
