"""The command that proves the ledger."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.services.account import create_account
from billing.management.commands.check_ledger import CHECKS
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory
from tests.factories.billing import MrrMovementFactory

pytestmark = [pytest.mark.django_db]


def test_a_whole_ledger_is_confirmed(organization: Organization) -> None:
    create_account(organization=organization, by=None, name="Acme", arr=Decimal(100000))
    AccountFactory(organization=organization)  # pays nothing, has no rows
    out = io.StringIO()

    call_command("check_ledger", stdout=out)

    first, *checks, last = out.getvalue().splitlines()
    assert first == "Acme Cloud (acme)"
    assert [line.rpartition(" ")[2] for line in checks] == ["ok"] * len(CHECKS)
    assert last == "The ledger adds up in 1 organisation."


def test_an_account_that_pays_what_the_ledger_does_not_know_is_named(organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", arr=Decimal(120000))
    err = io.StringIO()

    with pytest.raises(CommandError, match="3 problems"):
        call_command("check_ledger", organization="acme", stderr=err)

    assert err.getvalue().splitlines() == [
        "acme: Account 1 (Acme): the ledger says 0.00 a month, the account 10000.00.",
        "acme: Account 1 (Acme): the ledger says 0.00 a year, the account 120000.00.",
        "acme: MRR comes to 0.00, not 10000.00.",
    ]


def test_a_day_of_two_kinds_is_named(organization: Organization) -> None:
    account = create_account(organization=organization, by=None, name="Acme", arr=Decimal(120000))
    day = account.mrr_movements.get().date
    for kind, amount in [("expansion", 1000), ("contraction", -1000)]:
        MrrMovementFactory(account=account, date=day, kind=kind, amount=Decimal(amount))

    with pytest.raises(CommandError, match="2 problems"):  # three kinds on one day
        call_command("check_ledger", stderr=io.StringIO())


def test_an_unknown_organisation_is_an_error(organization: Organization) -> None:
    with pytest.raises(CommandError, match="no organisation nowhere"):
        call_command("check_ledger", organization="nowhere")
