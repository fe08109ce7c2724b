"""The built-in playbooks come with an organisation."""

from __future__ import annotations

import pytest

from csplatform.models import Organization
from csplatform.signals import organization_created
from playbooks.library import LIBRARY
from playbooks.services.library import copy_library
from tests.factories.playbooks import PlaybookFactory

pytestmark = pytest.mark.django_db


def test_a_new_organisation_gets_the_ten_in_order(organization: Organization) -> None:
    organization_created.send(sender=Organization, organization=organization)

    playbooks = list(organization.playbooks.with_steps())
    assert [(playbook.number, playbook.title) for playbook in playbooks] == [
        (number, item.title) for number, item in enumerate(LIBRARY, start=1)
    ]
    assert [step.text for step in playbooks[8].steps.all()] == [step.text for step in LIBRARY[8].steps]
    assert [step.role for step in playbooks[8].steps.all()][2:4] == ["team_lead", "finance"]
    assert playbooks[8].risk_factors == [str(factor) for factor in LIBRARY[8].risk_factors]
    assert playbooks[8].history.count() == 1


def test_copying_again_adds_nothing(organization: Organization) -> None:
    copy_library(organization=organization)

    assert copy_library(organization=organization) == []
    assert organization.playbooks.count() == 10


def test_a_playbook_missing_from_an_older_organisation_is_added_behind_its_own(
    organization: Organization,
) -> None:
    copy_library(organization=organization)
    organization.playbooks.get(number=10).delete()
    PlaybookFactory(organization=organization, title="Ours")

    added = copy_library(organization=organization)

    assert [(playbook.number, playbook.title) for playbook in added] == [(12, "Data Quality Improvement")]


def test_the_library_alone_is_built_in(organization: Organization) -> None:
    copy_library(organization=organization)
    PlaybookFactory(organization=organization)

    assert organization.playbooks.builtin().count() == 10
