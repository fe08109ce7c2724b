"""Bringing a file of rows: chosen, or pasted as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from csplatform.imports.enums import DateOrder
from csplatform.imports.registry import kinds
from csplatform.models import Membership
from csplatform.permissions import can

FILE_ENDINGS = (".csv", ".tsv", ".txt")
MOST_PASTED = 5_000_000
PASTED_NAME = "pasted.csv"


class ImportForm(forms.Form):
    """What the import page asks."""

    kind = forms.ChoiceField(label="What is in the file")
    file = forms.FileField(label="File", required=False, allow_empty_file=True)
    text = forms.CharField(
        label="Or paste rows",
        required=False,
        strip=False,
        max_length=MOST_PASTED,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "font-monospace"}),
        help_text="With the headings in the first line; copied from a spreadsheet is fine.",
    )
    dry_run = forms.BooleanField(
        label="Dry run", required=False, help_text="Says what would happen and writes nothing."
    )
    strict = forms.BooleanField(
        label="All or nothing", required=False, help_text="One bad row, and no row is written."
    )
    date_order = forms.ChoiceField(
        label="Dates with slashes",
        choices=DateOrder.choices,
        initial=DateOrder.ISO,
        required=False,
        help_text="How to read 03/04/2026. Dates such as 2026-04-03 or 3 Apr 2026 are always understood.",
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(kind.name, kind.label) for kind in kinds() if can(member, kind.permission)]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = offered
        if len(offered) == 1:
            field.widget, field.initial, field.required = forms.HiddenInput(), offered[0][0], False

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or str(self.fields["kind"].initial)

    def clean_date_order(self) -> DateOrder:
        return DateOrder(self.cleaned_data["date_order"] or DateOrder.ISO)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and not (file.name or "").lower().endswith(FILE_ENDINGS):
            raise forms.ValidationError("Choose a file whose name ends in .csv, .tsv or .txt.")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "file" in self.errors or "text" in self.errors:
            return cleaned
        has_file, has_text = bool(cleaned.get("file")), bool((cleaned.get("text") or "").strip())
        if not has_file and not has_text:
            self.add_error("file", "Choose a file, or paste rows below.")
        elif has_file and has_text:
            self.add_error("text", "Choose a file or paste rows, not both.")
        return cleaned

    @property
    def filename(self) -> str:
        file: UploadedFile | None = self.cleaned_data["file"]
        return (file.name if file else "") or PASTED_NAME

    def blocks(self) -> Iterable[bytes]:
        """The bytes of what was handed in."""
        file: UploadedFile | None = self.cleaned_data["file"]
        return file.chunks() if file else [self.cleaned_data["text"].encode()]
