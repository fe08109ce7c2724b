"""Taking everything along, leaving, and how long things are kept."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.exceptions import InvalidInput
from csplatform.jobs import execute
from csplatform.models import Membership, Organization, RetentionPolicy, User
from csplatform.services.organization_deletion import DeletionAsked, ask_for_deletion, call_off_deletion
from csplatform.services.organization_export import exported_fields, exported_models
from csplatform.services.retention import apply_retention
from csplatform.tenancy import tenant_models
from tests.factories.accounts import AccountFactory, ContactFactory, TagFactory
from tests.factories.csplatform import ApiKeyFactory, JobFactory, OrganizationFactory, TeamFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]


def furnish(member: Membership) -> None:
    """A little of everything, with rows that point at each other."""
    organization = member.organization
    account = AccountFactory(organization=organization, name=f"Account of {organization.slug}", owner=member.user)
    AccountFactory(organization=organization, archived_at=timezone.now(), merged_into=account)
    ContactFactory(account=account)
    engagement = EngagementFactory(account=account)
    FollowUpFactory(account=account, engagement=engagement)
    TicketFactory(account=account)
    account.account_tags.create(organization=organization, tag=TagFactory(organization=organization))
    TeamFactory(organization=organization)
    ApiKeyFactory(membership=member)
    view = member.saved_views.create(organization=organization, page="accounts", name="Mine")
    member.list_preferences.create(organization=organization, page="accounts", default_view=view)


# -- everything in one archive --------------------------------------------------------------------------


def test_the_archive_holds_every_table_and_nobody_elses_rows(
    client_for: ClientFor, amir: Membership, mallory: Membership
) -> None:
    furnish(amir)
    furnish(mallory)
    client = client_for(amir)

    client.post(reverse("csplatform:data_export"))
    export = amir.organization.full_exports.get()
    execute(export.job_id)
    page = client.get(reverse("csplatform:data"))
    content = b"".join(client.get(reverse("csplatform:data_download", args=[export.uuid])))

    archive = zipfile.ZipFile(io.BytesIO(content))
    accounts = list(csv.DictReader(io.TextIOWrapper(archive.open("accounts_account.csv"), encoding="utf-8")))
    people = archive.read("people.csv").decode()
    assert archive.testzip() is None
    assert {row["organization_id"] for row in accounts} == {str(amir.organization_id)}
    assert "Account of acme" in {row["name"] for row in accounts}
    assert amir.user.email in people
    assert all(b"elsewhere" not in archive.read(name) for name in archive.namelist())
    assert {f"{model._meta.db_table}.csv" for model in exported_models()} | {"people.csv"} == set(archive.namelist())
    assert b"Download" in page.content
    assert amir.notifications.get(kind="export_ready").title == "The export of everything is ready"
    assert amir.organization.exports.get(what="everything").is_complete is True


def test_no_secret_leaves_with_it() -> None:
    columns = {f"{model._meta.label}.{field.name}" for model in exported_models() for field in exported_fields(model)}

    assert not [name for name in columns if "token" in name or "secret" in name or "hash" in name]
    assert "csplatform.UploadPart" not in {model._meta.label for model in exported_models()}


def test_the_archive_is_for_admins_and_expires(client_for: ClientFor, amir: Membership, mona: Membership) -> None:
    client_for(amir).post(reverse("csplatform:data_export"))
    export = amir.organization.full_exports.get()
    execute(export.job_id)
    url = reverse("csplatform:data_download", args=[export.uuid])

    as_manager = client_for(mona).get(url).status_code
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        late = client_for(amir).get(url).status_code
        dropped = apply_retention(amir.organization, now=timezone.now())["archives"]
    export.refresh_from_db()

    assert (as_manager, late) == (403, 404)
    assert dropped > 0
    assert export.upload is None


# -- leaving -----------------------------------------------------------------------------------------------


def deletion_job(organization: Organization) -> int:
    return int(JobFactory(organization=organization, kind="delete_organization").pk)


def test_nothing_is_deleted_before_its_day(amir: Membership) -> None:
    furnish(amir)
    ask_for_deletion(organization=amir.organization, by=amir.user, typed_name="Acme Cloud")

    execute(deletion_job(amir.organization))

    assert amir.organization.accounts.count() == 2


def test_on_its_day_everything_goes_and_the_neighbours_stay(
    amir: Membership, alice: Membership, mallory: Membership
) -> None:
    furnish(amir)
    furnish(mallory)
    both = Membership.objects.create(organization=mallory.organization, user=alice.user)
    before = {
        model: model._base_manager.filter(organization=mallory.organization).count() for model in tenant_models()
    }
    organization_id, admin_id = amir.organization_id, amir.user_id
    ask_for_deletion(
        organization=amir.organization, by=amir.user, typed_name="Acme Cloud", now=timezone.now() - timedelta(days=15)
    )

    execute(deletion_job(amir.organization))

    left = {
        model._meta.label: count
        for model in [*tenant_models(), Membership]
        if (count := model._base_manager.filter(organization_id=organization_id).count())
    }
    assert left == {}
    assert not Organization.objects.filter(pk=organization_id).exists()
    assert not User.objects.filter(pk=admin_id).exists()
    assert User.objects.filter(pk=both.user_id).exists()  # she belongs elsewhere too
    assert before == {
        model: model._base_manager.filter(organization=mallory.organization).count() for model in tenant_models()
    }


def test_the_name_has_to_be_typed_and_once_is_enough(amir: Membership) -> None:
    with pytest.raises(InvalidInput):
        ask_for_deletion(organization=amir.organization, by=amir.user, typed_name="acme")
    ask_for_deletion(organization=amir.organization, by=amir.user, typed_name=" Acme Cloud ")
    with pytest.raises(DeletionAsked):
        ask_for_deletion(organization=amir.organization, by=amir.user, typed_name="Acme Cloud")

    assert amir.notifications.get().kind == "organization_deletion"


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_the_page_asks_warns_and_calls_off(client_for: ClientFor, amir: Membership) -> None:
    client, url = client_for(amir), reverse("csplatform:data_deletion")

    wrong = client.post(url, {"typed_name": "Other"})
    client.post(url, {"typed_name": "Acme Cloud"})
    warned = client.get(reverse("csplatform:data")).content.decode()
    client.post(url, {"cancel": "1"})

    assert wrong.status_code == 422
    assert "will be deleted on 4 Dec 2026" in warned  # the 20th of November and fourteen days
    assert amir.organization.deletion_requests.get().cancelled_by == amir.user
    assert "will be deleted on" not in client.get(reverse("csplatform:data")).content.decode()


def test_a_request_that_was_called_off_deletes_nothing(amir: Membership) -> None:
    furnish(amir)
    long_ago = timezone.now() - timedelta(days=30)
    ask_for_deletion(organization=amir.organization, by=amir.user, typed_name="Acme Cloud", now=long_ago)
    call_off_deletion(organization=amir.organization, by=amir.user)

    execute(deletion_job(amir.organization))

    assert amir.organization.accounts.count() == 2


# -- how long ------------------------------------------------------------------------------------------------


def test_what_is_past_its_days_goes_and_the_rest_stays(amir: Membership, mallory: Membership) -> None:
    organization, now = amir.organization, timezone.now()
    RetentionPolicy.objects.create(organization=organization, jobs_days=30, notifications_days=30, exports_days=None)
    for member in (amir, mallory):
        for days in (10, 40):
            at = now - timedelta(days=days)
            JobFactory(organization=member.organization, status=JobStatus.SUCCEEDED, finished_at=at)
            news = member.notifications.create(organization=member.organization, kind="job_finished", title="x")
            member.notifications.filter(pk=news.pk).update(created_at=at)
    organization.exports.create(what="a", filename="a.csv", format="csv")
    organization.exports.update(started_at=now - timedelta(days=5_000))

    apply_retention(organization, now=now)

    assert (organization.jobs.count(), amir.notifications.count(), organization.exports.count()) == (1, 1, 1)
    assert (mallory.organization.jobs.count(), mallory.notifications.count()) == (2, 2)


def test_a_job_that_something_tells_of_stays(amir: Membership) -> None:
    job = JobFactory(
        organization=amir.organization, status=JobStatus.SUCCEEDED, finished_at=timezone.now() - timedelta(days=999)
    )
    amir.organization.bulk_changes.create(action="archive", job=job, by=amir.user)

    apply_retention(amir.organization, now=timezone.now())

    assert amir.organization.jobs.count() == 1


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_the_timeline_of_who_left_long_ago_goes_where_that_is_wanted(amir: Membership) -> None:
    RetentionPolicy.objects.create(organization=amir.organization, churned_activity_days=30)
    for name, status, left in [
        ("Gone", "churned", "2026-10-01"),
        ("Just gone", "churned", "2026-11-01"),
        ("Here", "active", None),
    ]:
        account = AccountFactory(organization=amir.organization, name=name, status=status, churned_on=left)
        account.activities.create(organization=amir.organization, kind="note", title=name, occurred_at=timezone.now())

    apply_retention(amir.organization, now=timezone.now())

    assert sorted(amir.organization.activities.values_list("title", flat=True)) == ["Here", "Just gone"]


def test_days_are_set_on_the_page(client_for: ClientFor, amir: Membership, mona: Membership) -> None:
    client, url = client_for(amir), reverse("csplatform:data")

    too_few = client.post(url, {"jobs_days": "1"})
    client.post(url, {"jobs_days": "30", "exports_days": "", "notifications_days": "90"})

    policy = RetentionPolicy.objects.get(organization=amir.organization)
    assert too_few.status_code == 422
    assert (policy.jobs_days, policy.exports_days, policy.notifications_days) == (30, None, 90)
    assert client_for(mona).get(url).status_code == 403


def test_the_log_names_who_took_what(client_for: ClientFor, amir: Membership, rita: Membership) -> None:
    AccountFactory(organization=amir.organization)
    b"".join(client_for(rita).get(reverse("accounts:account_export") + "?status=active"))

    content = client_for(amir).get(reverse("csplatform:export_log")).content.decode()

    assert "Rita" in content
    assert "status: active" in content
    assert client_for(rita).get(reverse("csplatform:export_log")).status_code == 403


def test_one_request_is_open_at_a_time() -> None:
    organization, now = OrganizationFactory(), timezone.now()
    organization.deletion_requests.create(asked_at=now, due_at=now)

    with pytest.raises(IntegrityError):
        organization.deletion_requests.create(asked_at=now, due_at=now)
