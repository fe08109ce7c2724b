"""Doing one thing to many accounts from the list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import BulkChange
from csplatform.jobs import execute
from csplatform.models import Job, Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
BULK = "accounts:account_bulk"


def test_all_matching_means_every_page_and_nothing_else(
    client_for: ClientFor, mona: Membership, alice: Membership
) -> None:
    organization = mona.organization
    AccountFactory.create_batch(130, organization=organization, segment="SMB")
    other = AccountFactory(organization=organization, segment="Enterprise")
    elsewhere = AccountFactory(segment="SMB")

    response = client_for(mona).post(
        f"{reverse(BULK)}?segment=SMB&page_size=25", {"all": "1", "action": "assign_owner", "value": str(alice.uuid)}
    )

    assert response["Location"] == f"{reverse('accounts:account_list')}?segment=SMB&page_size=25"
    assert organization.accounts.owned_by(alice.user).count() == 130
    other.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (other.owner, elsewhere.owner) == (None, None)
    assert organization.bulk_changes.get().query == "segment=SMB"


def test_only_picked_rows_change_and_undo_brings_them_back(client_for: ClientFor, mona: Membership) -> None:
    one, two = AccountFactory.create_batch(2, organization=mona.organization)
    client = client_for(mona)

    response = client.post(
        reverse(BULK), {"selected": [one.number, "x", "9" * 30], "action": "add_tag", "value": " VIP  now "}
    )
    (message,) = get_messages(response.wsgi_request)
    undo = reverse("accounts:bulk_undo", args=[mona.organization.bulk_changes.get().uuid])

    assert (str(message), message.extra_tags) == ("1 account changed.", f"undo:{undo}")
    assert [tag.name for tag in one.tags.all()] == ["VIP now"]
    assert not two.tags.exists()
    assert undo.encode() in client.get(reverse("accounts:account_list")).content
    client.post(undo)
    assert not one.tags.exists()


def test_the_preview_counts_and_writes_nothing(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    mine = AccountFactory.create_batch(2, organization=alice.organization, owner=alice.user)
    theirs = AccountFactory(organization=alice.organization, owner=bob.user)

    content = (
        client_for(alice)
        .post(
            reverse("accounts:bulk_preview"),
            {"selected": [each.number for each in [*mine, theirs]], "action": "set_status", "value": "at_risk"},
        )
        .content.decode()
    )

    assert "2 of 3 will change; 1 is not yours." in content
    assert not BulkChange.objects.exists()
    assert set(alice.organization.accounts.values_list("status", flat=True)) == {"active"}


def test_a_large_selection_becomes_a_job_with_a_page(
    client_for: ClientFor, mona: Membership, settings: object
) -> None:
    settings.BULK_INLINE_LIMIT = 2  # type: ignore[attr-defined]
    accounts = AccountFactory.create_batch(3, organization=mona.organization)
    client = client_for(mona)

    response = client.post(reverse(BULK), {"all": "1", "action": "archive"})
    waiting = client.get(response["Location"])
    still_there = mona.organization.accounts.unarchived().count()
    execute(Job.objects.get(kind="bulk_accounts").pk)
    done = client.get(response["Location"])

    change = mona.organization.bulk_changes.get()
    assert response["Location"] == change.get_absolute_url()
    assert b"data-job" in waiting.content
    assert still_there == len(accounts)
    assert mona.organization.accounts.unarchived().count() == 0
    assert b"Undo" in done.content


@pytest.mark.parametrize("action", ["assign_owner", "add_tag", "set_status", "archive", "restore"])
def test_roles_that_may_not_write_change_nothing(
    client_for: ClientFor, farah: Membership, rita: Membership, mallory: Membership, action: str
) -> None:
    account = AccountFactory(organization=rita.organization)
    body = {"selected": account.number, "action": action, "value": "at_risk"}

    for member in (farah, rita):
        assert client_for(member).post(reverse(BULK), body).status_code == 403
    client_for(mallory).post(reverse(BULK), body)

    assert not BulkChange.objects.exists()
    account.refresh_from_db()
    assert (account.status, account.is_archived, account.owner) == ("active", False, None)


def test_a_csm_may_not_give_accounts_away(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = client_for(alice).post(
        reverse(BULK), {"selected": account.number, "action": "assign_owner", "value": str(bob.uuid)}
    )

    account.refresh_from_db()
    assert response.status_code == 403
    assert account.owner == alice.user


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"action": "add_tag", "value": "x"}, "Select at least one account."),
        ({"all": "1", "action": "explode"}, "action: takes assign_owner"),
        ({"all": "1", "action": "set_status", "value": "gone"}, "value: takes onboarding"),
        ({"all": "1", "action": "add_tag", "value": " "}, "value: takes the name of a tag."),
        ({"all": "1", "action": "assign_owner", "value": "nobody-i-know"}, "value: takes the id of an active member"),
    ],
)
def test_what_is_not_understood_is_said(
    client_for: ClientFor, mona: Membership, body: dict[str, str], words: str
) -> None:
    AccountFactory(organization=mona.organization)

    response = client_for(mona).post(reverse(BULK), body)

    assert words in str(next(iter(get_messages(response.wsgi_request))))
    assert not BulkChange.objects.exists()


def test_a_selection_leaves_as_a_file_without_the_forms_token(client_for: ClientFor, rita: Membership) -> None:
    one, two = AccountFactory.create_batch(2, organization=rita.organization)
    client = client_for(rita)

    response = client.post(
        f"{reverse('accounts:bulk_export')}?sort=-arr",
        {"selected": [two.number], "format": "csv", "csrfmiddlewaretoken": "secret"},
    )
    text = b"".join(client.get(response["Location"])).decode()

    assert "secret" not in response["Location"]
    assert two.name in text
    assert one.name not in text


def test_the_bar_offers_what_the_role_may(
    client_for: ClientFor, mona: Membership, alice: Membership, rita: Membership
) -> None:
    AccountFactory(organization=rita.organization)

    def offered(member: Membership) -> list[str]:
        response = client_for(member).get(reverse("accounts:account_list"))
        return [action.name for action in response.context["bulk_actions"]]

    assert offered(mona)[:2] == ["assign_owner", "add_tag"]
    assert "assign_owner" not in offered(alice)
    assert "add_tag" in offered(alice)
    assert offered(rita) == []
