"""Signing in and out: lock-out, forgotten passwords, other sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axes.models import AccessAttempt
from django.test import Client
from pytest_django import Settings

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


def change_address(client: Client, email: str) -> str:
    """Ask for another address, and say the password when the login asks for it; give back the page that follows."""
    answer = client.post("/auth/email/", {"email": email, "action_add": ""}, follow=True)
    if "/auth/reauthenticate/" in str(answer.redirect_chain):
        answer = client.post(answer.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    return str(answer.content.decode())


def test_a_new_address_counts_once_its_link_is_opened(alice: Membership) -> None:
    client = sign_in(alice)

    change_address(client, "alice@new.example")

    alice.user.refresh_from_db()
    assert alice.user.email == "alice@acme.example"
    job = Job.objects.get(payload__to=["alice@new.example"])
    link = next(word for word in job.payload["body"].split() if word.startswith("http"))
    client.post(link)
    alice.user.refresh_from_db()
    assert alice.user.email == "alice@new.example"
    assert Job.objects.filter(payload__to=["alice@acme.example"]).exists()  # the old address hears of it


def test_a_new_address_counts_at_once_where_no_mail_could_confirm_it(alice: Membership, settings: Settings) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    page = change_address(sign_in(alice), "Alice@new.example")

    alice.user.refresh_from_db()
    assert alice.user.email == "alice@new.example"
    assert "You sign in with alice@new.example from now on." in page
    assert Client().post(LOGIN, {"login": "alice@new.example", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("mail", [True, False])
def test_an_address_that_is_taken_is_refused(
    alice: Membership, bob: Membership, settings: Settings, mail: bool
) -> None:
    settings.EMAIL_IS_CONFIGURED = mail

    page = change_address(sign_in(alice), bob.user.email.upper())

    alice.user.refresh_from_db()
    assert alice.user.email == "alice@acme.example"
    assert "Another person signs in with this e-mail address already." in page


def test_an_open_browser_is_not_enough_to_change_the_address(
    client_for: Callable[[Membership], Client], alice: Membership, settings: Settings
) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    client_for(alice).post("/auth/email/", {"email": "eve@evil.example", "action_add": ""})

    alice.user.refresh_from_db()
    assert alice.user.email == "alice@acme.example"


def test_without_mail_the_forgotten_password_page_says_whom_to_ask(client: Client, settings: Settings) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    page = client.get("/auth/password/reset/").content.decode()

    assert "An admin of your organisation can make a link for you" in page
