"""A draft of a scorecard as one form: a row for each signal it may have, its guards and an empty one more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from accounts.enums import Segment
from csplatform.models import Organization
from health.models import Scorecard
from health.models.scorecard import NAME_LENGTH, NOTE_LENGTH
from health.scoring.guard_checks import MOST_CONDITIONS, MOST_GUARDS, TEXT_LENGTH
from health.scoring.guards import Comparison, Effect
from health.scoring.measures import MEASURES
from health.scoring.signal_checks import catalogue
from health.services.scorecard_versions import LAST_PRIORITY

NUMBER = {"step": "any", "class": "form-control form-control-sm"}
SELECT = {"class": "form-select form-select-sm"}
TEXT = {"class": "form-control form-control-sm"}
EFFECTS = [(Effect.CAP.value, "Cap at"), (Effect.FLOOR.value, "Raise to")]


def _number(label: str) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput(NUMBER))


class SignalForm(forms.Form):
    """Weight and curve of one signal; without a weight it is left out."""

    max_points = _number("Weight")
    worst = _number("Worst")
    best = _number("Best")


class ConditionForm(forms.Form):
    measure = forms.ChoiceField(
        label="Measure",
        required=False,
        choices=[("", "–"), *((measure.key, measure.label) for measure in MEASURES.values())],
        widget=forms.Select(SELECT),
    )
    comparison = forms.ChoiceField(
        label="Comparison",
        required=False,
        choices=[(each.value, each.words) for each in Comparison],
        widget=forms.Select(SELECT),
    )
    value = _number("Value")


class GuardForm(forms.Form):
    """One guard; `position` is where it counts, `remove` takes it away."""

    effect = forms.ChoiceField(label="Effect", choices=EFFECTS, required=False, widget=forms.Select(SELECT))
    score = _number("Score")
    text = forms.CharField(label="Why", max_length=TEXT_LENGTH, required=False, widget=forms.TextInput(TEXT))
    position = forms.IntegerField(label="Order", required=False, widget=forms.NumberInput({**NUMBER, "step": 1}))
    remove = forms.BooleanField(label="Remove", required=False)


class AudienceForm(forms.Form):
    """Of which segments' accounts it is the health, and what comes first where two scorecards are for one."""

    segments = forms.MultipleChoiceField(
        label="Segments",
        choices=Segment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
    )
    priority = forms.IntegerField(
        label="Priority",
        required=False,
        min_value=1,
        max_value=LAST_PRIORITY,
        initial=1,
        widget=forms.NumberInput({**NUMBER, "step": 1}),
        help_text="Where two scorecards are for one segment, the lower number counts.",
    )

    def facts(self) -> dict[str, Any]:
        """What the services take."""
        return {"segments": self.cleaned_data["segments"], "priority": self.cleaned_data["priority"] or 1}


class NewScorecardForm(AudienceForm):
    """Another scorecard, copied from one of those that are live."""

    name = forms.CharField(max_length=NAME_LENGTH, help_text="For instance “Enterprise accounts”.")
    source = forms.ModelChoiceField(
        label="Begins as a copy of",
        queryset=Scorecard.objects.none(),
        to_field_name="uuid",
        empty_label=None,
        help_text="Its signals, weights, curves and guards; change them before you publish.",
    )
    field_order = ("name", "source", "segments", "priority")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        assert isinstance(source, forms.ModelChoiceField)  # noqa: S101 -- declared so above
        source.queryset = organization.scorecards.published().order_by("-is_primary", "key")

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "name": self.cleaned_data["name"], "source": self.cleaned_data["source"]}


@dataclass(frozen=True, slots=True)
class SignalFields:
    row: Mapping[str, Any]
    form: SignalForm
    share: float | None
    """Its part of all weight as stored, in percent."""

    @property
    def hint(self) -> str:
        """In what its values are given."""
        measure = MEASURES.get(str(self.row["key"]))
        unit = self.row.get("unit") or (measure.unit if measure else "")
        words = {"rate": "from 0 to 1", "percent": "in percent", "user": "no best value: the account’s seats"}
        return words.get(unit, "")


@dataclass(frozen=True, slots=True)
class GuardFields:
    form: GuardForm
    conditions: list[ConditionForm]
    is_new: bool

    @property
    def is_blank(self) -> bool:
        """Nothing was typed into it."""
        cleaned = self.form.cleaned_data
        typed = cleaned.get("text") or cleaned.get("score") is not None
        return self.is_new and not typed and not any(each.cleaned_data.get("measure") for each in self.conditions)


class ScorecardForm:
    """What a draft holds, or what was posted instead."""

    def __init__(self, draft: Scorecard, data: QueryDict | None = None) -> None:
        self.draft, self.data = draft, data
        self.problems: list[str] = []
        note = {"class": "form-control"}
        self.note = forms.CharField(max_length=NOTE_LENGTH, required=False, widget=forms.TextInput(note))
        self.note_value = draft.note if data is None else data.get("note", "")
        self.audience = AudienceForm(data, initial={"segments": draft.segments, "priority": draft.priority})
        self.signals = list(self._signals())
        self.guards = list(self._guards())

    def is_valid(self) -> bool:
        """Whether everything typed is of its kind; what it adds up to is the service's to judge."""
        self.problems = [
            f"{label}: {sentence}"
            for label, form in self._forms()
            if not form.is_valid()
            for sentence in _sentences(form.errors)
        ]
        return not self.problems

    def facts(self) -> dict[str, Any]:
        """What `edit_draft` takes."""
        signals = [
            {"key": each.row["key"], **each.form.cleaned_data}
            for each in self.signals
            if each.form.cleaned_data["max_points"]
        ]
        kept = [each for each in self.guards if not each.form.cleaned_data["remove"] and not each.is_blank]
        kept.sort(key=lambda each: each.form.cleaned_data["position"] or MOST_GUARDS + 1)
        return {
            "signals": signals,
            "guards": [_guard(each) for each in kept],
            "note": self.note_value,
            **self.audience.facts(),
        }

    def _forms(self) -> Iterator[tuple[str, forms.Form]]:
        yield "For which accounts", self.audience
        for signal in self.signals:
            yield str(signal.row["label"]), signal.form
        for at, guard in enumerate(self.guards, 1):
            for form in (guard.form, *guard.conditions):
                yield f"Guard {at}", form

    def _signals(self) -> Iterator[SignalFields]:
        stored = {row["key"]: row for row in self.draft.signals}
        total = sum(row["max_points"] for row in stored.values())
        for key, row in catalogue(self.draft.kind).items():
            held = stored.get(key)
            initial = held or {**row, "max_points": 0}
            form = SignalForm(self.data, prefix=key, initial=initial)
            yield SignalFields(row, form, 100 * held["max_points"] / total if held else None)

    def _guards(self) -> Iterator[GuardFields]:
        held = list(self.draft.guards)
        for at in range(min(len(held) + 1, MOST_GUARDS)):
            row = held[at] if at < len(held) else None
            initial = {**row, "position": at + 1} if row else {"position": at + 1}
            conditions = row["conditions"] if row else []
            yield GuardFields(
                GuardForm(self.data, prefix=f"guard-{at}", initial=initial),
                [
                    ConditionForm(
                        self.data,
                        prefix=f"guard-{at}-{place}",
                        initial=conditions[place] if place < len(conditions) else {},
                    )
                    for place in range(min(max(len(conditions) + 1, 2), MOST_CONDITIONS))
                ],
                is_new=row is None,
            )


def _guard(fields: GuardFields) -> dict[str, Any]:
    cleaned = fields.form.cleaned_data
    return {
        "conditions": [dict(each.cleaned_data) for each in fields.conditions if each.cleaned_data["measure"]],
        "effect": cleaned["effect"],
        "score": cleaned["score"],
        "text": cleaned["text"],
    }


def _sentences(errors: ErrorDict) -> Iterator[str]:
    for sentences in errors.values():
        yield from (str(sentence) for sentence in sentences)
