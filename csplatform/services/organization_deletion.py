"""Leaving: an organisation asks to be deleted, waits, may change its mind, and then goes in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from csplatform.exceptions import DomainError, InvalidInput
from csplatform.formatting import date_text
from csplatform.jobs import JobRun
from csplatform.models import ApiKey, DeletionRequest, Job, Membership, Organization, User
from csplatform.services.notification import notify
from csplatform.tenancy import every_organization, tenant_models

PIECE = 2_000


class DeletionAsked(DomainError):
    code = "deletion_asked"
    message = "The organisation is to be deleted already."


class NoDeletionAsked(DomainError):
    code = "no_deletion_asked"
    message = "Nobody has asked for the organisation to be deleted."


def open_request(organization: Organization) -> DeletionRequest | None:
    return organization.deletion_requests.filter(cancelled_at=None).first()


@transaction.atomic
def ask_for_deletion(
    *, organization: Organization, by: User, typed_name: str, now: datetime | None = None
) -> DeletionRequest:
    """Have the organisation deleted when the waiting time is over; every admin is told."""
    if typed_name.strip() != organization.name:
        sentence = "Type the organisation's name exactly as it is written."
        raise InvalidInput(sentence, errors={"typed_name": [sentence]})
    if open_request(organization) is not None:
        raise DeletionAsked
    now = now or timezone.now()
    due = now + timedelta(days=settings.DELETION_WAITING_DAYS)
    request = DeletionRequest.objects.create(organization=organization, asked_by=by, asked_at=now, due_at=due)
    day = date_text(due.astimezone(organization.zone).date())
    _tell_admins(
        organization, title=f"{organization} will be deleted on {day}", text=f"{by.display_name} asked for it."
    )
    return request


@transaction.atomic
def call_off_deletion(*, organization: Organization, by: User, now: datetime | None = None) -> None:
    """Stay; every admin is told."""
    request = open_request(organization)
    if request is None:
        raise NoDeletionAsked
    request.cancelled_at, request.cancelled_by = now or timezone.now(), by
    request.save(update_fields=["cancelled_at", "cancelled_by"])
    _tell_admins(organization, title=f"{organization} stays", text=f"{by.display_name} called the deletion off.")


def _tell_admins(organization: Organization, *, title: str, text: str) -> None:
    admins = [member.user for member in organization.memberships.active().admins().select_related("user")]
    url = "/dashboard/settings/data"
    notify(organization=organization, to=admins, kind="organization_deletion", title=title, text=text, url=url)


def run_deletion(run: JobRun) -> None:
    """The nightly job: nothing, until the day has come; then every row, a piece a transaction, the job itself last.

    A killed run goes on with what is left."""
    organization = run.organization
    with every_organization(write=False, why="an organisation's own request is looked at"):
        request = open_request(organization)
    if request is None or request.due_at > timezone.now():
        run.finish({"deleted": 0})
        return
    deleted = 0
    for model, field in _emptying_order():
        while True:
            with run.chunk(touch=False, message=f"Deleting {model._meta.verbose_name_plural}"[:200]):
                count = _null_piece(model, field, organization) if field else _delete_piece(model, organization)
            deleted += count
            if not count:
                break
    with every_organization(write=True, why="an organisation ends, and with it its scope"):
        _delete_rest(organization)


def _emptying_order() -> Iterator[tuple[type[models.Model], Any]]:
    """Tables so that none is emptied before those that point at it, each with no field; where tables point at
    themselves or in a circle, first the table with a reference that may be empty, to be emptied itself."""
    left = [model for model in tenant_models() if model is not Job]
    pointing = {model: _references(model, left) for model in left}
    for model in left:
        for field in pointing[model]:
            if field.remote_field.model is model:
                yield model, field
        pointing[model] = [field for field in pointing[model] if field.remote_field.model is not model]
    while left:
        targets = {field.remote_field.model for model in left for field in pointing[model]}
        free = [model for model in left if model not in targets]
        for model in free:
            left.remove(model)
            yield model, None
        if not free:
            model, field = next((each, field) for each in left for field in pointing[each] if field.null)
            pointing[model].remove(field)
            yield model, field


def _references(model: type[models.Model], to: list[type[models.Model]]) -> list[Any]:
    fields = model._meta.concrete_fields
    return [field for field in fields if isinstance(field, models.ForeignKey) and field.remote_field.model in to]


def _delete_piece(model: type[models.Model], organization: Organization) -> int:
    """PERFORMANCE: one statement a piece, without Django's cascade, which would write a last history row for each."""
    rows = model._base_manager.filter(organization_id=organization.pk)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE])
    for field in model._meta.local_many_to_many:
        through: Any = field.remote_field.through
        if through._meta.auto_created and through not in tenant_models():
            joined = through._base_manager.filter(**{f"{field.m2m_field_name()}__in": keys})
            joined._raw_delete(joined.db)
    chosen = model._base_manager.filter(pk__in=keys)
    chosen._raw_delete(chosen.db)
    return len(keys)


def _null_piece(model: type[models.Model], field: Any, organization: Organization) -> int:
    rows = model._base_manager.filter(organization_id=organization.pk).exclude(**{field.attname: None})
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE])
    return model._base_manager.filter(pk__in=keys).update(**{field.attname: None})


def _delete_rest(organization: Organization) -> None:
    """Who could enter, the jobs, the organisation's own row, and logins that nobody else needs."""
    people = list(Membership.objects.filter(organization=organization).values_list("user_id", flat=True))
    for model in (ApiKey, Membership, Job):
        rows = model._base_manager.filter(organization_id=organization.pk)
        rows._raw_delete(rows.db)
    past = Organization.history.filter(id=organization.pk)
    past._raw_delete(past.db)
    itself = Organization._base_manager.filter(pk=organization.pk)
    itself._raw_delete(itself.db)
    elsewhere = Membership.objects.filter(user=OuterRef("pk"))
    User.objects.filter(pk__in=people, is_superuser=False).exclude(Exists(elsewhere)).delete()
