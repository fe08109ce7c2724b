"""What our forms share: refusals of a service at the field they are about, and the list of time zones."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, QueryDict

from csplatform.exceptions import DomainError
from csplatform.models import Organization


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty post is an answer too, and a wrong one."""
    return request.POST if request.method == "POST" else None


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Show a service's refusal in the form: at the field it names, else above the form."""
    named = {field: sentences for field, sentences in (error.errors or {}).items() if field in form.fields}
    if not named:
        form.add_error(None, error.message)
    for field, sentences in named.items():
        form.add_error(field, sentences)


@cache
def timezone_choices() -> tuple[tuple[str, str], ...]:
    """Places of the time zone database by name; its technical aliases (Etc/GMT+5, EST5EDT) are left out."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return (("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(places)))


class TimezoneField(forms.ChoiceField):
    """A select of time zones; `blank` is the label of the empty choice, where empty means something."""

    def __init__(self, *, blank: str = "", label: str = "Time zone", help_text: str = "") -> None:
        empty = (("", blank),) if blank else ()
        super().__init__(
            choices=lambda: (*empty, *timezone_choices()),
            required=not blank,
            label=label,
            help_text=help_text,
            error_messages={"invalid_choice": "Choose a time zone from the list."},
        )


class NewPasswordField(forms.CharField):
    """A password that is being chosen. Managers may fill it in, spaces count."""

    def __init__(self, *, label: str = "Password", help_text: str = "At least ten characters.") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            strip=False,
            max_length=256,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )


class PersonNameField(forms.CharField):
    """A person's name on one line."""

    def __init__(self, *, label: str = "Your name") -> None:
        super().__init__(label=label, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def clean(self, value: object) -> str:
        return " ".join(str(super().clean(value)).split())


class TeamsField(forms.ModelMultipleChoiceField):
    """Any number of the organisation's teams, as boxes to tick."""

    def __init__(self, organization: Organization) -> None:
        super().__init__(
            queryset=organization.teams.all(),
            required=False,
            label="Teams",
            to_field_name="uuid",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choose teams from the list."},
        )
