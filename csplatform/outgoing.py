"""Calls to addresses that members have typed: to public addresses only, with an end, and without following anywhere.

SECURITY: a name is looked up once and the connection goes to that very address, so that a name cannot show us a
public one and lead to a private one a moment later.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

CONNECT_SECONDS = 5.0
WHOLE_CALL_SECONDS = 15.0
KEPT_CHARACTERS = 200
"""Of an answer: enough to see what went wrong."""
TRANSLATED = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
"""Addresses of version 6 that lead to one of version 4, which may be private."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingError(Exception):
    """The call could not be made or had no answer; its text is a sentence for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    text: str
    """Its beginning."""


def url_problem(url: str) -> str:
    """What is wrong with an address that somebody typed, in a sentence; empty when nothing is to be seen."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "That is not an address."
    allowed = ("https", "http") if settings.WEBHOOK_PRIVATE_TARGETS else ("https",)
    if parts.scheme not in allowed or not parts.hostname:
        return "Give an address that begins with https://."
    if parts.username or parts.password:
        return "Leave user name and password out of the address; what we send is signed."
    if parts.fragment or port == 0 or not url.isascii() or any(sign.isspace() for sign in url):
        return "That is not an address."
    if settings.WEBHOOK_PRIVATE_TARGETS:
        return ""
    name = parts.hostname.rstrip(".").lower()
    literal = _literal(name)
    if (
        name == "localhost"
        or name.endswith((".localhost", ".local", ".internal"))
        or (literal and not public(literal))
    ):
        return "Give an address on the public internet."
    return ""


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send one POST. Raises `OutgoingError` when the target is not public, not there or too slow."""
    if problem := url_problem(url):
        raise OutgoingError(problem)
    parts = urlsplit(url)
    connection = _connection(parts)
    is_over = threading.Event()
    end = threading.Timer(WHOLE_CALL_SECONDS, _hang_up, [connection, is_over])
    end.daemon = True
    try:
        connection.connect()
        end.start()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=headers)
        response = connection.getresponse()
        text = response.read(4 * KEPT_CHARACTERS).decode("utf-8", "replace")
        return Answer(status=response.status, text=" ".join(text.split())[:KEPT_CHARACTERS])
    except ssl.SSLError as error:
        raise OutgoingError("Its certificate is not one to trust.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        slow = isinstance(error, TimeoutError) or is_over.is_set()
        sentence = "It did not answer in time." if slow else "It could not be reached."
        raise OutgoingError(sentence) from error
    finally:
        end.cancel()
        connection.close()


def public(address: Address) -> bool:
    """Reachable by anybody on the internet, and not a road to somewhere else."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return public(address.ipv4_mapped)
        if any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _looked_up(host, port)
    if secure:
        return _PinnedHTTPSConnection(host, port, address)
    return _PinnedHTTPConnection(host, port, address)


def _looked_up(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OutgoingError("There is no such host.") from error
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not settings.WEBHOOK_PRIVATE_TARGETS and not all(public(ipaddress.ip_address(each)) for each in addresses):
        raise OutgoingError("Its name leads to an address that is not on the public internet.")
    return addresses[0]


def _literal(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _hang_up(connection: http.client.HTTPConnection, is_over: threading.Event) -> None:
    """End a call that trickles: a time-out of the socket begins anew with every byte."""
    is_over.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class _PinnedHTTPConnection(http.client.HTTPConnection):
    """Speaks to the host, but connects to the address that was checked."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), CONNECT_SECONDS)
        self.sock.settimeout(WHOLE_CALL_SECONDS)


class _PinnedHTTPSConnection(_PinnedHTTPConnection):
    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
