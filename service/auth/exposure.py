"""Whether the service may listen where it is told to: beyond this machine only with keys, or where that is meant."""

from __future__ import annotations

import ipaddress
import shlex
from typing import TYPE_CHECKING

from service.errors import ExposureError

if TYPE_CHECKING:
    from service.auth.keys import Keys
    from service.settings import Settings


def check_exposure(settings: Settings, keys: Keys) -> None:
    """Raises ExposureError, saying what to run, where other machines could reach the service without that being meant."""
    if is_loopback(settings.host) or settings.allow_open:
        return
    serve = f"exoscore serve --host {shlex.quote(settings.host)}"
    make_key = "exoscore keys create --name NAME --scopes score,curate,train,admin"
    if not settings.require_key:
        raise ExposureError(
            f"{settings.host} can be reached from other machines, and without keys anyone there could use this service.\n"
            f"Either make a key and require one:\n  {make_key}\n  {serve} --require-key true\n"
            f"Or, to leave it open on purpose:\n  EXOSCORE_ALLOW_OPEN=true {serve}"
        )
    if not keys.good():
        raise ExposureError(
            f"Keys are required, but there is no valid key, so nobody could use this service. Make one:\n  {make_key}"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address. A name other than localhost may stand for anything."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def has_one_user(settings: Settings) -> bool:
    """Whether all who come without a key are taken for one person: nobody but this machine reaches the service, and no proxy
    passes on what others send."""
    return is_loopback(settings.host) and not (settings.trusted_proxies or settings.allowed_hosts)


def is_wildcard(host: str) -> bool:
    """Whether it stands for every address of this machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def local_address(host: str) -> str:
    """Where this machine itself reaches what listens on `host`: the loopback, where that is every address."""
    if not is_wildcard(host):
        return host
    return "::1" if ":" in host else "127.0.0.1"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
