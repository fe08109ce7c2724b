"""Prove that no foreign key crosses from one organisation into another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models
from django.db.models import F

from csplatform.models import Organization
from csplatform.tenancy import every_organization

SHOWN = 5  # keys named per relation


def organization_path(model: type[models.Model]) -> str | None:
    """The name of the model's own foreign key to its organisation, if it has one."""
    names = [field.name for field in _foreign_keys(model) if field.related_model is Organization]
    return "organization" if "organization" in names else None


def crossings() -> Iterator[tuple[str, list[int]]]:
    """Each relation that crosses, with the keys of the rows at fault.

    Row-level security does not check what a foreign key points at, and some keys have no constraint at all, so
    every one between tables of a tenant is compared here, history and many-to-many tables included.
    """
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        targets = [
            field.name
            for field in _foreign_keys(model)
            if field.related_model is not Organization and organization_path(field.related_model)
        ]
        if organization_path(model):
            pairs = [(f"{name}__organization", "organization") for name in targets]
        else:  # a bare join table: its two ends have to agree
            pairs = [(f"{name}__organization", f"{targets[0]}__organization") for name in targets[1:]]
        for one, other in pairs:
            rows = model._base_manager.exclude(**{f"{one}__isnull": True}).exclude(**{f"{other}__isnull": True})
            crossing = rows.exclude(**{one: F(other)}).order_by().values_list("pk", flat=True)
            if keys := list(crossing[:SHOWN]):
                yield f"{model._meta.label}.{one.removesuffix('__organization')}", keys


def _foreign_keys(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


class Command(BaseCommand):
    help = "Compare the organisation on both ends of every foreign key; exits non-zero where they differ."

    def handle(self, *args: Any, **options: Any) -> None:
        with every_organization(write=False, why="both ends of each key have to be seen"):
            found = sorted(crossings())
        for relation, keys in found:
            self.stderr.write(f"{relation}: rows {', '.join(map(str, keys))} point into another organisation.")
        if found:
            raise CommandError(f"{len(found)} relations cross organisations.")
        self.stdout.write(self.style.SUCCESS("No foreign key crosses organisations."))
