"""Former names: what an account is also found by, and who may not take it."""

from __future__ import annotations

import pytest

from accounts.exceptions import InvalidAccount
from accounts.models import AccountAlias
from accounts.services.account import create_account, remove_alias, update_account
from csplatform.models import Membership

pytestmark = [pytest.mark.django_db]


def names(member: Membership) -> list[tuple[str, str]]:
    """Former names and the accounts they mean."""
    return list(member.organization.account_aliases.values_list("text", "account__name"))


def test_a_renamed_account_keeps_its_old_name_as_a_key(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")

    update_account(account=account, by=alice.user, name="Acme Cloud")

    alias = alice.organization.account_aliases.get()
    assert (alias.account, alias.kind, alias.key, alias.text, alias.origin) == (
        account,
        "name",
        "acme",
        "Acme",
        "rename",
    )


def test_another_spelling_of_the_same_name_is_no_former_name(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")

    update_account(account=account, by=alice.user, name="ACME", industry="Steel")

    assert names(alice) == []


def test_a_name_taken_up_again_is_no_longer_a_former_one(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")

    update_account(account=account, by=alice.user, name="Zenith")
    update_account(account=account, by=alice.user, name="acme")

    assert names(alice) == [("Zenith", "acme")]


def test_a_former_name_is_refused_to_others_by_a_sentence_that_names_its_account(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")
    update_account(account=account, by=alice.user, name="Zenith")
    other = create_account(organization=alice.organization, by=alice.user, name="Borax")
    sentence = "“Acme” is a former name of Zenith. Remove it there first, if that is wrong."

    with pytest.raises(InvalidAccount) as created:
        create_account(organization=alice.organization, by=alice.user, name=" ACME ")
    with pytest.raises(InvalidAccount) as renamed:
        update_account(account=other, by=alice.user, name="acme")

    assert created.value.errors == renamed.value.errors == {"name": [sentence]}
    other.refresh_from_db()
    assert (other.name, alice.organization.accounts.count()) == ("Borax", 2)


def test_other_organisations_may_use_the_name(alice: Membership, mallory: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")
    update_account(account=account, by=alice.user, name="Zenith")

    theirs = create_account(organization=mallory.organization, by=None, name="Acme")

    assert theirs.name == "Acme"


def test_a_removed_former_name_is_free_and_the_history_says_who_removed_it(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")
    account = update_account(account=account, by=alice.user, name="Zenith")

    remove_alias(account=account, alias=account.aliases.get(), by=alice.user)

    assert create_account(organization=alice.organization, by=alice.user, name="Acme").number == 2
    newest = account.history.first()
    assert (newest.history_change_reason, newest.history_user) == ("Former name “Acme” removed", alice.user)


def test_an_alias_of_another_account_is_not_removed(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")
    account = update_account(account=account, by=alice.user, name="Zenith")
    other = create_account(organization=alice.organization, by=alice.user, name="Borax")

    remove_alias(account=other, alias=account.aliases.get(), by=alice.user)

    assert AccountAlias.objects.count() == 1
