"""Custom fields as forms: their definition, and each as a field of the account's form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import CustomFieldKind
from accounts.models import CustomField
from accounts.models.custom_field import FIELD_KEY_LENGTH, FIELD_NAME_LENGTH
from accounts.services.custom_fields import TEXT_LENGTH, BadCustomValue, stored_value

YES_NO = [("", "Unknown"), ("true", "Yes"), ("false", "No")]


class CustomFieldForm(forms.Form):
    """The definition of a custom field. Its kind and key are chosen once."""

    name = forms.CharField(max_length=FIELD_NAME_LENGTH)
    key = forms.CharField(
        max_length=FIELD_KEY_LENGTH,
        required=False,
        help_text="How the API and files call it: small letters, digits, underscores. Empty: made of the name.",
    )
    kind = forms.ChoiceField(choices=CustomFieldKind.choices, help_text="Neither key nor kind can be changed later.")
    choices = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 5}),
        help_text="One a line; for lists only. Values that accounts hold already stay.",
    )
    help_text = forms.CharField(max_length=255, required=False, label="Help", help_text="Shown under the field.")
    position = forms.IntegerField(
        min_value=0, max_value=10_000, required=False, help_text="The smallest comes first."
    )
    is_required = forms.BooleanField(
        required=False, label="Required", help_text="Asked when an account is made by hand or over the API."
    )

    def __init__(self, *args: Any, field: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field is not None:
            names = ["name", "help_text", "position", "is_required"]
            self.initial = {name: getattr(field, name) for name in names} | {"choices": "\n".join(field.choices)}
            del self.fields["key"], self.fields["kind"]
            if not field.has_choices:
                del self.fields["choices"]

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        facts = dict(self.cleaned_data)
        if "choices" in facts:
            facts["choices"] = facts["choices"].splitlines()
        if facts.get("position") is None:
            facts.pop("position", None)
        return facts


class CustomValueField(forms.CharField):
    """A value that the field's own reader checks; gives what is stored."""

    def __init__(self, field: CustomField, **kwargs: Any) -> None:
        super().__init__(
            label=field.name, help_text=field.help_text, required=field.is_required, **({"strip": True} | kwargs)
        )
        self.field = field

    def clean(self, value: object) -> Any:
        try:
            return stored_value(self.field, super().clean(value))
        except BadCustomValue as error:
            raise ValidationError(str(error).capitalize()) from error


def custom_name(field: CustomField) -> str:
    """What the form calls it."""
    return f"cf_{field.key}"


def custom_form_field(field: CustomField, value: Any) -> forms.Field:
    """A field of the account's form; a choice that is no longer offered is, to an account that holds it."""
    common: dict[str, Any] = {"label": field.name, "help_text": field.help_text, "required": field.is_required}
    held = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    offered = [(each, each) for each in dict.fromkeys([*field.choices, *held])]
    match field.kind:
        case CustomFieldKind.BOOLEAN:
            return forms.TypedChoiceField(
                choices=YES_NO, coerce=lambda text: text == "true", empty_value=None, **common
            )
        case CustomFieldKind.CHOICE:
            return forms.ChoiceField(choices=[("", "Unknown"), *offered], **common)
        case CustomFieldKind.MULTI_CHOICE:
            return forms.MultipleChoiceField(choices=offered, widget=forms.CheckboxSelectMultiple, **common)
        case CustomFieldKind.DATE:
            widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
            return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **common)
        case CustomFieldKind.NUMBER:
            return CustomValueField(field, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}))
        case CustomFieldKind.URL:
            return CustomValueField(field, widget=forms.TextInput({"type": "url", "autocomplete": "off"}))
        case _:
            return CustomValueField(field, max_length=TEXT_LENGTH)


def custom_initial(field: CustomField, value: Any) -> Any:
    """A stored value as the form shows it."""
    if field.kind == CustomFieldKind.BOOLEAN and value is not None:
        return "true" if value else "false"
    if field.kind == CustomFieldKind.DATE and value:
        return date.fromisoformat(value)
    return value
