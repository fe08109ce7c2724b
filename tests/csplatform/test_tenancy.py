"""One organisation's rows, and nobody else's."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from csplatform.models import Job, Organization, Team
from csplatform.tenancy import (
    DOORS,
    every_organization,
    organization_scope,
    scoped_stream,
    tenant_models,
    wall_problems,
)
from tests.factories.csplatform import JobFactory, OrganizationFactory, TeamFactory

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="row-level security is PostgreSQL's; the suite runs there too"
)


def data_version(organization: Organization) -> int:
    return Organization.objects.values_list("data_version", flat=True).get(pk=organization.pk)


@pytest.mark.django_db
def test_a_write_scope_raises_the_data_version_once() -> None:
    organization, other = OrganizationFactory(), OrganizationFactory()

    with organization_scope(organization, write=True):
        TeamFactory(organization=organization)
        TeamFactory(organization=organization)

    assert data_version(organization) == 1
    assert data_version(other) == 0


@pytest.mark.django_db
def test_reading_and_untouched_writes_leave_the_data_version() -> None:
    organization = OrganizationFactory()

    with organization_scope(organization, write=False):
        list(organization.teams.all())
    with organization_scope(organization, write=True, touch=False):
        JobFactory(organization=organization)

    assert data_version(organization) == 0


@pytest.mark.django_db
def test_a_failed_write_scope_writes_nothing() -> None:
    organization = OrganizationFactory()

    def write_and_fail() -> None:
        with organization_scope(organization, write=True):
            TeamFactory(organization=organization)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert organization.teams.count() == 0
    assert data_version(organization) == 0


@pytest.mark.django_db
def test_a_scope_marked_for_rollback_writes_nothing_and_raises_nothing() -> None:
    organization = OrganizationFactory()

    with organization_scope(organization, write=True):
        TeamFactory(organization=organization)
        transaction.set_rollback(True)

    assert organization.teams.count() == 0


@pytest.mark.django_db
def test_opening_every_organisation_asks_for_a_reason() -> None:
    with pytest.raises(ValueError, match="Say why"), every_organization(write=False, why=""):
        pass


def test_every_model_with_an_organisation_is_behind_the_wall_or_a_door() -> None:
    labels = {model._meta.label for model in tenant_models()}

    assert {"csplatform.Team", "csplatform.Job", "csplatform.HistoricalMembership"} <= labels
    assert not labels & DOORS


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestTheWall:
    def test_it_stands(self) -> None:
        assert wall_problems() == []

    def test_raw_sql_outside_a_scope_sees_no_row(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            TeamFactory()

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM csplatform_team")
            assert cursor.fetchone() == (0,)

    def test_raw_sql_in_a_scope_sees_its_organisation_only(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            mine, theirs = TeamFactory(), TeamFactory()

        with organization_scope(mine.organization, write=False), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM csplatform_team")
            assert cursor.fetchall() == [(mine.pk,)]
            cursor.execute("SELECT count(*) FROM csplatform_team WHERE id = %s", [theirs.pk])
            assert cursor.fetchone() == (0,)

    def test_nothing_can_be_written_for_another_organisation(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            mine, theirs = OrganizationFactory(), TeamFactory()

        with pytest.raises(DatabaseError, match="row-level security"), organization_scope(mine, write=True):
            Team.objects.create(organization=theirs.organization, name="Planted")
        with organization_scope(mine, write=True):
            assert Team.objects.filter(pk=theirs.pk).update(name="Taken") == 0
            assert Team.objects.filter(pk=theirs.pk).delete()[0] == 0

    def test_the_setting_is_gone_after_success_and_after_failure(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            team = TeamFactory()

        with organization_scope(team.organization, write=False):
            assert Team.objects.count() == 1
        assert Team.objects.count() == 0
        with pytest.raises(ZeroDivisionError), organization_scope(team.organization, write=True):
            1 / 0  # noqa: B018
        assert Team.objects.count() == 0

    def test_an_inner_scope_puts_the_outer_one_back(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            mine, theirs = TeamFactory(), TeamFactory()

        with organization_scope(mine.organization, write=True):
            with organization_scope(theirs.organization, write=True):
                assert list(Team.objects.all()) == [theirs]
            assert list(Team.objects.all()) == [mine]

    def test_a_read_scope_refuses_writes(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            organization = OrganizationFactory()

        with pytest.raises(DatabaseError, match="read-only"), organization_scope(organization, write=False):
            Team.objects.create(organization=organization, name="No")

    def test_a_job_of_nobody_is_seen_by_nobody(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            JobFactory(organization=None)
            organization = OrganizationFactory()

        with organization_scope(organization, write=False):
            assert Job.objects.count() == 0
        with every_organization(write=False, why="a test looks"):
            assert Job.objects.count() == 1

    def test_a_stream_enters_its_own_scope(self) -> None:
        with every_organization(write=True, why="a test arranges"):
            team = TeamFactory()

        rows = scoped_stream(team.organization, lambda: (each.name for each in Team.objects.all()))

        assert list(rows) == [team.name]
