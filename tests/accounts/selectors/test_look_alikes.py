"""Which new names are slips of the finger."""

from __future__ import annotations

import pytest

from accounts.selectors.look_alikes import look_alikes
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("new", "is_alike"),
    [
        ("Sahyadri Logistcs", True),  # a letter less
        ("Sahyadri Loogistics", True),  # one more
        ("Sahyadri Logistigs", True),  # another one
        ("Sahyadri Logisitcs", True),  # two that changed places
        ("SAHYADRI-LOGISTICS PRIVATE LIMITED", True),  # nothing but signs and the legal form
        ("Sahyadri Logistcz", False),  # two slips
        ("Sahyadri Logistics Pvt. Ltd.", False),  # the account itself
        ("Kaveri Foods", False),
    ],
)
def test_a_name_that_is_one_slip_away_is_found(organization: Organization, new: str, is_alike: bool) -> None:
    AccountFactory(organization=organization, name="Sahyadri Logistics Pvt. Ltd.")
    AccountFactory(name="Kaveri Food")  # another organisation's

    found = look_alikes(organization, [new])

    assert found == ([(new, "Sahyadri Logistics Pvt. Ltd.")] if is_alike else [])
