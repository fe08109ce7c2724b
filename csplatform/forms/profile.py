"""A person's own settings as forms."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from csplatform.enums import Theme
from csplatform.forms.base import PersonNameField, TimezoneField
from csplatform.models import User

FIELDS = ("name", "timezone", "theme")


class ProfileForm(forms.Form):
    """Name, clock and colours."""

    name = PersonNameField()
    timezone = TimezoneField(blank="As the organisation", help_text="Times of day are shown in this zone.")
    theme = forms.ChoiceField(label="Theme", choices=Theme.choices)

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        super().__init__(data, initial={name: getattr(user, name) for name in FIELDS})
        self.user = user

    def save(self) -> User:
        for name in FIELDS:
            setattr(self.user, name, self.cleaned_data[name])
        self.user.save(update_fields=[*FIELDS, "updated_at"])
        return self.user


class ThemeForm(forms.Form):
    """The quick switch in the page's head."""

    theme = forms.ChoiceField(choices=Theme.choices)
