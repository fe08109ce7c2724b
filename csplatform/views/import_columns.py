"""The data dictionary of imports."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from csplatform.imports.dictionary import data_dictionary
from csplatform.views.base import OrganizationView


class ImportColumnsView(OrganizationView, TemplateView):
    """Every column of every kind: how files may call it, what its cells may hold, where it goes."""

    template_name = "csplatform/imports/import_columns.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kinds=data_dictionary(self.request.organization), **kwargs)
