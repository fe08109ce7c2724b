"""What playbooks do when another room has news."""

from __future__ import annotations

from csplatform.models import Organization
from csplatform.signals import organization_created
from playbooks.services.library import copy_library


def give_library(organization: Organization, **kwargs: object) -> None:
    """A new organisation has something to do about a risk from its first score on."""
    copy_library(organization=organization)


def connect() -> None:
    organization_created.connect(give_library, dispatch_uid="playbooks.give_library")
