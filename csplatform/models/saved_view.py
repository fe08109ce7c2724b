"""How people arrange lists: views they saved, views they pinned, and how they like each list."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from csplatform.enums import Density, ViewVisibility
from csplatform.models.base import TimestampedModel
from csplatform.querysets import SavedViewQuerySet

VIEW_NAME_LENGTH = 80
QUERY_LENGTH = 2_000


class SavedView(TimestampedModel):
    """A name over a list's filters, sorting and columns."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="saved_views")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey("csplatform.Membership", on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    """The name that the list is registered under."""
    name = models.CharField(max_length=VIEW_NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH, blank=True)
    """Filters and sorting as in an address, in one order; see `csplatform.lists.queries`."""
    columns = models.JSONField(default=list, blank=True)
    """Names of columns in their order; empty means the usual ones."""
    visibility = models.CharField(max_length=12, choices=ViewVisibility, default=ViewVisibility.PRIVATE)
    team = models.ForeignKey("csplatform.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """Whose it is to see where that is a team; without one only its owner sees it."""

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_once_per_page"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
            models.CheckConstraint(
                condition=Q(visibility__in=ViewVisibility.values), name="saved_view_visibility_known"
            ),
        ]
        indexes = [models.Index(fields=["organization", "page"], name="saved_view_of_page")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.visibility != ViewVisibility.PRIVATE

    @property
    def parameters(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def address(self) -> str:
        """The query string that opens it as it was saved."""
        return f"?view={self.uuid}" + (f"&{self.query}" if self.query else "")

    def get_absolute_url(self) -> str:
        return reverse("csplatform:saved_view_open", args=[self.uuid])


class SavedViewPin(models.Model):
    """A view in somebody's sidebar."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey("csplatform.Membership", on_delete=models.CASCADE, related_name="pins")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="pins")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["membership", "view"], name="saved_view_pinned_once")]

    def __str__(self) -> str:
        return f"{self.view} of {self.membership}"


class ListPreference(models.Model):
    """How one member likes one list: its columns, its rows' height, and the view it opens with."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey("csplatform.Membership", on_delete=models.CASCADE, related_name="list_preferences")
    page = models.CharField(max_length=40)
    columns = models.JSONField(default=list, blank=True)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    default_view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["page", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "page"], name="list_preference_once_per_page"),
            models.CheckConstraint(condition=Q(density__in=Density.values), name="list_preference_density_known"),
        ]

    def __str__(self) -> str:
        return f"{self.page} of {self.membership}"
