"""What finance chooses before subscriptions are billed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from billing.forms.documents import day_field
from billing.services.billable import BillingChoice
from csplatform.periods import LONGEST_CUSTOM_DAYS, Window, add_months, month_end, month_start

MONTHS_OFFERED = (1, 0, -1, -2, -3)
"""Next month down to three months ago."""
ISSUE, DRAFTS = "issue", "drafts"


class BillingRunForm(forms.Form):
    """Which intervals, and how. A month, or any days; what is left out is the usual."""

    month = forms.ChoiceField(label="Intervals that begin in", required=False)
    start = day_field("From", help_text="Instead of a month.")
    end = day_field("To")
    how = forms.ChoiceField(
        choices=[(ISSUE, "Issue them at once"), (DRAFTS, "Write drafts to look at first")],
        label="Invoices",
        required=False,
    )
    issue_date = day_field("Dated", help_text="The first day each bills unless given; today where that lies ahead.")
    includes_disputed = forms.BooleanField(label="Also customers who dispute an invoice", required=False)

    def __init__(self, *args: Any, today: date, currencies: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        month = self.fields["month"]
        assert isinstance(month, forms.ChoiceField)  # noqa: S101 -- declared so above
        months = [add_months(month_start(today), ahead) for ahead in MONTHS_OFFERED]
        month.choices = [(f"{each:%Y-%m}", f"{each:%B %Y}") for each in months]
        month.initial = f"{today:%Y-%m}"
        self.currencies = sorted(currencies)
        for currency in self.currencies:
            self.fields[f"rate_{currency}"] = forms.DecimalField(
                label=f"Rupees for one {currency}",
                required=False,
                max_digits=14,
                decimal_places=6,
                min_value=Decimal("0.000001"),
                help_text="Each subscription's own rate unless given.",
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if (start is None) != (end is None) and not {"start", "end"} & set(self.errors):
            self.add_error("end" if start else "start", "Give both days, or neither.")
        elif start and end and end < start:
            self.add_error("end", "The last day must not be before the first.")
        elif start and end and Window(start, end).length > LONGEST_CUSTOM_DAYS:
            self.add_error("end", f"Bill at most {LONGEST_CUSTOM_DAYS} days at once.")
        return data

    def choice(self) -> BillingChoice:
        """What the service takes."""
        data = self.cleaned_data
        if data["start"]:
            window = Window(data["start"], data["end"])
        else:
            first = date.fromisoformat(f"{data['month'] or f'{self.today:%Y-%m}'}-01")
            window = Window(first, month_end(first))
        rates = {currency: data.get(f"rate_{currency}") for currency in self.currencies}
        return BillingChoice(
            window=window,
            as_drafts=data["how"] == DRAFTS,
            issue_date=data["issue_date"],
            includes_disputed=data["includes_disputed"],
            exchange_rates={currency: rate for currency, rate in rates.items() if rate},
        )
