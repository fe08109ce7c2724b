"""What is stored of every customer and may go with leaving: columns for the lab, and what is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from accounts.enums import AccountStatus, CustomFieldKind
from accounts.models import CustomField
from csplatform.formatting import number
from csplatform.models import Organization
from health.lab.backtest import Flags
from health.lab.facts import Fact, Figures, texts_of, useless

MOST_TEXTS = 50
"""Different texts beyond which free text is names or prose."""
OWN_TEXTS = {
    "segment": "Segment",
    "size": "Size",
    "region": "Region",
    "industry": "Industry",
    "lead_source": "Lead source",
}
OWN_FIGURES = {"seats": "Seats", "contract_term_months": "Contract term in months"}
NEVER_LOOKED_AT = (
    ("Status, churn date and reason, ARR", "they are what became of the customer"),
    ("Contract dates, owner, team and tags", "they change when a customer leaves, or because of it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """The columns, each with a value for each customer, in one order."""

    churned: Flags
    facts: list[Fact]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """What is not looked at, and why."""


def customer_facts(organization: Organization) -> CustomerFacts:
    """Every account that is not archived, with its own and the organisation's custom fields. Two queries."""
    names = ("status", "custom_fields", *OWN_TEXTS, *OWN_FIGURES)
    rows = list(organization.accounts.filter(archived_at=None).order_by("pk").values_list(*names))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    found: list[Fact] = [texts_of(label, columns[name]) for name, label in OWN_TEXTS.items()]
    found += [Figures(label=label, values=_figures(columns[name])) for name, label in OWN_FIGURES.items()]
    left_out = list(NEVER_LOOKED_AT)
    held: Sequence[dict[str, Any]] = columns["custom_fields"]
    for each in organization.custom_fields.in_use():
        made = _of_custom_field(each, [values.get(each.key) for values in held])
        if isinstance(made, str):
            left_out.append((each.name, made))
        else:
            found += made
    facts = []
    for fact in found:
        why = useless(fact)
        if why:
            left_out.append((fact.label, why))
        else:
            facts.append(fact)
    churned = np.array([status == AccountStatus.CHURNED for status in columns["status"]], dtype=bool)
    return CustomerFacts(churned=churned, facts=facts, left_out=left_out)


def _of_custom_field(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    """Its columns, or why there are none."""
    read = _READERS.get(CustomFieldKind(own.kind))
    return read(own, values) if read else f"a {own.get_kind_display().lower()} is no measure without days"


def _of_number(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    return [Figures(label=own.name, values=_figures(values))]


def _of_boolean(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    words = {True: "Yes", False: "No"}
    return [texts_of(own.name, [words.get(value) if isinstance(value, bool) else None for value in values])]


def _of_text(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    texts = _texts(values)
    count = len(set(texts) - {None})
    if count > MOST_TEXTS:
        return f"{number(count)} different texts, more than can be compared"
    return [texts_of(own.name, texts)]


def _of_choice(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    return [texts_of(own.name, _texts(values))]


def _of_choices(own: CustomField, values: Sequence[Any]) -> list[Fact] | str:
    """Each of the list as yes or no; who has none of them at all is not known to have said anything."""
    return [
        texts_of(
            f"{own.name}: {choice}",
            [("Yes" if choice in value else "No") if isinstance(value, list) else None for value in values],
        )
        for choice in own.choices
    ]


_READERS: dict[CustomFieldKind, Callable[[CustomField, Sequence[Any]], list[Fact] | str]] = {
    CustomFieldKind.NUMBER: _of_number,
    CustomFieldKind.BOOLEAN: _of_boolean,
    CustomFieldKind.TEXT: _of_text,
    CustomFieldKind.CHOICE: _of_choice,
    CustomFieldKind.MULTI_CHOICE: _of_choices,
}


def _figures(values: Sequence[Any]) -> np.ndarray:
    """Numbers; anything else is missing."""
    return np.array(
        [float(each) if isinstance(each, int | float) and not isinstance(each, bool) else np.nan for each in values],
        dtype=np.float64,
    )


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [each if isinstance(each, str) else None for each in values]
