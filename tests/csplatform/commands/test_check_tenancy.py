"""The command that proves that no key crosses organisations."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AccountTag
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory, TagFactory
from tests.factories.billing import MrrMovementFactory
from tests.factories.csplatform import OrganizationFactory, TeamFactory

pytestmark = [pytest.mark.django_db]


def test_rows_of_one_organisation_are_confirmed(organization: Organization) -> None:
    account = AccountFactory(organization=organization, team=TeamFactory(organization=organization))
    AccountTag.objects.create(organization=organization, account=account, tag=TagFactory(organization=organization))
    out = io.StringIO()

    call_command("check_tenancy", stdout=out)

    assert out.getvalue() == "No foreign key crosses organisations.\n"


def test_each_crossing_key_is_named_with_its_rows(organization: Organization) -> None:
    elsewhere = OrganizationFactory()
    account = AccountFactory(organization=organization, team=TeamFactory(organization=elsewhere))
    movement = MrrMovementFactory(account=account, organization=elsewhere)
    err = io.StringIO()

    with pytest.raises(CommandError, match="3 relations"):
        call_command("check_tenancy", stderr=err)

    assert err.getvalue().splitlines() == [
        f"accounts.Account.team: rows {account.pk} point into another organisation.",
        f"accounts.HistoricalAccount.team: rows {account.history.get().pk} point into another organisation.",
        f"billing.MrrMovement.account: rows {movement.pk} point into another organisation.",
    ]
