"""What two people do at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone

from csplatform.enums import Role
from csplatform.models import Membership, Organization, User
from csplatform.services.invitation import InvitationClosed, accept_as_user, invite
from csplatform.services.membership import LastAdmin, change_role
from csplatform.services.organization import AlreadySetUp, set_up_installation
from csplatform.tenancy import every_organization, organization_scope
from tests.factories.csplatform import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite's writers queue by themselves; the suite runs there too"
    ),
]


def at_once(*acts: Callable[[], object]) -> list[type[BaseException] | None]:
    """Do them in threads that start together; what each was refused with, if it was."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> type[BaseException] | None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001  (the test says which)
            return type(error)
        else:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_admins_do_not_demote_each_other_at_once() -> None:
    with every_organization(write=True, why="a test arranges"):
        organization = OrganizationFactory()
        first, second = MembershipFactory.create_batch(2, organization=organization, role=Role.ADMIN)

    def demote(who: Membership, by: Membership) -> Callable[[], object]:
        def act() -> None:
            with organization_scope(organization, write=True):
                change_role(membership=Membership.objects.get(pk=who.pk), role=Role.VIEWER, by=by.user)

        return act

    outcomes = at_once(demote(first, second), demote(second, first))

    assert sorted(str(outcome) for outcome in outcomes) == sorted([str(None), str(LastAdmin)])
    assert organization.memberships.admins().count() == 1


def test_an_installation_is_set_up_once() -> None:
    def set_up(number: int) -> Callable[[], object]:
        return lambda: set_up_installation(
            name=f"Organisation {number}",
            email=f"admin{number}@acme.example",
            user_name="Admin",
            password="a long enough one",
            timezone="Asia/Kolkata",
        )

    outcomes = at_once(*(set_up(number) for number in range(4)))

    assert outcomes.count(None) == 1
    assert outcomes.count(AlreadySetUp) == 3
    assert (Organization.objects.count(), User.objects.count()) == (1, 1)


def test_a_link_opened_twice_at_once_is_used_once() -> None:
    with every_organization(write=True, why="a test arranges"):
        admin = MembershipFactory(role=Role.ADMIN)
        nina = UserFactory(email="nina@acme.example")
        _, token = invite(
            organization=admin.organization,
            email=nina.email,
            role=Role.CSM,
            teams=[],
            by=admin.user,
            make_link=lambda token: token,
        )

    outcomes = at_once(*[lambda: accept_as_user(token=token, user=nina, now=timezone.now())] * 4)

    assert outcomes.count(None) == 1
    assert outcomes.count(InvitationClosed) == 3
