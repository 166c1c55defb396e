"""Where a webhook may lead: to public addresses alone, unless the registry is told otherwise (MENGFU_WEBHOOKS_PRIVATE).

Whoever may make a webhook could else have the registry send requests into its own network. A name is resolved once for
each connection, every address that it has is looked at, and the connection goes to one of those: not to what the name
would lead to a moment later (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

CARRYING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
"""IPv6 networks whose addresses end in an IPv4 one: NAT64 (RFC 6052), IPv4-compatible (RFC 4291, section 2.5.5.1)."""


NAMES = ThreadPoolExecutor(32, thread_name_prefix="mengfu names")
"""Threads that wait for name servers: their own, so that one that never answers holds up nothing but webhooks."""


class PrivateError(Exception):
    """An address is not public, or a name has one that is not."""


def leads_to(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, where it is of a kind that does; else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in CARRYING):
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def public(address: Address) -> bool:
    """Whether an address is one of the public Internet: not private, loopback, link-local, multicast or reserved."""
    to = leads_to(address)
    site = isinstance(to, ipaddress.IPv6Address) and to.is_site_local
    return to.is_global and not (to.is_multicast or to.is_reserved or site)


async def resolved(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses of a host, in the order to try them. Raises PrivateError, and OSError where it has none."""
    look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    infos = await asyncio.get_running_loop().run_in_executor(NAMES, look)
    found = list(dict.fromkeys(str(where[0]) for *_, where in infos))
    if not private:
        for text in found:
            if not public(ipaddress.ip_address(text.partition("%")[0])):
                raise PrivateError(f"{host} is at {text}, which is no public address")
    return found


class Pinned(httpcore.AsyncNetworkBackend):
    """Connections to addresses that were looked at. TLS still asks for the certificate of the name."""

    def __init__(self, *, private: bool) -> None:
        """`private` lets them lead anywhere."""
        self._private = private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- as httpcore asks
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes it."""
        failed: Exception | None = None
        for address in await resolved(host, port, private=self._private):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def address_of(url: str) -> "httpx.URL":
    """An address that requests can be sent to. Raises ValueError, saying what is wrong with it."""
    import httpx  # noqa: PLC0415 -- long to import, and most registries have no webhooks

    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError("this is no address that a request can be sent to") from error
    if found.scheme not in {"http", "https"} or not found.host:
        raise ValueError("an address of a webhook begins with http:// or https:// and a host")
    if b"%" in found.raw_host or (found.port is not None and not 0 < found.port < 65_536):
        raise ValueError("an address of a webhook has a host without spaces, and a port from 1 to 65535")
    if found.userinfo or found.fragment:
        raise ValueError("an address of a webhook has no user, no password and no fragment")
    return found
