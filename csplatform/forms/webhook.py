"""The form of a webhook."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict

from csplatform.enums import WebhookFormat
from csplatform.models import Webhook
from csplatform.models.webhook import URL_LENGTH
from csplatform.webhooks import webhook_events


class WebhookForm(forms.Form):
    """Where to, in which form, and what about."""

    url = forms.CharField(
        label="Address",
        max_length=URL_LENGTH,
        help_text="Begins with https://. For a chat, the address of its incoming webhook.",
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
    )
    format = forms.ChoiceField(label="It gets", choices=WebhookFormat.choices)
    events = forms.MultipleChoiceField(
        label="Told of",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )

    def __init__(self, data: QueryDict | None = None, *, webhook: Webhook | None = None) -> None:
        initial: dict[str, Any] = {"format": WebhookFormat.SIGNED, "events": ["alerts.raised"]}
        if webhook is not None:
            initial = {"url": webhook.url, "format": webhook.format, "events": webhook.events}
        super().__init__(data, initial=initial)
        self.fields["events"].choices = [  # type: ignore[attr-defined]
            (group, [(event.name, event.label) for event in events])
            for group, events in groupby(webhook_events().values(), key=lambda event: event.group)
        ]
