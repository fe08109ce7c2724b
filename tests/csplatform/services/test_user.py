"""Ways back in, and who may make them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csplatform.models import Membership
from csplatform.services.user import ResetLinkRefused, end_sessions, password_reset_path
from tests.factories.csplatform import PASSWORD, MembershipFactory

pytestmark = pytest.mark.django_db


def sign_in(member: Membership) -> Client:
    client = Client()
    answer = client.post("/auth/login/", {"login": member.user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_ending_sessions_signs_out_everywhere_but_one(alice: Membership, bob: Membership) -> None:
    here, there, bobs = sign_in(alice), sign_in(alice), sign_in(bob)

    ended = end_sessions(user=alice.user, keep=here.session.session_key)

    assert ended == 1
    assert [client.get("/dashboard/settings").status_code for client in (here, there, bobs)] == [200, 302, 200]


def test_a_password_link_sets_a_new_password_once(alice: Membership, client: Client) -> None:
    path = password_reset_path(member=alice)
    form = client.get(path, follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": "an entirely new one", "password2": "an entirely new one"})

    alice.user.refresh_from_db()
    assert alice.user.check_password("an entirely new one")
    again = Client().get(path, follow=True)
    assert "password1" not in again.content.decode()


@pytest.mark.parametrize("reason", ["belongs elsewhere too", "runs the installation", "is deactivated"])
def test_nobody_walks_in_through_a_link_they_should_not_make(
    alice: Membership, reason: str, client_for: Callable[[Membership], Client]
) -> None:
    if reason == "belongs elsewhere too":
        MembershipFactory(user=alice.user)
    elif reason == "runs the installation":
        alice.user.is_superuser = True
    else:
        alice.is_active = False

    with pytest.raises(ResetLinkRefused):
        password_reset_path(member=alice)
