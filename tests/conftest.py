"""The cast: alice owns, bob is her colleague, rita may only read, mallory belongs elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from csplatform.enums import KeyScope, Role
from csplatform.models import Membership, Organization
from csplatform.tenancy import every_organization
from tests.factories.csplatform import ApiKeyFactory, MembershipFactory, OrganizationFactory, UserFactory
from tests.processes import Installation

# How long one example takes says how busy the machine is.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Here SQLite makes its tables from the models, in a second where migrations take half a minute.

    Migrations run on PostgreSQL, and on SQLite in the tests that start real servers (`new_installation`)."""
    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def new_installation(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Installation]:
    """Makes installations for real processes: migrated once, copied for each."""
    migrated: list[Installation] = []

    def make() -> Installation:
        if not migrated:
            migrated.append(Installation(tmp_path_factory.mktemp("migrated")))
            migrated[0].manage("migrate", "--verbosity", "0")
        return migrated[0].copy_to(tmp_path_factory.mktemp("installation"))

    return make


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """Request counters and wrong-key counters start at nothing.

    Under a prefix of the test's own: clearing Redis would clear the counters of the tests beside it."""
    prefix = uuid.uuid4().hex
    caches.settings["default"]["KEY_PREFIX"] = prefix  # for the connections that other threads make
    caches["default"].key_prefix = prefix


@pytest.fixture(autouse=True)
def _arrange_everywhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """Arrange and assert across organisations; requests enter their own scope inside this one."""
    marker = request.node.get_closest_marker("django_db")
    wants_database = marker is not None or {"db", "transactional_db"} & set(request.fixturenames)
    if (
        not wants_database
        or "transactional_db" in request.fixturenames
        or (marker and marker.kwargs.get("transaction"))
    ):
        yield
        return
    request.getfixturevalue("db")
    with every_organization(write=True, why="a test arranges"):
        yield


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory(name="Acme Cloud", slug="acme")


def _member(organization: Organization, name: str, role: Role) -> Membership:
    return MembershipFactory(
        organization=organization,
        role=role,
        user=UserFactory(name=name.capitalize(), email=f"{name}@{organization.slug}.example"),
    )


@pytest.fixture
def amir(organization: Organization) -> Membership:
    return _member(organization, "amir", Role.ADMIN)


@pytest.fixture
def mona(organization: Organization) -> Membership:
    return _member(organization, "mona", Role.MANAGER)


@pytest.fixture
def alice(organization: Organization) -> Membership:
    return _member(organization, "alice", Role.CSM)


@pytest.fixture
def bob(organization: Organization) -> Membership:
    return _member(organization, "bob", Role.CSM)


@pytest.fixture
def farah(organization: Organization) -> Membership:
    return _member(organization, "farah", Role.FINANCE)


@pytest.fixture
def rita(organization: Organization) -> Membership:
    return _member(organization, "rita", Role.VIEWER)


@pytest.fixture
def mallory(db: None) -> Membership:
    return _member(OrganizationFactory(name="Elsewhere", slug="elsewhere"), "mallory", Role.ADMIN)


@pytest.fixture
def client_for() -> Callable[[Membership], Client]:
    """A browser signed in as the member."""

    def make(member: Membership) -> Client:
        client = Client()
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["organization_id"] = member.organization_id
        session.save()
        return client

    return make


@pytest.fixture
def api_for() -> Callable[..., APIClient]:
    """An integration with a key of the member."""

    def make(member: Membership, *, read_only: bool = False) -> APIClient:
        key = ApiKeyFactory(membership=member, scope=KeyScope.READ if read_only else KeyScope.READ_WRITE)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {key.secret}")
        return client

    return make
