"""The administration: complete for whoever runs the installation, one organisation for everybody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from csplatform.enums import Role
from csplatform.models import ApiKey, Invitation, Job, Membership, Organization, Team, TeamMember, User
from csplatform.services.invitation import invite
from csplatform.services.team import create_team
from csplatform.tenant_admin import TenantAdmin
from tests.factories.csplatform import ApiKeyFactory, JobFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
OURS = ("csplatform", "accounts", "billing", "health", "playbooks", "insights")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]
CANARY = "Canary of Acme"


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def operator(db: None) -> Client:
    """Whoever runs the installation."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def canaries(amir: Membership) -> dict[type[Model], Model]:
    """A row of each kind in Acme, each with a word that nobody else may read."""
    alice = MembershipFactory(organization=amir.organization, user__name=CANARY)
    team = create_team(organization=amir.organization, name=CANARY, members=[alice])
    invitation, _ = invite(
        organization=amir.organization,
        email="canary@acme.example",
        role=Role.CSM,
        teams=[],
        by=alice.user,
        make_link=lambda token: token,
    )
    return {
        Organization: amir.organization,
        User: alice.user,
        Membership: alice,
        Team: team,
        TeamMember: team.team_members.get(),
        ApiKey: ApiKeyFactory(membership=alice, name=CANARY),
        Invitation: invitation,
        Job: JobFactory(organization=amir.organization, kind=CANARY),
    }


def test_every_model_of_ours_has_its_pages() -> None:
    missing = [
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label == "csplatform"
        and not model.__name__.startswith("Historical")
        and model not in MODELS
    ]

    assert missing == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_can_be_read_searched_and_filtered(
    operator: Client, client_for: ClientFor, amir: Membership, model: type[Model]
) -> None:
    assert isinstance(admin.site._registry[model], TenantAdmin)
    assert admin.site._registry[model].search_fields

    for client in (operator, client_for(amir)):
        assert client.get(page(model, "changelist")).status_code == 200
        assert client.get(page(model, "changelist"), {"q": "acme"}).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_admins_come_in(client_for: ClientFor, amir: Membership, role: Role) -> None:
    client = client_for(MembershipFactory(organization=amir.organization, role=role))

    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_the_way_in_is_the_products_own_login(client: Client, organization: Organization) -> None:
    answer = client.get(reverse("admin:login"), {"next": "/admin/csplatform/team/"})

    assert answer["Location"] == "/auth/login/?next=/admin/csplatform/team/"


def test_a_stranger_reads_no_word_of_another_organization(
    client_for: ClientFor, mallory: Membership, canaries: dict[type[Model], Model]
) -> None:
    client = client_for(mallory)
    leaks = []
    for model, row in canaries.items():
        for address in (
            page(model, "changelist"),
            page(model, "changelist") + "?q=canary",
            page(model, "change", row.pk),
            page(model, "history", row.pk),
            page(model, "delete", row.pk),
        ):
            text = client.get(address, follow=True).content.decode().lower()
            if "canary of acme" in text or "canary@acme" in text or "acme cloud" in text:
                leaks.append(address)

    assert leaks == []


def test_the_admin_of_the_organization_does_read_them(
    client_for: ClientFor, amir: Membership, canaries: dict[type[Model], Model]
) -> None:
    client = client_for(amir)

    for model, row in canaries.items():
        assert client.get(page(model, "change", row.pk)).status_code == 200


def test_whoever_runs_the_installation_reads_all(operator: Client, canaries: dict[type[Model], Model]) -> None:
    for model, row in canaries.items():
        assert operator.get(page(model, "change", row.pk)).status_code == 200


def test_a_foreign_key_never_points_elsewhere(
    client_for: ClientFor, mallory: Membership, canaries: dict[type[Model], Model]
) -> None:
    own = create_team(organization=mallory.organization, name="Hers")
    theirs = canaries[Membership]

    answer = client_for(mallory).post(
        page(TeamMember, "add"),
        {"team": own.pk, "membership": theirs.pk, "organization": mallory.organization_id},
    )

    assert answer.status_code == 200  # the form again, with its error
    assert not own.members.exists()


def test_a_row_is_not_put_into_another_organization(
    client_for: ClientFor, amir: Membership, mallory: Membership
) -> None:
    client_for(mallory).post(
        page(Team, "add"),
        {
            "organization": amir.organization_id,
            "name": "Planted",
            "team_members-TOTAL_FORMS": "0",
            "team_members-INITIAL_FORMS": "0",
        },
    )

    assert not Team.objects.filter(name="Planted").exists()


def test_an_admin_adds_rows_of_their_own(client_for: ClientFor, amir: Membership) -> None:
    client_for(amir).post(
        page(Team, "add"),
        {
            "organization": amir.organization_id,
            "name": "West",
            "team_members-TOTAL_FORMS": "0",
            "team_members-INITIAL_FORMS": "0",
        },
    )

    team = Team.objects.get(name="West")
    assert team.organization == amir.organization
    assert team.history.get().history_user == amir.user


def test_nobody_makes_themselves_master_of_the_installation(client_for: ClientFor, amir: Membership) -> None:
    client_for(amir).post(
        page(User, "change", amir.user_id),
        {"email": "boss@acme.example", "name": "Amir", "theme": "dark", "is_active": "on", "is_superuser": "on"},
    )

    amir.user.refresh_from_db()
    assert (amir.user.is_superuser, amir.user.email) == (False, "amir@acme.example")


def test_role_and_state_are_changed_on_the_members_page_alone(client_for: ClientFor, amir: Membership) -> None:
    """It minds the last admin; this one would not."""
    client_for(amir).post(page(Membership, "change", amir.pk), {"role": "viewer"})

    amir.refresh_from_db()
    assert (amir.role, amir.is_active) == (Role.ADMIN, True)


def test_secrets_are_on_no_page(operator: Client, amir: Membership) -> None:
    key = ApiKeyFactory(membership=amir)
    job = JobFactory(kind="send_mail", payload={"body": "https://keel.example/auth/password/reset/key/1-secret/"})

    texts = [operator.get(page(type(row), "change", row.pk)).content.decode() for row in (key, job)]

    assert key.hash not in texts[0]
    assert "1-secret" not in texts[1]


def test_keys_are_revoked_from_the_list(client_for: ClientFor, amir: Membership, alice: Membership) -> None:
    key = ApiKeyFactory(membership=alice)

    client_for(amir).post(page(ApiKey, "changelist"), {"action": "revoke", "_selected_action": [key.pk]})

    key.refresh_from_db()
    assert key.revoked_at is not None


def test_the_past_is_read_and_never_written_back(client_for: ClientFor, amir: Membership) -> None:
    team = create_team(organization=amir.organization, name="West")
    version = team.history.get().history_id
    team.name = "East"
    team.save()
    address = reverse("admin:csplatform_team_simple_history", args=[team.pk, version])
    client = client_for(amir)

    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "West", "organization": amir.organization_id}).status_code == 403

    team.refresh_from_db()
    assert team.name == "East"


def test_leaving_and_the_password_are_the_products_own(client_for: ClientFor, amir: Membership) -> None:
    client = client_for(amir)

    assert client.get(reverse("admin:password_change"))["Location"] == "/auth/password/change/"
    assert client.get(reverse("admin:logout"))["Location"] == "/auth/logout/"
    assert client.post(reverse("admin:logout"))["Location"] == "/auth/login/"
    assert client.get("/dashboard/settings").status_code == 302
