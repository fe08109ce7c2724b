"""Marking a return filed, and taking that back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from billing.forms.documents import day_field


class PeriodForm(forms.Form):
    """Names a month, `2026-10`; the period that holds it is meant."""

    period = forms.RegexField(r"^[0-9]{4}-(0[1-9]|1[0-2])\Z", widget=forms.HiddenInput)


class FileForm(PeriodForm):
    filed_on = day_field("Filed on", required=True)
    reference = forms.CharField(label="ARN", max_length=40, required=False)

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="id_file_%s")


class UnfileForm(PeriodForm):
    reason = forms.CharField(label="Why it is not filed after all", max_length=255)

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="id_unfile_%s")
