"""Bringing a file of rows, chosen or pasted as text; and putting right how it is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from csplatform.imports.enums import DateOrder
from csplatform.imports.registry import ImportKind, kinds
from csplatform.imports.unread import Guess, NewColumns
from csplatform.models import Import, Membership
from csplatform.permissions import can
from csplatform.services.imports import PreviewChoices

FILE_ENDINGS = (".csv", ".tsv", ".txt")
MOST_PASTED = 5_000_000
PASTED_NAME = "pasted.csv"


NOT_READ = "Not read"
LEFT_OUT = "Left out"


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

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(kind.name, kind.label) for kind in kinds() if can(member, kind.permission)]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        # Who does not say brings what most files are: accounts and their days.
        field.choices, field.initial, field.required = offered, offered[0][0] if offered else "", False
        if len(offered) == 1:
            field.widget = forms.HiddenInput()

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or str(self.fields["kind"].initial)

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


class PreviewForm(forms.Form):
    """What each column of a file means, and how its rows are taken."""

    date_order = forms.ChoiceField(label="Dates with slashes", choices=DateOrder.choices)
    strict = forms.BooleanField(
        label="All or nothing", required=False, help_text="One bad row, and no row is written."
    )

    def __init__(self, data: QueryDict | None = None, *, of: Import, kind: ImportKind) -> None:
        super().__init__(data, initial={"date_order": of.date_order, "strict": of.strict})
        self.columns_known = kind.columns_of(of.organization)
        self.found = of.preview.get("columns", [])
        choices = [("", NOT_READ), *((column.name, column.name) for column in self.columns_known.columns)]
        for place, found in enumerate(self.found):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=f"What the column “{found['heading']}” means",
                choices=choices,
                required=False,
                initial=found["column"],
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )

    def columns(self) -> list[tuple[dict[str, str], forms.BoundField]]:
        """Each heading that was found, with the select for its meaning."""
        return [(found, self[f"column-{place}"]) for place, found in enumerate(self.found)]

    def mapping(self) -> dict[str, str | None]:
        """What was chosen otherwise than the headings say."""
        chosen = {found["heading"]: self.cleaned_data[f"column-{place}"] for place, found in enumerate(self.found)}
        return {
            heading: name or None
            for heading, name in chosen.items()
            if name != (self.columns_known.named(heading) or "")
        }

    def choices(self) -> PreviewChoices:
        return PreviewChoices(
            mapping=self.mapping(),
            date_order=DateOrder(self.cleaned_data["date_order"]),
            strict=self.cleaned_data["strict"],
        )


class NewColumnsForm(forms.Form):
    """What becomes of each column of a file that is not read."""

    def __init__(self, data: QueryDict | None = None, *, of: Import, new_columns: NewColumns) -> None:
        super().__init__(data)
        self.unread: list[Guess] = of.preview.get("unread", [])
        for place, guess in enumerate(self.unread):
            offered = [
                (kind, label)
                for kind, label in new_columns.kinds
                if kind not in new_columns.listing or guess["choices"]
            ]
            self.fields[f"new-{place}"] = forms.ChoiceField(
                label=f"What the column “{guess['heading']}” becomes",
                choices=[("", LEFT_OUT), *offered],
                required=False,
                initial=guess["kind"],
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )

    def columns(self) -> list[tuple[Guess, forms.BoundField]]:
        """Each column with the select for what it becomes."""
        return [(guess, self[f"new-{place}"]) for place, guess in enumerate(self.unread)]

    def chosen(self) -> list[Guess]:
        """Those that are to be made, each of the kind that was picked."""
        picked = [(guess, self.cleaned_data[f"new-{place}"]) for place, guess in enumerate(self.unread)]
        return [{**guess, "kind": kind} for guess, kind in picked if kind]
