"""Calls to addresses that members have typed."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from csplatform import outgoing
from csplatform.outgoing import OutgoingError, post, url_problem
from tests.receiver import Receiver, receiving


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com",
        "https://",
        "example.com/hook",
        "https://user:word@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://localhost/",
        "https://db.internal/",
        "https://printer.local/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
    ],
)
def test_an_address_that_is_no_public_https_one_is_refused_as_typed(url: str) -> None:
    assert url_problem(url)
    with pytest.raises(OutgoingError):
        post(url, b"{}", {})


@pytest.mark.parametrize("url", ["https://example.com", "https://hooks.example.com:8443/a?b=c", "https://8.8.8.8/"])
def test_a_public_https_address_is_fine(url: str) -> None:
    assert url_problem(url) == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:10.0.0.8"])
def test_a_name_that_leads_to_a_private_address_is_refused_before_anything_is_sent(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the name leads to a public address besides: one of them is one too many."""

    def looked_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34", port)), (socket.AF_INET, 1, 6, "", (address, port))]

    def no_connection(*_: Any) -> None:
        raise AssertionError("It connected.")

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(outgoing.socket, "create_connection", no_connection)

    with pytest.raises(OutgoingError, match="not on the public internet"):
        post("https://innocent.example.com/", b"{}", {})


def test_it_connects_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up, which could tell another address, is never made."""
    asked: list[str] = []
    reached: list[str] = []

    def looked_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34", port))]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(outgoing.socket, "create_connection", connect)

    with pytest.raises(OutgoingError, match="could not be reached"):
        post("https://example.com/", b"{}", {})

    assert (asked, reached) == (["example.com"], ["93.184.216.34"])


def test_redirects_are_answers_and_not_followed(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    receiver = Receiver(answers=[302], headers={"Location": "http://127.0.0.1:1/elsewhere"})

    with receiving(receiver):
        answer = post(receiver.url, b"{}", {"Content-Type": "application/json"})

    assert answer.status == 302
    assert [each.path for each in receiver.received] == ["/hook"]


def test_a_target_that_does_not_end_is_hung_up_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    monkeypatch.setattr(outgoing, "WHOLE_CALL_SECONDS", 0.2)

    with receiving(Receiver(pause=1.0)) as receiver, pytest.raises(OutgoingError, match="did not answer in time"):
        post(receiver.url, b"{}", {})


def test_nobody_there_is_said_in_a_sentence(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening

        with pytest.raises(OutgoingError, match="could not be reached"):
            post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"{}", {})
