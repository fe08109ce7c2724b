"""Signing in and out: lock-out, forgotten passwords, other sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axes.models import AccessAttempt
from django.test import Client

from csplatform.models import Job, Membership
from tests.factories.csplatform import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = "/auth/login/"
PAGE = "/dashboard/settings"


def sign_in(member: Membership) -> Client:
    client = Client()
    assert client.post(LOGIN, {"login": member.user.email, "password": PASSWORD})["Location"] == "/dashboard"
    return client


def try_password(client: Client, email: str, password: str, address: str = "198.51.100.7") -> int:
    return int(client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address).status_code)


def test_the_right_password_signs_in(alice: Membership) -> None:
    assert sign_in(alice).get(PAGE).status_code == 200


def test_five_wrong_passwords_lock_out_the_right_one_too(client: Client, alice: Membership) -> None:
    wrong = [try_password(client, alice.user.email, f"wrong {n}") for n in range(5)]

    right = try_password(client, alice.user.email, PASSWORD)

    assert wrong == [200, 200, 200, 200, 429]
    assert right == 429
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize("change", ["address", "case", "browser"])
def test_another_address_case_or_browser_is_no_way_round(client: Client, alice: Membership, change: str) -> None:
    for n in range(5):
        try_password(client, alice.user.email, f"wrong {n}")

    email = alice.user.email.upper() if change == "case" else alice.user.email
    address = "203.0.113.9" if change != "case" else "198.51.100.7"
    answer = try_password(Client(HTTP_USER_AGENT="another" if change == "browser" else ""), email, PASSWORD, address)

    assert answer == 429


def test_a_forged_forwarding_header_is_no_way_round(client: Client, alice: Membership) -> None:
    for n in range(5):
        client.post(
            LOGIN, {"login": f"person{n}@acme.example", "password": "x"}, headers={"X-Forwarded-For": f"192.0.2.{n}"}
        )

    answer = client.post(
        LOGIN, {"login": alice.user.email, "password": PASSWORD}, headers={"X-Forwarded-For": "192.0.2.99"}
    )

    assert answer.status_code == 429


def test_a_colleague_elsewhere_is_not_locked_out(client: Client, alice: Membership, bob: Membership) -> None:
    for n in range(5):
        try_password(client, alice.user.email, f"wrong {n}")

    assert try_password(Client(), bob.user.email, PASSWORD, "203.0.113.9") == 302


def test_no_password_is_kept_with_the_attempts(client: Client, alice: Membership) -> None:
    try_password(client, alice.user.email, "my-other-secret")

    attempt = AccessAttempt.objects.get()
    assert attempt.username == alice.user.email
    assert "my-other-secret" not in attempt.post_data


def test_known_and_unknown_addresses_get_the_same_refusal(client: Client, alice: Membership) -> None:
    def body(email: str) -> str:
        answer = client.post(LOGIN, {"login": email, "password": "wrong"})
        return answer.content.decode().replace(email, "EMAIL").replace(str(answer.context["csrf_token"]), "TOKEN")

    assert body(alice.user.email) == body("nobody@acme.example")


def test_known_and_unknown_addresses_look_the_same_when_a_password_is_forgotten(
    client: Client, alice: Membership
) -> None:
    def body(email: str) -> str:
        answer = client.post("/auth/password/reset/", {"email": email}, follow=True)
        return answer.content.decode().replace(email, "EMAIL").replace(str(answer.context["csrf_token"]), "TOKEN")

    assert body(alice.user.email) == body("nobody@acme.example")
    assert Job.objects.filter(kind="send_mail", organization=None).count() == 2


def test_a_mailed_link_sets_a_new_password_and_ends_the_sessions(client: Client, alice: Membership) -> None:
    there = sign_in(alice)
    client.post("/auth/password/reset/", {"email": alice.user.email})
    body = Job.objects.get(kind="send_mail").payload["body"]
    link = next(word for word in body.split() if word.startswith("http"))
    form = client.get(link, follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": "an entirely new one", "password2": "an entirely new one"})

    alice.user.refresh_from_db()
    assert alice.user.check_password("an entirely new one")
    assert there.get(PAGE).status_code == 302
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_changing_the_password_ends_the_other_sessions(alice: Membership) -> None:
    here, there = sign_in(alice), sign_in(alice)

    here.post(
        "/auth/password/change/",
        {"oldpassword": PASSWORD, "password1": "an entirely new one", "password2": "an entirely new one"},
    )

    assert (here.get(PAGE).status_code, there.get(PAGE).status_code) == (200, 302)


def test_signing_out_ends_the_other_sessions(alice: Membership, bob: Membership) -> None:
    here, there, bobs = sign_in(alice), sign_in(alice), sign_in(bob)

    here.post("/auth/logout/")

    assert [each.get(PAGE).status_code for each in (here, there, bobs)] == [302, 302, 200]


def test_nobody_signs_up_by_themselves(client: Client, alice: Membership) -> None:
    answer = client.post(
        "/auth/signup/",
        {"email": "eve@evil.example", "password1": "a long enough one", "password2": "a long enough one"},
    )

    assert not type(alice.user).objects.filter(email="eve@evil.example").exists()
    assert answer.status_code in {200, 403}


def test_wrong_passwords_of_somebody_signed_in_count_too(
    client_for: Callable[[Membership], Client], alice: Membership
) -> None:
    """Whoever finds an open browser must not be able to guess the password there."""
    client = client_for(alice)

    for n in range(5):
        client.post("/auth/reauthenticate/", {"password": f"wrong {n}"})

    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    assert AccessAttempt.objects.get(username=alice.user.email).failures_since_start >= 5


def test_a_login_of_ones_own_forgives_no_guesses_at_others(
    client: Client, alice: Membership, bob: Membership
) -> None:
    """Four guesses at Alice, a login as Bob, and again: the fifth guess locks all the same."""
    for n in range(4):
        try_password(client, alice.user.email, f"wrong {n}")
    assert try_password(client, bob.user.email, PASSWORD) == 302

    assert try_password(Client(), alice.user.email, "wrong 5") == 429


def test_a_right_password_forgives_ones_own_mistakes(client: Client, alice: Membership) -> None:
    for n in range(4):
        try_password(client, alice.user.email, f"wrong {n}")
    try_password(client, alice.user.email, PASSWORD)

    assert not AccessAttempt.objects.exists()
