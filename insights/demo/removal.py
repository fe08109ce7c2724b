"""Taking the demo away: its organisations with everything of theirs, and its people where nobody else needs them."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef

from csplatform.models import Membership, Organization, User
from csplatform.models.membership import Invitation
from insights.demo import data


def demo_organizations() -> models.QuerySet[Organization]:
    return Organization.objects.filter(is_demo=True)


@transaction.atomic
def remove_demo() -> tuple[int, int]:
    """Delete the demo for good; returns how many organisations and users went.

    PERFORMANCE: one DELETE a table. Django's own cascade would load every account and write a last line of
    history for each; the foreign keys are checked at the end of the transaction, so the order does not matter.
    """
    keys = list(demo_organizations().values_list("pk", flat=True))
    if not keys:
        return 0, 0
    Invitation.teams.through.objects.filter(invitation__organization__in=keys).delete()
    for model in _owned_models():
        _delete_rows(model, "organization_id", keys)
    _delete_rows(Organization.history.model, "id", keys)
    _delete_rows(Organization, "id", keys)
    elsewhere = Membership.objects.filter(user=OuterRef("pk"))
    people = User.objects.filter(email__in=[person.email for person in data.EVERYBODY]).exclude(Exists(elsewhere))
    gone = people.count()
    people.delete()
    return len(keys), gone


def _owned_models() -> Iterator[type[models.Model]]:
    """Every table with rows of an organisation, history and join tables among them."""
    for model in apps.get_models(include_auto_created=True):
        fields = model._meta.local_concrete_fields
        if model._meta.managed and any(field.column == "organization_id" for field in fields):
            yield model


def _delete_rows(model: type[models.Model], column: str, keys: list[int]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {column} IN ({marks})", keys)  # noqa: S608 -- model names
